package io.retort.graph;

import io.retort.graph.Recording.Call;
import io.retort.simd.HugePages;
import io.retort.simd.Matrix;
import io.retort.simd.MatrixKernels;
import io.retort.simd.PackedMatrix;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parameters that never change: weights that are nothing but the right-hand side of products are packed once, for all
 * plans, and kept in that form alone. Immutable.
 */
final class FixedWeights implements Weights {
    private final ConstantMemory constants;
    private final Map<String, MemorySegment> plain = new HashMap<>();
    private final Map<Packing, PackedMatrix> packed = new HashMap<>();

    /** One way in which a parameter is used as a product's right-hand side: as it is, or transposed. */
    private record Packing(String parameter, boolean transposed) {
    }

    /** Copies the parameters into memory of the arena, packed where only products read them. */
    FixedWeights(Map<String, Tensor> parameters, Recording recording, WorkerPool pool, Arena arena) {
        this.constants = new ConstantMemory(arena, recording.constants());
        Map<String, Set<Packing>> packings = packings(recording);
        HugePages memory = new HugePages(arena);
        parameters.forEach((name, value) -> {
            Set<Packing> ways = packings.getOrDefault(name, Set.of());
            if (ways.isEmpty() || value.shape().rank() != 2) {
                plain.put(name, ConstantMemory.copy(value, arena));
            } else {
                for (Packing way : ways) packed.put(way, pack(value, way.transposed(), pool, memory));
            }
        });
    }

    /**
     * Finds how each parameter is used in products; a parameter that anything else reads is left out, since it is
     * needed unpacked.
     */
    private static Map<String, Set<Packing>> packings(Recording recording) {
        Map<String, Set<Packing>> packings = new HashMap<>();
        Set<String> others = new HashSet<>();
        for (Call call : recording.calls()) {
            List<String> in = call.inputs();
            boolean product = call.operation().equals("matmul") && !Translation.transposes(call)[2];
            for (int i = 0; i < in.size(); i++) {
                if (product && i == 1) {
                    packings.computeIfAbsent(in.get(i), name -> new HashSet<>())
                            .add(new Packing(in.get(i), Translation.transposes(call)[1]));
                } else {
                    others.add(in.get(i));
                }
            }
        }
        packings.keySet().removeAll(others);
        return packings;
    }

    private static PackedMatrix pack(Tensor value, boolean transposed, WorkerPool pool, HugePages memory) {
        try (Arena passing = Arena.ofShared()) {
            Matrix matrix = Matrix.of(ConstantMemory.copy(value, passing), value.shape().dim(0), value.shape().dim(1));
            return PackedMatrix.pack(MatrixKernels.best(), transposed ? matrix.transposed() : matrix, pool, memory);
        }
    }

    @Override
    public MemorySegment memory(Storage storage) {
        return storage instanceof Storage.Parameter(String name) ? plain.get(name) : constants.memory(storage);
    }

    @Override
    public PackedMatrix packed(Place place, boolean transposed) {
        return place.storage() instanceof Storage.Parameter(String name)
                ? packed.get(new Packing(name, transposed))
                : null;
    }
}
