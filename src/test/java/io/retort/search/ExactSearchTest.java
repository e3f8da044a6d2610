package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.KernelsOfEveryWidth;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0} with {1} threads")
@MethodSource("implementations")
class ExactSearchTest extends ResponseSearchContract {
    private final Kernels kernels;
    private final WorkerPool pool;
    private final Arena arena = Arena.ofShared();

    ExactSearchTest(Kernels kernels, int threads) {
        this.kernels = kernels;
        this.pool = new WorkerPool(threads);
    }

    static Stream<Arguments> implementations() {
        return Stream.concat(KernelsOfEveryWidth.all().stream().map(kernels -> Arguments.of(kernels, 1)),
                Stream.of(2, 3).map(threads -> Arguments.of(Kernels.best(), threads)));
    }

    @AfterEach
    void close() {
        pool.close();
        arena.close();
    }

    @Override
    ResponseSearch searching(float[][] vectors, Metric metric) {
        return new ExactSearch(rows(vectors, metric), metric, kernels, pool);
    }

    private Rows rows(float[][] vectors, Metric metric) {
        int dims = vectors[0].length;
        MemorySegment data = arena.allocate(4L * dims * vectors.length, 64);
        for (int r = 0; r < vectors.length; r++) {
            float[] stored = VectorCheck.prepared(vectors[r], metric);
            MemorySegment.copy(stored, 0, data, ValueLayout.JAVA_FLOAT, 4L * dims * r, dims);
        }
        return new Rows(data, vectors.length, dims);
    }

    /** The specification's score, whatever this test's own kernels are: they must have the same bits. */
    @Override
    float score(float[] row, float[] query, Metric metric) {
        float[] score = new float[1];
        Kernels specification = KernelsOfEveryWidth.all().getFirst();
        MemorySegment one = MemorySegment.ofArray(VectorCheck.prepared(row, metric));
        specification.scores(new Rows(one, 1, row.length), 0, 1, VectorCheck.prepared(query, metric), score);
        return score[0];
    }
}
