package io.retort.learn;

import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Whether two files hold the same weights, and where they differ most.
 *
 * @param identical bit for bit, under the same names
 * @param greatest  difference of two elements; infinite if the files hold different tensors
 * @param where     the tensor with the greatest difference, or the first that is in one file alone; else empty
 */
public record WeightComparison(boolean identical, double greatest, String where) {
    /** Compares two files of weights, tensor by tensor. */
    public static WeightComparison of(Path first, Path second) throws IOException {
        try (TensorFile a = TensorFile.open(first); TensorFile b = TensorFile.open(second)) {
            for (TensorInfo info : b.tensors().values()) {
                if (!info.equals(a.tensors().get(info.name()))) return different(info.name());
            }
            WeightComparison result = new WeightComparison(true, 0, "");
            for (TensorInfo info : a.tensors().values()) {
                if (!b.tensors().containsKey(info.name())) return different(info.name());
                result = result.with(info.name(), a.read(info.name()), b.read(info.name()));
            }
            return result;
        }
    }

    private static WeightComparison different(String name) {
        return new WeightComparison(false, Double.POSITIVE_INFINITY, name);
    }

    private WeightComparison with(String name, Tensor a, Tensor b) {
        if (a.data().mismatch(b.data()) < 0) return this;
        if (!a.type().isFloating()) return different(name);
        float[] ours = a.toFloats(), theirs = b.toFloats();
        double most = 0;
        for (int i = 0; i < ours.length; i++) most = Math.max(most, Math.abs((double) ours[i] - theirs[i]));
        return identical || most > greatest
                ? new WeightComparison(false, most, name)
                : this;
    }
}
