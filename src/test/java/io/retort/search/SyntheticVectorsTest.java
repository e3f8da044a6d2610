package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.retort.search.SyntheticVectors.Spread;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticVectorsTest {
    private static final int DIMS = 64;

    @ParameterizedTest
    @EnumSource(Spread.class)
    void aRowDependsOnItsNumberAndTheSeedAlone(Spread spread) {
        float[] few = rows(spread, 7, 3, 1), many = rows(spread, 7, 3000, 2);
        assertArrayEquals(few, Arrays.copyOf(many, few.length));
        assertFalse(Arrays.equals(few, rows(spread, 8, 3, 1)), "another seed");
        assertFalse(Arrays.equals(Arrays.copyOf(few, DIMS), new SyntheticVectors(spread, DIMS, 7).queries(1)[0]));
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void everyVectorHasLengthOne(Spread spread) {
        for (float[] query : new SyntheticVectors(spread, DIMS, 1).queries(20)) {
            assertEquals(1, VectorCheck.length(query), 1e-6);
        }
    }

    private static float[] rows(Spread spread, long seed, int count, int threads) {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
            Rows rows = new SyntheticVectors(spread, DIMS, seed).rows(count, arena, pool);
            return rows.data().toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
