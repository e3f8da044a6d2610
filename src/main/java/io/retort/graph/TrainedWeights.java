package io.retort.graph;

import io.retort.simd.HugePages;
import io.retort.simd.PackedMatrix;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The memory of a graph in training: trained parameters and their gradients, each in one flat buffer, and beside them
 * the parameters that do not change.
 */
final class TrainedWeights implements Weights {
    final MemorySegment parameters;
    final MemorySegment gradients;
    private final ConstantMemory constants;
    private final Map<String, MemorySegment> parameterOf = new HashMap<>();
    private final Map<String, MemorySegment> gradientOf = new HashMap<>();

    /**
     * Copies the parameters' values into native memory.
     *
     * @param layout   layout of the parameters that change
     * @param declared names of all parameters of the graph
     * @param values   a value for each of these names at least
     */
    TrainedWeights(ParameterLayout layout, Set<String> declared, Map<String, Tensor> values,
            Map<String, Tensor> constants, Arena arena) {
        this.parameters = HugePages.allocate(Math.max(1, layout.bytes()), arena);
        this.gradients = HugePages.allocate(Math.max(1, layout.bytes()), arena);
        this.constants = new ConstantMemory(arena, constants);
        for (ParameterLayout.Entry entry : layout.entries()) {
            long from = Float.BYTES * entry.offset(), bytes = Float.BYTES * entry.shape().size();
            parameterOf.put(entry.name(), parameters.asSlice(from, bytes));
            gradientOf.put(entry.name(), gradients.asSlice(from, bytes));
            ConstantMemory.copy(values.get(entry.name()), parameterOf.get(entry.name()));
        }
        for (String name : declared) {
            parameterOf.computeIfAbsent(name, _ -> ConstantMemory.copy(values.get(name), arena));
        }
    }

    @Override
    public MemorySegment memory(Storage storage) {
        return switch (storage) {
            case Storage.Parameter(String name) -> parameterOf.get(name);
            case Storage.Gradient(String parameter) -> gradientOf.get(parameter);
            default -> constants.memory(storage);
        };
    }

    @Override
    public PackedMatrix packed(Place place, boolean transposed) {
        return null;
    }
}
