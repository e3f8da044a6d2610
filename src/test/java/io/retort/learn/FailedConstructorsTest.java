package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.ParameterLayout;
import io.retort.graph.PhysicalMemory;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.parallel.Isolated;

/** What owns memory off the heap gives it back when it cannot be made. */
@Isolated("measures the memory of the whole process")
class FailedConstructorsTest {
    /** Less than the memory that lies on huge pages, which is resident only where it has been written. */
    private static final int FLOATS = 400_000;
    private static final int ROUNDS = 200;

    private static void assertNothingIsLeft(Class<? extends Exception> problem, Executable making) {
        for (int i = 0; i < 5; i++) assertThrows(problem, making);
        long lost = (long) ROUNDS * FLOATS * Float.BYTES;
        long grown = PhysicalMemory.grownBy(() -> {
            for (int i = 0; i < ROUNDS; i++) assertThrows(problem, making);
        }, lost / 2);
        assertTrue(grown < lost / 2, grown + " bytes more, where leaving everything would be " + lost);
    }

    private static TrainableBuffer buffer(ElementType precision, int size) {
        return new TrainableBuffer(ParameterLayout.of(precision, Map.of("x", Shape.of(size))), MemorySegment.NULL,
                MemorySegment.NULL);
    }

    @Test
    void anOptimizerOfWeightsInDouble() {
        Optimizer adam = new Optimizer.Adam(new Optimizer.Hyperparameters(0.9, 0.999, 1e-8, 0, DecayedWeights.ALL));
        List<TrainableBuffer> buffers = List.of(buffer(ElementType.F32, FLOATS), buffer(ElementType.F64, 1));
        try (WorkerPool pool = new WorkerPool(1)) {
            assertNothingIsLeft(IllegalArgumentException.class, () -> adam.over(buffers, pool));
        }
    }

    @Test
    void aSearchForNegativesAmongVectorsOfSeveralSizes() {
        int dim = 1000;
        float[][] replies = new float[FLOATS / dim][dim];
        replies[replies.length - 1] = new float[dim - 1];
        try (WorkerPool pool = new WorkerPool(1)) {
            assertNothingIsLeft(IndexOutOfBoundsException.class, () -> new NegativeSearch(replies, dim,
                    Optional.empty(), 1, pool));
        }
    }
}
