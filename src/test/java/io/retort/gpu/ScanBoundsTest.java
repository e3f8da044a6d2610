package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What the search on a card rests on: bounds that hold, and thresholds that rule out no row in reach. */
class ScanBoundsTest {
    private static final int CHUNK_CODES = ScanShape.CHUNK / ScreenFormat.FLOAT16.bytes();

    @Property(tries = 200)
    void scoresAreBetweenTheirBoundsAndTileThresholdsKeepWhatTheBoundsKeep(@ForAll ScanData data,
            @ForAll ScanData asked, @ForAll ScreenFormat format, @ForAll @IntRange(min = 1, max = 150) int count,
            @ForAll @IntRange(min = 1, max = 700) int dims, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Rows rows = ScanData.rows(data.vectors(random, count, dims));
        assertBounded(new ScalarRows(rows, format), asked.vectors(random, 3, dims));
    }

    /** Dot products of whole numbers that are no floats, and so large that what underflows with their unit counts. */
    @Property(tries = 60)
    void scoresOfAsManyDimsAsMayBeAreBetweenTheirBounds(@ForAll ScanData data, @ForAll ScreenFormat format,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int dims = ScanShape.MOST_DIMS - random.nextInt(3) * random.nextInt(30_000);
        Rows rows = ScanData.rows(data.vectors(random, 3, dims));
        assertBounded(new ScalarRows(rows, format), data.vectors(random, 2, dims));
    }

    private static void assertBounded(ScalarRows rows, float[][] queries) {
        ScalarSteps steps = prepared(rows, queries);
        int count = rows.shape().count();
        float[] scores = new float[count];
        for (int q = 0; q < queries.length; q++) {
            Kernels.best().scores(rows.rows, 0, count, queries[q], scores);
            for (int row = 0; row < count; row++) {
                int dot = steps.dot(q, row), tile = row / ScanShape.TILE;
                ScalarSteps.Bounds bounds = steps.boundsOf(q, row, dot);
                assertBetween(bounds, scores[row], row, q);
                if (rows.shape().format() == ScreenFormat.FLOAT16) {
                    int cutOff = Float.floatToRawIntBits(productCutOff(rows, queries[q], row));
                    assertBetween(steps.boundsOf(q, row, cutOff), scores[row], row, q);
                    assertInReach(steps, q, tile, cutOff, steps.boundsOf(q, row, cutOff).upper());
                }
                assertInReach(steps, q, tile, dot, bounds.upper());
                assertInReach(steps, q, tile, dot, Math.nextDown(bounds.upper()));
                assertInReach(steps, q, tile, dot, scores[row]);
                assertInReach(steps, q, tile, dot, Float.NEGATIVE_INFINITY);
            }
        }
    }

    private static void assertBetween(ScalarSteps.Bounds bounds, float score, int row, int query) {
        assertTrue(bounds.lower() <= score && score <= bounds.upper(),
                () -> score + " of row " + row + " and query " + query + " is not in " + bounds);
    }

    private static void assertInReach(ScalarSteps steps, int query, int tile, int dot, float threshold) {
        assertTrue(steps.reaches(dot, steps.reach(query, tile, threshold)),
                () -> "tile " + tile + " loses a row whose bound reaches " + threshold);
    }

    /**
     * The dot product of binary16 codes as the worst tensor core has it that Fasi et al. found: four products at a time
     * and the sum so far, each cut off below the last bit of the largest's 24 and the sum of them too.
     */
    private static float productCutOff(ScalarRows rows, float[] query, int row) {
        byte[] codes = new byte[ScanShape.CHUNK];
        float largest = 0;
        for (float x : query) largest = Math.max(largest, Math.abs(x));
        float scale = ScalarCodes.scaleOf(ScreenFormat.FLOAT16, largest);
        double sum = 0;
        for (int chunk = 0; chunk < rows.shape().chunks(); chunk++) {
            int from = chunk * CHUNK_CODES, at = rows.offset(row, chunk);
            ScalarCodes.encode(ScreenFormat.FLOAT16, query, from, Math.min(query.length - from, CHUNK_CODES), scale,
                    codes, 0);
            for (int i = 0; i < CHUNK_CODES; i += 4) {
                double[] terms = {sum, product(rows, at, codes, i), product(rows, at, codes, i + 1),
                    product(rows, at, codes, i + 2), product(rows, at, codes, i + 3)};
                double most = Arrays.stream(terms).map(Math::abs).max().getAsDouble();
                if (most == 0) continue;
                double unit = Math.scalb(1.0, Math.getExponent(most) - 23);
                sum = cutOff(Arrays.stream(terms).map(term -> unit * (long) (term / unit)).sum());
            }
        }
        return (float) sum;
    }

    private static double product(ScalarRows rows, int at, byte[] codes, int i) {
        return (double) ScalarCodes.half(rows.codes, at + 2 * i) * ScalarCodes.half(codes, 2 * i);
    }

    private static double cutOff(double sum) {
        float nearest = (float) sum;
        if (Math.abs((double) nearest) <= Math.abs(sum)) return nearest;
        return sum > 0 ? Math.nextDown(nearest) : Math.nextUp(nearest);
    }

    /** A bound that never ruled anything out would hold, too. */
    @Test
    void boundsOfOrdinaryRowsAreTight() {
        SplittableRandom random = new SplittableRandom(4);
        float[][] vectors = ScanData.RANDOM.vectors(random, 200, 384),
                queries = ScanData.RANDOM.vectors(random, 1, 384);
        double longest = ScalarRows.length(queries[0]) * 22;
        for (ScreenFormat format : ScreenFormat.values()) {
            ScalarSteps steps = prepared(new ScalarRows(ScanData.rows(vectors), format), queries);
            double widest = switch (format) {
                case INT8 -> 0.05 * longest;
                case FLOAT16 -> 1e-3 * longest;
                case FLOAT32 -> 0;
            };
            for (int row = 0; row < 200; row++) {
                ScalarSteps.Bounds bounds = steps.boundsOf(0, row, steps.dot(0, row));
                assertTrue(bounds.upper() - bounds.lower() <= widest, format + " " + bounds);
            }
        }
    }

    @Test
    void tilesFarBelowTheThresholdAreNotReached() {
        float[][] vectors = new float[3 * ScanShape.TILE][20];
        for (int r = 0; r < ScanShape.TILE; r++) {
            vectors[r][r % 20] = 1;
            vectors[2 * ScanShape.TILE + r][r % 20] = 1e-30f;
        }
        float[][] query = {new float[20]};
        Arrays.fill(query[0], 1);
        for (ScreenFormat format : ScreenFormat.values()) {
            ScalarSteps steps = prepared(new ScalarRows(ScanData.rows(vectors), format), query);
            for (int tile = 0; tile < 3; tile++) {
                float best = tile == 0 ? 1 : 0;
                for (float threshold : new float[]{best + 0.5f, best + 1e30f, Float.POSITIVE_INFINITY}) {
                    for (int r = 0; r < ScanShape.TILE; r++) {
                        int dot = steps.dot(0, tile * ScanShape.TILE + r);
                        assertTrue(!steps.reaches(dot, steps.reach(0, tile, threshold)),
                                format + ", tile " + tile + ", " + threshold);
                    }
                }
            }
        }
    }

    @Property
    void keysAreInTheOrderOfFloats(@ForAll int bitsOfA, @ForAll int bitsOfB) {
        float a = Float.intBitsToFloat(bitsOfA), b = Float.intBitsToFloat(bitsOfB);
        int keyOfA = ScalarSteps.keyOf(a), keyOfB = ScalarSteps.keyOf(b);
        if (a != a) assertEquals(0, keyOfA);
        else assertEquals(a + 0f, ScalarSteps.valueOf(keyOfA));
        if (a == a && b == b) {
            int order = a < b ? -1 : a > b ? 1 : 0;
            assertEquals(order, Integer.signum(Integer.compareUnsigned(keyOfA, keyOfB)));
        }
    }

    @Property
    void theKthLargestKeyIsThatOfAllInOrder(@ForAll int[] keys, @ForAll @IntRange(min = 1, max = 300) int k) {
        int[] sorted = Arrays.stream(keys).boxed().sorted((a, b) -> Integer.compareUnsigned(b, a))
                .mapToInt(key -> key).toArray();
        assertEquals(k > sorted.length ? 0 : sorted[k - 1], ScalarSteps.kthLargest(keys, k, 32));
    }

    private static ScalarSteps prepared(ScalarRows rows, float[][] queries) {
        ScalarSteps steps = new ScalarSteps(rows, Kernels.best(), queries, 1, null, 2 * ScanShape.TILE);
        steps.prepare();
        return steps;
    }
}
