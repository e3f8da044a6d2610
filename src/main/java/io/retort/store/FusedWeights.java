package io.retort.store;

import io.retort.retrieval.EncoderFamily;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A parameter that checkpoints of a family keep as one, with one of the parts that graphs have of it. Parts lie one below
 * the other, so that each is a run of the whole's elements.
 *
 * @param whole its name in checkpoints
 * @param shape of the whole
 * @param first where the part begins, in elements
 * @param own   the shape of the part
 */
record FusedWeights(String whole, Shape shape, int first, Shape own) {
    /**
     * Returns where a parameter is found within a fused one; empty if the family has it for itself.
     *
     * @param shapes of all parameters of the model
     */
    static Optional<FusedWeights> of(EncoderFamily family, String parameter, Map<String, Shape> shapes) {
        for (EncoderFamily.Fused fused : family.fused()) {
            for (String part : fused.parts()) {
                if (!parameter.contains("." + part + ".")) continue;
                List<Shape> all = fused.parts().stream()
                        .map(other -> shapes.get(parameter.replace("." + part + ".", "." + other + "."))).toList();
                int before = all.subList(0, fused.parts().indexOf(part)).stream()
                        .mapToInt(shape -> (int) shape.size()).sum();
                int[] dims = all.getFirst().toArray();
                dims[0] = all.stream().mapToInt(shape -> shape.dim(0)).sum();
                return Optional.of(new FusedWeights(parameter.replace("." + part + ".", "." + fused.whole() + "."),
                        Shape.of(dims), before, shapes.get(parameter)));
            }
        }
        return Optional.empty();
    }

    FusedWeights named(String other) {
        return new FusedWeights(other, shape, first, own);
    }

    /** Cuts the part out of the whole. */
    Tensor part(Tensor all) {
        MemorySegment floats = all.to(ElementType.F32).data();
        return new Tensor(ElementType.F32, own,
                floats.asSlice((long) Float.BYTES * first, Float.BYTES * own.size()));
    }

    /** Returns parameters as checkpoints of the family have them, the parts of fused ones put together. */
    static SequencedMap<String, Tensor> joined(EncoderFamily family, SequencedMap<String, Tensor> parameters) {
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        parameters.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        SequencedMap<String, Tensor> joined = new LinkedHashMap<>();
        parameters.forEach((name, tensor) -> {
            Optional<FusedWeights> fused = of(family, name, shapes);
            if (fused.isEmpty()) {
                joined.put(name, tensor);
                return;
            }
            Tensor whole = joined.computeIfAbsent(fused.get().whole, _ -> Tensor
                    .of(new float[Math.toIntExact(fused.get().shape.size())], fused.get().shape.toArray()));
            MemorySegment.copy(tensor.to(ElementType.F32).data(), 0, whole.data(),
                    (long) Float.BYTES * fused.get().first,
                    (long) Float.BYTES * tensor.shape().size());
        });
        return joined;
    }
}
