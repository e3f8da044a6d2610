package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.search.ExactSearch;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Rows in parts, each scanned by itself, and what of them a card keeps. */
class ScanPartTest {
    private static final int DIMS = 17;

    @Property(tries = 200)
    void aFilterIsCutWhereThePartsAre(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BitSet all = new BitSet();
        int count = 1 + random.nextInt(500), every = 1 + random.nextInt(60);
        for (int row = 0; row < count; row++) if (random.nextInt(every) == 0) all.set(row);
        for (ScanPart part : parts(random, count)) {
            BitSet own = part.allowed(all);
            for (int row = 0; row < part.shape().count(); row++) {
                assertEquals(all.get(part.firstRow() + row), own.get(row));
            }
            assertEquals(own.cardinality(), all.get(part.firstRow(), part.firstRow() + part.shape().count())
                    .cardinality());
            assertEquals(!own.isEmpty(), part.hasAllowed(all));
        }
    }

    private static List<ScanPart> parts(SplittableRandom random, int count) {
        List<ScanPart> parts = new ArrayList<>();
        for (int first = 0, size; first < count; first += size) {
            size = 1 + random.nextInt(count - first);
            parts.add(new ScanPart(new ScanShape(size, DIMS, ScreenFormat.INT8), first));
        }
        return parts;
    }

    /** By the specification of the kernels, with the rows' floats beside codes and without. */
    @Property(tries = 150)
    void theBestOfAllPartsAreTheBest(@ForAll ScanData data, @ForAll ScreenFormat format, @ForAll boolean codesAlone,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int count = 2 + random.nextInt(800), k = 1 + random.nextInt(Math.min(count, 40)), capacity = 256;
        float[][] vectors = data.vectors(random, count, DIMS);
        float[][] queries = data.vectors(random, 1 + random.nextInt(6), DIMS);
        BitSet allowed = random.nextBoolean() ? null : new BitSet();
        if (allowed != null) for (int row = 0; row < count; row++) if (random.nextInt(5) == 0) allowed.set(row);
        TopK[] best = new TopK[queries.length];
        Arrays.setAll(best, q -> new TopK(k));
        try (WorkerPool pool = new WorkerPool(1);
                ExactSearch exact = new ExactSearch(ScanData.rows(vectors), Metric.INNER_PRODUCT, Kernels.best(),
                        pool)) {
            for (ScanPart cut : parts(random, count)) {
                int end = cut.firstRow() + cut.shape().count();
                Rows rows = ScanData.rows(Arrays.copyOfRange(vectors, cut.firstRow(), end));
                ScalarRows packed = new ScalarRows(rows, format);
                CandidateScores onCpu = codesAlone && format.isCoded()
                        ? new CandidateScores(rows, Kernels.best(), pool)
                        : null;
                new ScanPart(packed.shape(), cut.firstRow()).search(queries, k, allowed, best, capacity,
                        (some, most, own) -> new ScalarSteps(packed, Kernels.best(), some, most, own, capacity, onCpu));
            }
            List<Hits> right = exact.search(queries, k, allowed);
            for (int q = 0; q < queries.length; q++) assertEquals(told(right.get(q)), told(Hits.of(best[q])));
        }
    }

    /** Zero's sign is not told. */
    private static List<String> told(Hits hits) {
        return hits.best().stream().map(hit -> hit.row() + " " + (hit.score() + 0f)).toList();
    }

    @Test
    void asMuchStaysOnTheCardAsFits() {
        ScanShape bytes = new ScanShape(20_000_000, 384, ScreenFormat.INT8);
        long floats = bytes.floatBytes(), codes = bytes.codeBytes() + bytes.slackBytes(), reserved = 600L << 20;
        long staged = GpuRows.stagedBytes(bytes);
        assertEquals(GpuResidence.WHOLE, GpuResidence.fitting(bytes, floats + codes + reserved, reserved));
        assertEquals(GpuResidence.CODES, GpuResidence.fitting(bytes, floats + codes + reserved - 1, reserved));
        assertEquals(GpuResidence.CODES, GpuResidence.fitting(bytes, codes + staged + reserved, reserved));
        assertEquals(GpuResidence.STREAMED, GpuResidence.fitting(bytes, codes + staged + reserved - 1, reserved));
        assertEquals(GpuResidence.STREAMED, GpuResidence.fitting(bytes, 0, reserved));
        ScanShape plain = new ScanShape(20_000_000, 384, ScreenFormat.FLOAT32);
        assertEquals(GpuResidence.WHOLE, GpuResidence.fitting(plain, floats + reserved, reserved));
        assertEquals(GpuResidence.STREAMED, GpuResidence.fitting(plain, floats + reserved - 1, reserved));
    }
}
