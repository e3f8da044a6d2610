package io.retort.store;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Weights in a quarter of their size: a matrix {@code NAME [rows, columns]} is kept as whole numbers of 8 bits, I8, and
 * a scale for each row, {@code NAME.scale [rows]} in F32:
 *
 * <pre>
 * scale_r = max_c |w_rc| / 127
 * w_rc ≈ scale_r · round(w_rc / scale_r), wrong by scale_r / 2 at most
 * </pre>
 *
 * <p>Vectors stay in F32: they are few, and norms are touchy. Models compute in F32; only their files are small.
 */
final class Int8Weights {
    private static final String SCALE = ".scale";
    private static final int LARGEST = Byte.MAX_VALUE;

    private Int8Weights() {}

    /** Returns the tensors that a file of such weights holds for these parameters. */
    static SequencedMap<String, Tensor> of(SequencedMap<String, Tensor> weights) {
        SequencedMap<String, Tensor> stored = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> {
            if (tensor.shape().rank() == 2) putCodes(name, tensor, stored);
            else stored.put(name, tensor.to(ElementType.F32));
        });
        return stored;
    }

    private static void putCodes(String name, Tensor tensor, SequencedMap<String, Tensor> stored) {
        float[] values = tensor.toFloats();
        int rows = tensor.shape().dim(0);
        int columns = tensor.shape().dim(1);
        byte[] codes = new byte[values.length];
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            float greatest = 0;
            for (int i = r * columns; i < (r + 1) * columns; i++) greatest = Math.max(greatest, Math.abs(values[i]));
            scales[r] = Math.max(greatest / LARGEST, Float.MIN_NORMAL); // a row of zeros has codes of zero
            for (int i = r * columns; i < (r + 1) * columns; i++) codes[i] = (byte) Math.rint(values[i] / scales[r]);
        }
        stored.put(name, new Tensor(ElementType.I8, tensor.shape(), MemorySegment.ofArray(codes)));
        stored.put(name + SCALE, Tensor.of(scales, rows));
    }

    /** Returns whether a tensor of a file is a matrix in 8 bits with scales that fit it. */
    static boolean isIn(TensorFile file, String name) {
        TensorInfo codes = file.parameters().get(name);
        TensorInfo scales = file.parameters().get(name + SCALE);
        return codes.type() == ElementType.I8 && codes.shape().rank() == 2 && scales != null
                && scales.type().isFloating() && scales.shape().equals(Shape.of(codes.shape().dim(0)));
    }

    /**
     * Returns whether a tensor of a file holds the scales of a matrix in 8 bits, which {@link #read} reads with the
     * matrix.
     */
    static boolean isScale(TensorFile file, String name) {
        if (!name.endsWith(SCALE)) return false;
        String matrix = name.substring(0, name.length() - SCALE.length());
        return file.parameters().containsKey(matrix) && isIn(file, matrix);
    }

    /** Reads a matrix as F32; elements are not finite where a scale is not. */
    static Tensor read(TensorFile file, String name) {
        Tensor codes = file.parameter(name);
        float[] scales = file.parameter(name + SCALE).toFloats();
        int columns = codes.shape().dim(1);
        float[] values = new float[scales.length * columns];
        byte[] row = new byte[columns];
        for (int r = 0; r < scales.length; r++) {
            MemorySegment.copy(codes.data(), ValueLayout.JAVA_BYTE, (long) r * columns, row, 0, columns);
            scale(row, scales[r], values, r * columns);
        }
        return Tensor.of(values, scales.length, columns);
    }

    /** A loop by itself over arrays, which is fast as soon as the JVM has compiled anything. */
    private static void scale(byte[] codes, float scale, float[] values, int at) {
        for (int c = 0; c < codes.length; c++) values[at + c] = scale * codes[c];
    }

    /** Returns whether all elements of a matrix in 8 bits are finite, which its scales alone tell. */
    static boolean isFinite(TensorFile file, String name) {
        for (float scale : file.parameter(name + SCALE).toFloats()) {
            if (!Float.isFinite(scale * Byte.MIN_VALUE)) return false;
        }
        return true;
    }
}
