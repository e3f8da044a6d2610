package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What every form of rows keeps, with all kernels: a row scores as the float32 values it stands for. */
class RowFormatTest {
    @Property(tries = 150)
    void storedRowsScoreAsTheFloatsTheyStandForBitForBit(@ForAll RowFormat format,
            @ForAll @IntRange(min = 1, max = 70) int dims, @ForAll @IntRange(min = 1, max = 21) int count,
            @ForAll @IntRange(min = 1, max = 9) int queries, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined()) {
            Rows stored = new Rows(arena.allocate(format.stride(dims) * count), count, dims, format);
            Rows floats = new Rows(arena.allocate(4L * dims * count), count, dims);
            for (int r = 0; r < count; r++) {
                format.write(vector(random, dims), stored.data(), stored.offset(r));
                MemorySegment.copy(stored.read(r), 0, floats.data(), ValueLayout.JAVA_FLOAT, floats.offset(r), dims);
            }
            Rows heap = new Rows(MemorySegment.ofArray(stored.data().toArray(ValueLayout.JAVA_BYTE)), count, dims,
                    format);
            float[][] asked = new float[queries][];
            for (int q = 0; q < queries; q++) asked[q] = vector(random, dims);
            int[] ids = random.ints(count, 0, count).toArray();
            float[][] expected = new float[queries][count], scores = new float[queries][count];
            float[] expectedById = new float[count], byId = new float[count];
            Kernels specification = new ScalarKernels();
            specification.scores(floats, 0, count, asked, expected);
            specification.scores(floats, ids, count, asked[0], expectedById);
            for (Kernels kernels : KernelsOfEveryWidth.all()) {
                for (Rows rows : new Rows[]{stored, heap}) {
                    kernels.scores(rows, 0, count, asked, scores);
                    for (int q = 0; q < queries; q++) assertArrayEquals(expected[q], scores[q], kernels.name());
                    kernels.scores(rows, ids, count, asked[0], byId);
                    assertArrayEquals(expectedById, byId, kernels.name() + " by id");
                }
            }
        }
    }

    private static float[] vector(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) {
            float x = (float) (random.nextDouble() - .5);
            vector[i] = switch (random.nextInt(12)) {
                case 0 -> x < 0 ? -0f : 0f;
                case 1 -> x * 1e-6f; // a half float of lower precision
                case 2 -> x * Float.MIN_NORMAL;
                case 3 -> x * 1e5f;
                default -> x;
            };
        }
        return vector;
    }

    @Test
    void everyFiniteHalfIsWidenedExactly() {
        int all = 1 << 16;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment codes = arena.allocate(2L * all), to = arena.allocate(4L * all);
            for (int code = 0; code < all; code++) codes.setAtIndex(ValueLayout.JAVA_SHORT, code, (short) code);
            Rows rows = new Rows(codes, 1, all, RowFormat.F16);
            float[] read = rows.read(0);
            RowWidening.widen(rows, 0, to, 0);
            for (int code = 0; code < all; code++) {
                float widened = to.getAtIndex(ValueLayout.JAVA_FLOAT, code);
                assertEquals(Float.floatToRawIntBits(read[code]), Float.floatToRawIntBits(widened), "code " + code);
                float expected = Float.float16ToFloat((short) code);
                if (Float.isFinite(expected)) assertEquals(expected, widened);
            }
        }
    }

    @Property(tries = 200)
    void whatIsStoredIsNear(@ForAll @IntRange(min = 1, max = 300) int dims, @ForAll long seed) {
        float[] x = vector(new SplittableRandom(seed), dims);
        float largest = 0;
        for (float value : x) largest = Math.max(largest, Math.abs(value));
        float[] half = RowFormat.F16.stored(x), bytes = RowFormat.INT8.stored(x);
        assertArrayEquals(x, RowFormat.F32.stored(x));
        for (int i = 0; i < dims; i++) {
            assertEquals(x[i], half[i], Math.max(Math.abs(x[i]) * 0x1p-11, 0x1p-25));
            assertEquals(x[i], bytes[i], Math.max(largest / 127 * .5001, Float.MIN_NORMAL * 127));
        }
    }

    @Test
    void whatAHalfCannotHoldIsToldAndInt8HoldsIt() {
        float[] large = {0, 65520}, fits = {0, 65519};
        assertTrue(RowFormat.F16.problem(large).contains("dim 1"));
        assertNull(RowFormat.F16.problem(fits));
        assertEquals(65504, RowFormat.F16.stored(fits)[1]);
        assertNull(RowFormat.INT8.problem(new float[]{1e18f, 0}));
        assertEquals(1e18f, RowFormat.INT8.stored(new float[]{1e18f, 0})[0], 1e12f);
        assertArrayEquals(new float[]{0, 0}, RowFormat.INT8.stored(new float[]{Float.MIN_VALUE, 0}));
    }

    @Test
    void rowsThatDoNotFillTheirMemoryAreRefused() {
        for (RowFormat format : RowFormat.values()) {
            long bytes = 3 * format.stride(5);
            new Rows(MemorySegment.ofArray(new byte[(int) bytes]), 3, 5, format);
            MemorySegment more = MemorySegment.ofArray(new byte[(int) bytes + 1]);
            assertThrows(IllegalArgumentException.class, () -> new Rows(more, 3, 5, format));
        }
    }
}
