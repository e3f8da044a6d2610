package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;

/** The contract holds for a search that misses some of the best, within what it promises. */
class NearestListsSearchTest extends RowSearchContract {
    NearestListsSearchTest() {
        super(Kernels.best(), 1);
    }

    @Override
    ResponseSearch searching(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        return new NearestListsSearch(rows, metric, kernels);
    }
}
