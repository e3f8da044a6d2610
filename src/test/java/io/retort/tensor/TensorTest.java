package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    @Test
    void aTransposeExchangesRowsAndColumns() {
        Tensor columns = Tensor.of(new float[]{1, 2, 3, 4, 5, 6}, 2, 3).transposed();
        assertEquals(Shape.of(3, 2), columns.shape());
        assertArrayEquals(new float[]{1, 4, 2, 5, 3, 6}, columns.toFloats());
    }

    @Property(tries = 60)
    void transposingTwiceGivesTheSameBytesInEveryType(@ForAll ElementType type, @ForAll @IntRange(max = 70) int rows,
            @ForAll @IntRange(max = 70) int columns, @ForAll long seed) {
        byte[] bytes = new byte[rows * columns * type.bytes()];
        new Random(seed).nextBytes(bytes);
        var matrix = new Tensor(type, Shape.of(rows, columns), MemorySegment.ofArray(bytes));
        Tensor transposed = matrix.transposed();
        assertTrue(Samples.same(matrix, transposed.transposed()));
        for (int n = 0; n < Math.min(rows * columns, 20); n++) {
            int row = n * 7 % rows;
            int column = n * 13 % columns;
            long from = (long) (row * columns + column) * type.bytes();
            long to = (long) (column * rows + row) * type.bytes();
            assertEquals(-1, matrix.data().asSlice(from, type.bytes())
                    .mismatch(transposed.data().asSlice(to, type.bytes())));
        }
    }

    @Test
    void onlyMatricesAreTransposed() {
        assertThrows(IllegalStateException.class, () -> Tensor.of(new float[8], 2, 2, 2).transposed());
        assertThrows(IllegalStateException.class, () -> Tensor.of(new float[1]).transposed());
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void theFirstNonFiniteElementIsFoundWhereverItIs(ElementType type) {
        float[] values = new float[9000];
        for (int i = 0; i < values.length; i++) values[i] = i - 4500;
        assertTrue(Tensor.of(values.clone(), 9000).to(type).allFinite());
        float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (int at : new int[]{0, 1, 4095, 4096, 8191, 8999}) {
            float[] damaged = values.clone();
            damaged[at] = bad[at % bad.length];
            damaged[8999] = Float.NaN;
            Tensor tensor = Tensor.of(damaged, 90, 100).to(type);
            assertEquals(at, tensor.firstNonFinite());
            assertFalse(tensor.allFinite());
        }
    }

    @Test
    void greatestValuesAndIntegersAreFinite() {
        assertTrue(Tensor.of(new float[]{Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE}, 3).allFinite());
        assertTrue(Tensor.of(new double[]{Double.MAX_VALUE, -Double.MAX_VALUE}, 2).allFinite());
        assertTrue(Samples.half(ElementType.F16, (short) 0x7BFF).allFinite());
        assertTrue(Samples.half(ElementType.BF16, (short) 0x7F7F).allFinite());
        assertTrue(new Tensor(ElementType.I32, Shape.of(1), MemorySegment.ofArray(new int[]{-1})).allFinite());
        assertTrue(Tensor.of(new float[0], 0).allFinite());
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void everySixteenBitPatternSurvivesF32AndF64(ElementType half) {
        short[] all = new short[1 << 16];
        for (int bits = 0; bits < all.length; bits++) all[bits] = (short) bits;
        Tensor halves = Samples.half(half, all);
        float[] floats = halves.toFloats();
        Tensor throughF32 = Tensor.of(floats, all.length).to(half);
        Tensor throughF64 = halves.to(ElementType.F64).to(half);
        float[] backF32 = throughF32.toFloats();
        float[] backF64 = throughF64.toFloats();
        for (int i = 0; i < all.length; i++) {
            if (Float.isNaN(floats[i])) {
                assertTrue(Float.isNaN(backF32[i]) && Float.isNaN(backF64[i]));
            } else {
                assertEquals(all[i], throughF32.data().getAtIndex(Tensor.SHORT, i));
                assertEquals(all[i], throughF64.data().getAtIndex(Tensor.SHORT, i));
            }
        }
    }

    /**
     * Between each two neighbours: just below the middle goes down, just above goes up, the middle goes to the even
     * one.
     */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void roundingIsToNearestWithTiesToEvenFromBothWiderTypes(ElementType half) {
        int infinity = half == ElementType.F16 ? 0x7C00 : 0x7F80;
        short[] patterns = new short[infinity];
        for (int bits = 0; bits < infinity; bits++) patterns[bits] = (short) bits;
        double[] exact = Samples.half(half, patterns).toDoubles();
        double[] middles = new double[infinity - 1];
        for (int i = 0; i < middles.length; i++) middles[i] = (exact[i] + exact[i + 1]) / 2;
        short[] ties = shorts(Tensor.of(middles, middles.length).to(half));
        short[] below = shorts(Tensor.of(stepped(middles, Double.NEGATIVE_INFINITY), middles.length).to(half));
        short[] above = shorts(Tensor.of(stepped(middles, Double.POSITIVE_INFINITY), middles.length).to(half));
        short[] fromF32 = shorts(Tensor.of(middles, middles.length).to(ElementType.F32).to(half));
        for (int i = 0; i < middles.length; i++) {
            int even = i % 2 == 0 ? i : i + 1;
            assertEquals(even, ties[i]);
            assertEquals(even, fromF32[i]);
            assertEquals(i, below[i]);
            assertEquals(i + 1, above[i]);
        }
    }

    private static double[] stepped(double[] values, double towards) {
        double[] stepped = new double[values.length];
        for (int i = 0; i < values.length; i++) stepped[i] = Math.nextAfter(values[i], towards);
        return stepped;
    }

    private static short[] shorts(Tensor halves) {
        short[] bits = new short[(int) halves.shape().size()];
        for (int i = 0; i < bits.length; i++) bits[i] = halves.data().getAtIndex(Tensor.SHORT, i);
        return bits;
    }

    @Test
    void whatIsTooLargeBecomesInfiniteAndNaNStaysNaN() {
        float lowPayload = Float.intBitsToFloat(0x7F80_0001);
        Tensor extremes = Tensor.of(new float[]{65519, 65520, -65520, Float.NaN, lowPayload, 1e-45f}, 6);
        float inf = Float.POSITIVE_INFINITY;
        assertArrayEquals(new float[]{65504, inf, -inf, Float.NaN, Float.NaN, 0},
                extremes.to(ElementType.F16).toFloats());
        Tensor large = Tensor.of(new float[]{Float.MAX_VALUE, Float.intBitsToFloat(0x7F7F_7FFF), lowPayload}, 3);
        assertArrayEquals(new float[]{inf, Float.intBitsToFloat(0x7F7F_0000), Float.NaN},
                large.to(ElementType.BF16).toFloats());
        Tensor doubles = Tensor.of(new double[]{1e300, -1e300, Double.NaN}, 3);
        assertArrayEquals(new float[]{inf, -inf, Float.NaN}, doubles.to(ElementType.BF16).toFloats());
    }

    @Test
    void conversionKeepsTheTensorItselfWhereNothingChanges() {
        Tensor tensor = Tensor.of(new float[]{1}, 1);
        assertSame(tensor, tensor.to(ElementType.F32));
    }

    @Test
    void integersAreNotConverted() {
        var integers = new Tensor(ElementType.I64, Shape.of(1), MemorySegment.ofArray(new long[1]));
        assertThrows(IllegalStateException.class, () -> integers.to(ElementType.F32));
        assertThrows(IllegalStateException.class, () -> Tensor.of(new float[1], 1).to(ElementType.I8));
    }
}
