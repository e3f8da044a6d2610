package io.retort.simd;

import static io.retort.simd.TestFloats.copy;
import static io.retort.simd.TestFloats.random;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FlatSumTest {
    @Test
    void everyElementIsAddedOnceByOneThreadAndByMany() {
        SplittableRandom random = new SplittableRandom(3);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            for (int size : new int[]{1, 17, 1 << 14, (1 << 14) + 1, 100_003}) {
                MemorySegment before = random(arena, random, size), from = random(arena, random, size);
                MemorySegment alone = copy(arena, before), shared = copy(arena, before);
                FlatSum.add(alone, from, .5);
                FlatSum.add(shared, from, .5, pool);
                for (int i = 0; i < size; i++) {
                    float expected = Floats.get(before, i) + .5f * Floats.get(from, i);
                    assertEquals(expected, Floats.get(alone, i));
                    assertEquals(expected, Floats.get(shared, i));
                }
            }
        }
    }
}
