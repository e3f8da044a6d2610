package io.retort.graph;

import io.retort.simd.HugePages;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ParameterValue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The memory of a graph in training: trained parameters and their gradients, each in one flat buffer, and beside them
 * the parameters that do not change.
 */
final class TrainedWeights implements Weights {
    final MemorySegment parameters;
    final MemorySegment gradients;
    private final FixedWeights fixed;
    private final Map<String, MemorySegment> parameterOf = new HashMap<>();
    private final Map<String, MemorySegment> gradientOf = new HashMap<>();

    /**
     * Copies the parameters' values into native memory.
     *
     * @param layout    layout of the parameters that change
     * @param values    a value for each parameter of the graph
     * @param recording the graph and its gradients
     */
    TrainedWeights(ParameterLayout layout, Map<String, ParameterValue> values, Recording recording, WorkerPool pool,
            Arena arena) {
        this.parameters = HugePages.allocate(Math.max(1, layout.bytes()), arena);
        this.gradients = HugePages.allocate(Math.max(1, layout.bytes()), arena);
        Map<String, ParameterValue> others = new LinkedHashMap<>(values);
        for (ParameterLayout.Entry entry : layout.entries()) {
            long from = Float.BYTES * entry.offset(), bytes = Float.BYTES * entry.shape().size();
            parameterOf.put(entry.name(), parameters.asSlice(from, bytes));
            gradientOf.put(entry.name(), gradients.asSlice(from, bytes));
            ConstantMemory.copy(others.remove(entry.name()).plain(), parameterOf.get(entry.name()));
        }
        this.fixed = FixedWeights.unpacked(others, recording, pool, arena);
    }

    @Override
    public MemorySegment memory(Storage storage) {
        return switch (storage) {
            case Storage.Parameter(String name) when parameterOf.containsKey(name) -> parameterOf.get(name);
            case Storage.Gradient(String parameter) -> gradientOf.get(parameter);
            default -> fixed.memory(storage);
        };
    }

    @Override
    public Operand operand(Place place, boolean transposed) {
        return fixed.operand(place, transposed);
    }

    @Override
    public void row(String parameter, int row, float[] to, int at) {
        fixed.row(parameter, row, to, at);
    }
}
