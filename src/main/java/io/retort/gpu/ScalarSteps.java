package io.retort.gpu;

import io.retort.simd.Kernels;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * The steps in plain Java: the specification of the kernels in {@code src/main/cuda}, to be read beside them; what has
 * a kernel's name does what it does, in the same formulas. What the bounds rest on is proved in
 * docs/decisions/0026-top-k-on-a-card.md.
 *
 * <p>A card's threads find candidates in no particular order and sum binary16 products in an order of their own; here
 * both are in the order of the rows and dims. Hits and scores depend on neither.
 */
final class ScalarSteps implements ScanSteps {
    /** The row of a candidate that is none. */
    static final int NONE = -1;
    /**
     * What a product of two scales may lose where it underflows: 2^-150 for each unit of a dot product of codes, which
     * is at most 2^38: dims of 2^16, binary16 codes of 2^11. Four times that.
     */
    static final float UNDERFLOW = 0x1p-110f;
    /** A product of scales from which on it has a float's precision, with room for it to be multiplied. */
    private static final float LEAST_UNIT = 0x1p-120f;
    private static final double UNIT = 0x1p-24;
    /** The greatest k for which thresholds are scores, rather than bounds. */
    private static final int SCORED = 256;
    private static final int TILE = ScanShape.TILE;

    private final ScalarRows rows;
    private final ScanShape shape;
    private final Kernels kernels;
    private final float[][] exact;
    private final int slots;
    private final int k;
    private final BitSet allowed;
    /** Scores what is found where the card has no floats; null where it has. */
    private final CandidateScores onCpu;
    /** Bits of a key that a threshold needs. */
    private static final int COARSE = 22;

    private final int capacity;
    /** {@code [chunks][slots][CHUNK]}. */
    private final byte[] queryCodes;
    private final QueryBound[] bounds;
    private final float[] thresholds;
    /** Candidates so far; above the capacity: some were lost. */
    private final int[] counts;
    private final boolean[] overflowed;
    /** {@code [queries][capacity]}. */
    private final int[][] candidateRows;
    /** Bits of the dot product of a candidate's codes and the query's; in the end of its score. */
    private final int[][] candidateDots;
    /** {@code [queries]}: the score's key above the complement of the row, best first. */
    private final long[][] results;

    /** What a query brings to the bounds of its scores: its scale, and the worth of a unit of error and of norm. */
    private record QueryBound(float scale, float perError, float perNorm) {
    }

    /** A score is between these; NaN: there is no row. */
    record Bounds(float lower, float upper) {
        private static final Bounds OF_NONE = new Bounds(Float.NaN, Float.NaN);
    }

    /**
     * @param kernels  that score candidates
     * @param queries  as many as {@link CardSteps#QUERIES} at most
     * @param allowed  null allows all
     * @param capacity candidates of a query for which there is room
     */
    ScalarSteps(ScalarRows rows, Kernels kernels, float[][] queries, int k, BitSet allowed, int capacity) {
        this(rows, kernels, queries, k, allowed, capacity, null);
    }

    /**
     * As on a card that may have codes alone.
     *
     * @param onCpu scores candidates then; null if the card has the floats
     */
    ScalarSteps(ScalarRows rows, Kernels kernels, float[][] queries, int k, BitSet allowed, int capacity,
            CandidateScores onCpu) {
        this.onCpu = onCpu;
        this.rows = rows;
        this.shape = rows.shape();
        this.kernels = kernels;
        this.exact = queries;
        this.slots = ScanKernels.slots(queries.length);
        this.k = k;
        this.allowed = allowed;
        this.capacity = capacity;
        queryCodes = new byte[slots * shape.chunks() * ScanShape.CHUNK];
        bounds = new QueryBound[queries.length];
        thresholds = new float[queries.length];
        counts = new int[queries.length];
        overflowed = new boolean[queries.length];
        candidateRows = new int[queries.length][capacity];
        candidateDots = new int[queries.length][capacity];
        results = new long[queries.length][];
    }

    @Override
    public void prepare() {
        for (int query = 0; query < exact.length; query++) {
            if (shape.format().isCoded()) prepareQuery(query);
            thresholds[query] = Float.NEGATIVE_INFINITY;
            counts[query] = 0;
            overflowed[query] = false;
        }
    }

    private void prepareQuery(int query) {
        float[] x = exact[query];
        float largest = 0;
        for (float value : x) largest = Math.max(largest, Math.abs(value));
        float scale = ScalarCodes.scaleOf(shape.format(), largest);
        double squares = 0;
        int codesPerChunk = shape.codesPerChunk();
        for (int chunk = 0; chunk < shape.chunks(); chunk++) {
            int from = chunk * codesPerChunk, n = Math.min(x.length - from, codesPerChunk);
            squares += ScalarCodes.encode(shape.format(), x, from, n, scale, queryCodes, offset(query, chunk));
        }
        double error = ScalarCodes.up(Math.sqrt(squares)), norm = ScalarCodes.up(ScalarRows.length(x));
        double roundings = ((shape.dims() + 15) / 16 + 4) * UNIT, gamma = roundings / (1 - roundings);
        double lost = (4 + (shape.format() == ScreenFormat.FLOAT16 ? 4.0 * shape.dims() : 0)) * UNIT;
        bounds[query] = new QueryBound(scale, ScalarCodes.up((norm + error) * (1 + lost)),
                ScalarCodes.up(error + norm * gamma + (norm + error) * lost));
    }

    /** Where the bytes of a query's chunk begin. */
    private int offset(int query, int chunk) {
        return (chunk * slots + query) * ScanShape.CHUNK;
    }

    @Override
    public void scan(ScanPhase phase) {
        countDirect(phase);
        for (int visit = 0; visit < phase.tiles(); visit++) {
            int tile = phase.tile(visit);
            for (int query = 0; query < exact.length; query++) {
                float reach = reach(query, tile, thresholds[query]);
                for (int row = tile * TILE, r = 0; r < TILE; row++, r++) {
                    int dot = dot(query, row);
                    if (reaches(dot, reach)) found(phase, visit, row, query, dot);
                }
            }
        }
    }

    /** A direct phase finds as many candidates as it has rows. */
    private void countDirect(ScanPhase phase) {
        if (phase.direct()) Arrays.fill(counts, phase.tiles() * TILE);
    }

    /** The bits of a row's dot product with the query, of their codes; without codes of its score. */
    int dot(int query, int row) {
        int whole = 0;
        float sum = 0;
        switch (shape.format()) {
            case INT8 -> {
                for (int chunk = 0; chunk < shape.chunks(); chunk++) {
                    whole = ScalarCodes.addWhole(whole, rows.codes, rows.offset(row, chunk), queryCodes,
                            offset(query, chunk));
                }
            }
            case FLOAT16 -> {
                for (int chunk = 0; chunk < shape.chunks(); chunk++) {
                    sum = ScalarCodes.addHalves(sum, rows.codes, rows.offset(row, chunk), queryCodes,
                            offset(query, chunk));
                }
            }
            case FLOAT32 -> sum = scores(query, new int[]{Math.min(row, shape.count() - 1)}, 1)[0];
        }
        return shape.format() == ScreenFormat.INT8 ? whole : Float.floatToRawIntBits(sum);
    }

    private float[] scores(int query, int[] ids, int count) {
        float[] scores = new float[count];
        kernels.scores(rows.rows, ids, count, exact[query], scores);
        return scores;
    }

    /** Which dot product a row of a tile has at least, if its bounds reach the threshold. */
    float reach(int query, int tile, float threshold) {
        if (!shape.format().isCoded()) return threshold;
        QueryBound bound = bounds[query];
        return tileThreshold(threshold, bound, rows.tileErrors[tile], rows.tileNorms[tile], rows.scales[tile]);
    }

    private static float tileThreshold(float threshold, QueryBound bound, float error, float norm, float scale) {
        float slack = Math.fma(error, bound.perError, Math.fma(norm, bound.perNorm, UNDERFLOW)) * (1 + 0x1p-16f);
        float unit = scale * bound.scale, above = threshold - slack;
        // Dot products are below 2^39: so small a unit makes next to nothing of them.
        if (!(unit >= LEAST_UNIT)) return above > 0x1p-80f ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        float wanted = Math.min(above / unit, 1e30f);
        return wanted - Math.abs(wanted) * 0x1p-18f - 1e-6f;
    }

    /** Whether a dot product is at least what is wanted. One that is NaN is, so that a direct phase leaves no gaps. */
    boolean reaches(int dot, float reach) {
        if (shape.format() == ScreenFormat.INT8) return dot >= wholeThreshold(reach);
        return !(Float.intBitsToFloat(dot) < reach);
    }

    /** Sums of codes are below 1.07e9 (2^16 dims of 127^2), and so their differences from it fit into 32 bits. */
    private static int wholeThreshold(float threshold) {
        return (int) Math.floor(Math.clamp(threshold, -1.07e9f, 1.07e9f)) - 1;
    }

    /** A candidate. In a direct phase, where each row has its place, a row that may not be found is none. */
    private void found(ScanPhase phase, int visit, int row, int query, int dot) {
        boolean out = row >= shape.count() || !isAllowed(row);
        int place = visit * TILE + row % TILE;
        if (!phase.direct()) {
            if (out) return;
            place = counts[query]++;
            if (place >= capacity) return;
        }
        candidateRows[query][place] = out ? NONE : row;
        candidateDots[query][place] = dot;
    }

    private boolean isAllowed(int row) {
        return allowed == null || allowed.get(row);
    }

    /** Between which bounds the score of a row is that has this dot product. */
    Bounds boundsOf(int query, int row, int dot) {
        if (row == NONE) return Bounds.OF_NONE;
        if (!shape.format().isCoded()) return new Bounds(Float.intBitsToFloat(dot), Float.intBitsToFloat(dot));
        QueryBound bound = bounds[query];
        float product = shape.format() == ScreenFormat.INT8 ? dot : Float.intBitsToFloat(dot);
        float slack = Math.fma(rows.rowErrors[row], bound.perError,
                Math.fma(rows.rowNorms[row], bound.perNorm, UNDERFLOW));
        float unit = rows.scales[row / TILE] * bound.scale;
        return new Bounds(Math.fma(product, unit, -slack), Math.fma(product, unit, slack));
    }

    @Override
    public void tighten() {
        for (int query = 0; query < exact.length; query++) tighten(query);
    }

    private void tighten(int query) {
        if (counts[query] > capacity) {
            counts[query] = capacity;
            overflowed[query] = true;
        }
        int[] candidates = candidateRows[query], dots = candidateDots[query];
        int[] keys = new int[counts[query]];
        for (int i = 0; i < keys.length; i++) keys[i] = keyOf(boundsOf(query, candidates[i], dots[i]).lower);
        int key = kthLargest(keys, k, COARSE);
        if (key != 0) {
            thresholds[query] = Math.max(thresholds[query], valueOf(key));
            if (shape.format().isCoded() && onCpu == null && k <= SCORED) {
                thresholds[query] = Math.max(thresholds[query], leastOfBest(query, keys, key));
            }
        }
        int kept = 0;
        for (int i = 0; i < keys.length; i++) {
            if (!(boundsOf(query, candidates[i], dots[i]).upper >= thresholds[query])) continue;
            candidates[kept] = candidates[i];
            dots[kept++] = dots[i];
        }
        counts[query] = kept;
    }

    /** The least score of k candidates whose lower bounds reach one that k of them do: no worse is among the k best. */
    private float leastOfBest(int query, int[] keys, int kth) {
        int[] best = IntStream.range(0, keys.length).filter(i -> Integer.compareUnsigned(keys[i], kth) >= 0).limit(k)
                .map(i -> candidateRows[query][i]).toArray();
        float least = Float.POSITIVE_INFINITY;
        for (float score : scores(query, best, best.length)) least = Math.min(least, score);
        return least;
    }

    /**
     * The greatest number, of which only the upper bits may be set, that at least k of the keys reach; 0 if there are not
     * so many above it.
     */
    static int kthLargest(int[] keys, int k, int bits) {
        int found = 0;
        for (int bit = 31; bit >= 32 - bits; bit--) {
            int trial = found | 1 << bit, reached = 0;
            for (int key : keys) if (Integer.compareUnsigned(key, trial) >= 0) reached++;
            if (reached >= k) found = trial;
        }
        return found;
    }

    @Override
    public void choose() {
        if (onCpu != null) {
            chooseOnCpu();
            return;
        }
        for (int query = 0; query < exact.length; query++) {
            if (shape.format().isCoded()) rescore(query);
            int[] candidates = candidateRows[query], scores = candidateDots[query];
            results[query] = IntStream.range(0, counts[query])
                    .mapToLong(i -> Integer.toUnsignedLong(keyOf(Float.intBitsToFloat(scores[i]))) << 32
                            | Integer.toUnsignedLong(~candidates[i]))
                    .boxed().sorted((a, b) -> Long.compareUnsigned(b, a)).limit(k).mapToLong(key -> key).toArray();
        }
    }

    private void chooseOnCpu() {
        int[][] candidates = new int[exact.length][];
        for (int query = 0; query < exact.length; query++) {
            candidates[query] = Arrays.copyOf(candidateRows[query], counts[query]);
        }
        CandidateScores.Best[] best = onCpu.best(exact, candidates, k);
        for (int query = 0; query < exact.length; query++) {
            int[] found = best[query].rows();
            float[] scores = best[query].scores();
            results[query] = IntStream.range(0, found.length)
                    .mapToLong(i -> Integer.toUnsignedLong(keyOf(scores[i])) << 32 | Integer.toUnsignedLong(~found[i]))
                    .toArray();
        }
    }

    /** The score takes the place of the dot product. */
    private void rescore(int query) {
        float[] scores = scores(query, candidateRows[query], counts[query]);
        for (int i = 0; i < scores.length; i++) candidateDots[query][i] = Float.floatToRawIntBits(scores[i]);
    }

    /** Greater floats have greater keys, without sign; NaN has the least. */
    static int keyOf(float value) {
        if (value != value) return 0;
        int bits = Float.floatToRawIntBits(value + 0.0f);
        return bits < 0 ? ~bits : bits | Integer.MIN_VALUE;
    }

    static float valueOf(int key) {
        return Float.intBitsToFloat(key < 0 ? key & Integer.MAX_VALUE : ~key);
    }

    @Override
    public void finish() {
        // Every step has done its work when it returns.
    }

    @Override
    public int chosen(int query) {
        return results[query].length;
    }

    @Override
    public boolean overflowed(int query) {
        return overflowed[query];
    }

    @Override
    public int row(int query, int rank) {
        return ~(int) results[query][rank];
    }

    @Override
    public float score(int query, int rank) {
        return valueOf((int) (results[query][rank] >>> 32));
    }
}
