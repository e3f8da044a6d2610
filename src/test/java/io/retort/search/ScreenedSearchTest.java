package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0} with {1} threads")
@MethodSource("implementations")
class ScreenedSearchTest extends RowSearchContract {
    ScreenedSearchTest(Kernels kernels, int threads) {
        super(kernels, threads);
    }

    @Override
    ResponseSearch searching(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        return new ScreenedSearch(rows, metric, kernels, pool);
    }
}
