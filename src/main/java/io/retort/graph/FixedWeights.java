package io.retort.graph;

import io.retort.simd.Matrix;
import io.retort.simd.MatrixKernels;
import io.retort.simd.PackedMatrix;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parameters that never change: weights of products are packed once, for all plans, and kept in that form alone. Any
 * thread.
 */
final class FixedWeights implements Weights {
    private final Map<String, Tensor> parameters;
    private final ConstantMemory constants;
    private final WorkerPool pool;
    private final Arena arena;
    private final Map<String, MemorySegment> plain = new ConcurrentHashMap<>();
    private final Map<PackedName, PackedMatrix> packed = new ConcurrentHashMap<>();

    private record PackedName(String name, boolean transposed) {
    }

    /** Keeps the tensors; memory comes from the arena. */
    FixedWeights(Map<String, Tensor> parameters, Map<String, Tensor> constants, WorkerPool pool, Arena arena) {
        this.parameters = Map.copyOf(parameters);
        this.constants = new ConstantMemory(arena, constants);
        this.pool = pool;
        this.arena = arena;
    }

    @Override
    public MemorySegment memory(Storage storage) {
        if (!(storage instanceof Storage.Parameter(String name))) return constants.memory(storage);
        return plain.computeIfAbsent(name, n -> ConstantMemory.copy(parameters.get(n), arena));
    }

    @Override
    public PackedMatrix packed(Place place, boolean transposed) {
        if (!(place.storage() instanceof Storage.Parameter(String name)) || place.shape().rank() != 2) return null;
        if (!place.isDense()) return null;
        return packed.computeIfAbsent(new PackedName(name, transposed), n -> pack(name, place, transposed));
    }

    private PackedMatrix pack(String name, Place place, boolean transposed) {
        try (Arena passing = Arena.ofShared()) {
            MemorySegment memory = ConstantMemory.copy(parameters.get(name), passing);
            Matrix matrix = place.matrix(memory, 0, transposed);
            return PackedMatrix.pack(MatrixKernels.best(), matrix, pool, arena);
        }
    }
}
