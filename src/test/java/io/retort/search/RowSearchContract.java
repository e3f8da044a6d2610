package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.KernelsOfEveryWidth;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.Arguments;

/** The contract, for searches of rows that promise the specification's scores with any kernels and threads. */
abstract class RowSearchContract extends ResponseSearchContract {
    private final Kernels kernels;
    private final WorkerPool pool;
    private final Arena arena = Arena.ofShared();
    private final List<ResponseSearch> opened = new ArrayList<>();

    RowSearchContract(Kernels kernels, int threads) {
        this.kernels = kernels;
        this.pool = new WorkerPool(threads);
    }

    static Stream<Arguments> implementations() {
        return Stream.concat(KernelsOfEveryWidth.all().stream().map(kernels -> Arguments.of(kernels, 1)),
                Stream.of(2, 3).map(threads -> Arguments.of(Kernels.best(), threads)));
    }

    /** The search under test. */
    abstract ResponseSearch searching(Rows rows, Metric metric, Kernels kernels, WorkerPool pool);

    @AfterEach
    void close() {
        opened.forEach(ResponseSearch::close);
        pool.close();
        arena.close();
    }

    @Override
    ResponseSearch searching(float[][] vectors, Metric metric) {
        ResponseSearch search = searching(rows(arena, vectors, metric), metric, kernels, pool);
        opened.add(search);
        return search;
    }

    /** Vectors as an index of that metric holds them. */
    static Rows rows(Arena arena, float[][] vectors, Metric metric) {
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
