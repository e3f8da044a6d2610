package io.retort.graph;

import io.retort.graph.Recording.Call;
import io.retort.simd.BlockMatrix;
import io.retort.simd.HugePages;
import io.retort.simd.Matrix;
import io.retort.simd.MatrixKernels;
import io.retort.simd.PackedMatrix;
import io.retort.simd.WorkerPool;
import io.retort.tensor.HalfMatrix;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Parameters that never change: weights that are nothing but the right-hand side of products are packed once, for all
 * plans, and kept in that form alone. Quantised matrices and those of 16 bits stay so: products read their blocks, and so
 * do look-ups of rows, for which a matrix may be there that no product reads. Immutable.
 */
final class FixedWeights implements Weights {
    private final ConstantMemory constants;
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, MemorySegment> plain = new HashMap<>();
    private final Map<Packing, Operand> operands = new HashMap<>();
    private final Map<String, Rows> rows = new HashMap<>();

    /** One way in which a parameter is used as a product's right-hand side: as it is, or transposed. */
    private record Packing(String parameter, boolean transposed) {
        // Written out for a quick start: the JVM makes classes for what a record has by itself.
        @Override
        public boolean equals(Object other) {
            return other instanceof Packing packing && transposed == packing.transposed
                    && parameter.equals(packing.parameter);
        }

        @Override
        public int hashCode() {
            return 2 * parameter.hashCode() + (transposed ? 1 : 0);
        }
    }

    /** Looks up a row of a matrix. */
    private interface Rows {
        void row(int row, float[] to, int at);
    }

    private FixedWeights(Recording recording, Arena arena) {
        this.constants = new ConstantMemory(arena, recording.constants());
    }

    /** Copies the parameters into memory of the arena, packed where only products read them. */
    static FixedWeights packed(Map<String, ? extends ParameterValue> parameters, Recording recording, WorkerPool pool,
            Arena arena) {
        return copied(parameters, recording, pool, arena, true);
    }

    /**
     * Copies the parameters into memory of the arena. Plain ones stay plain, for products that pack their operands
     * themselves: a matrix of which both a product and its gradient are computed would have to be packed twice.
     */
    static FixedWeights unpacked(Map<String, ? extends ParameterValue> parameters, Recording recording,
            WorkerPool pool, Arena arena) {
        return copied(parameters, recording, pool, arena, false);
    }

    private static FixedWeights copied(Map<String, ? extends ParameterValue> parameters, Recording recording,
            WorkerPool pool, Arena arena, boolean packed) {
        FixedWeights weights = new FixedWeights(recording, arena);
        Uses uses = Uses.of(recording);
        HugePages memory = new HugePages(arena);
        parameters.forEach((name, value) -> {
            Set<Packing> ways = uses.ways(name);
            boolean multiplied = !ways.isEmpty() && value.shape().rank() == 2;
            weights.shapes.put(name, value.shape());
            // Not a switch over types: for each of those the JVM makes a class first, which a first answer waits for.
            boolean isKept = multiplied || uses.isUnread(name);
            if (isKept && value instanceof QuantizedTensor blocks) {
                weights.put(name, BlockMatrix.of(blocks, pool, memory));
            } else if (isKept && value instanceof HalfMatrix half) {
                if (multiplied && ways.equals(Set.of(new Packing(name, false)))) {
                    weights.putTransposed(name, BlockMatrix.of(half.elements().transposed(), pool, memory));
                } else {
                    weights.put(name, BlockMatrix.of(half.elements(), pool, memory));
                }
            } else if (multiplied && packed) {
                ways.forEach(way -> weights.put(way, value, pool, memory));
            } else {
                weights.plain.put(name, ConstantMemory.copy(value.plain(), arena));
            }
            release(value);
        });
        return weights;
    }

    /** Gives back the memory of a mapped file out of which a value was copied. */
    private static void release(ParameterValue value) {
        if (value instanceof Tensor tensor) HugePages.release(tensor.data());
        else if (value instanceof HalfMatrix half) HugePages.release(half.elements().data());
        else if (value instanceof QuantizedTensor blocks) HugePages.release(blocks.blocks());
        // A lazy tensor says nothing of where it comes from.
    }

    private void put(String name, BlockMatrix blocks) {
        operands.put(new Packing(name, true), (gemm, a, c, epilogue) -> gemm.multiply(a, blocks, c, epilogue));
        operands.put(new Packing(name, false), (gemm, a, c, epilogue) -> gemm.multiplyBack(a, blocks, c, epilogue));
        rows.put(name, blocks::row);
    }

    /** Keeps a matrix with rows and columns exchanged, for products that read it down its columns alone. */
    private void putTransposed(String name, BlockMatrix transposed) {
        operands.put(new Packing(name, false), (gemm, a, c, epilogue) -> gemm.multiply(a, transposed, c, epilogue));
    }

    private void put(Packing way, ParameterValue value, WorkerPool pool, HugePages memory) {
        PackedMatrix packed = pack(value.plain(), way.transposed(), pool, memory);
        operands.put(way, (gemm, a, c, epilogue) -> gemm.multiply(a, packed, c, epilogue));
        if (way.transposed()) rows.put(way.parameter(), packed::column);
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
    public Operand operand(Place place, boolean transposed) {
        return place.storage() instanceof Storage.Parameter(String name)
                ? operands.get(new Packing(name, transposed))
                : null;
    }

    @Override
    public void row(String parameter, int row, float[] to, int at) {
        Shape shape = shapes.get(parameter);
        if (shape == null || shape.rank() != 2) throw new IllegalArgumentException("there is no matrix " + parameter);
        Objects.checkIndex(row, shape.dim(0));
        Rows found = rows.get(parameter);
        if (found != null) {
            found.row(row, to, at);
        } else if (plain.containsKey(parameter)) {
            int columns = shape.dim(1);
            long from = (long) Float.BYTES * row * columns;
            MemorySegment.ofArray(to).asSlice((long) Float.BYTES * at, (long) Float.BYTES * columns)
                    .copyFrom(plain.get(parameter).asSlice(from, (long) Float.BYTES * columns));
        } else {
            throw new IllegalArgumentException(parameter + " is kept by its columns");
        }
    }

    /**
     * How each parameter is used in products.
     *
     * @param ways of the parameters that nothing but products reads, as their right-hand side
     * @param read what anything reads
     */
    private record Uses(Map<String, Set<Packing>> ways, Set<String> read) {
        static Uses of(Recording recording) {
            Map<String, Set<Packing>> ways = new HashMap<>();
            Set<String> read = new HashSet<>(), others = new HashSet<>();
            for (Call call : recording.calls()) {
                List<String> in = call.inputs();
                read.addAll(in);
                for (int i = 0; i < in.size(); i++) {
                    if (i == 1 && isProduct(call)) {
                        ways.computeIfAbsent(in.get(i), _ -> new HashSet<>()).add(way(in.get(i), call));
                    } else {
                        others.add(in.get(i));
                    }
                }
            }
            ways.keySet().removeAll(others);
            return new Uses(ways, read);
        }

        /**
         * Returns whether a call multiplies by its second input from the right: the product itself, and the gradient
         * with respect to the first input, which is a product with the second's transpose.
         */
        private static boolean isProduct(Call call) {
            boolean[] transposed = Translation.transposes(call);
            return switch (call.operation()) {
                case "matmul" -> !transposed[2];
                case "matmul_bp" -> !transposed[2] && !transposed[0];
                default -> false;
            };
        }

        private static Packing way(String parameter, Call call) {
            return new Packing(parameter, call.operation().equals("matmul") == Translation.transposes(call)[1]);
        }

        Set<Packing> ways(String parameter) {
            return ways.getOrDefault(parameter, Set.of());
        }

        boolean isUnread(String parameter) {
            return !read.contains(parameter);
        }
    }
}
