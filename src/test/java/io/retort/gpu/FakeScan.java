package io.retort.gpu;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;

/**
 * In the place of a card's kernels, over a {@link FakeDriver}: leaves in its memory what they leave in the end, worked
 * out from the rows, queries and filters that lie there. Where there are no floats every row is a candidate.
 */
final class FakeScan implements Consumer<FakeDriver.Launch> {
    private final FakeDriver fake;
    /** Candidates are lost by the next look at them. */
    boolean losesCandidates;

    FakeScan(FakeDriver fake) {
        this.fake = fake;
    }

    /** The struct {@code Scan}, at the offsets that {@code scan.cuh} gives. */
    private record Scan(FakeDriver fake, List<Integer> ints) {
        int number(int offset) {
            return ints.get(offset / 4);
        }

        int count() {
            return number(144);
        }

        int dims() {
            return number(148);
        }

        int queries() {
            return number(160);
        }

        int k() {
            return number(168);
        }

        boolean has(int offset) {
            return number(offset) != 0 || number(offset + 4) != 0;
        }

        MemorySegment memory(int offset, long bytes) {
            return fake.at(Integer.toUnsignedLong(number(offset)) | (long) number(offset + 4) << 32, bytes);
        }

        boolean isAllowed(int row) {
            if (!has(40)) return true;
            MemorySegment words = memory(40, 4L * ((count() + 31) / 32));
            return (words.getAtIndex(ValueLayout.JAVA_INT, row / 32) >> row % 32 & 1) != 0;
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public void accept(FakeDriver.Launch launch) {
        if (launch.kernel().startsWith("quantize")) return;
        Scan scan = new Scan(fake, (List<Integer>) launch.arguments().getFirst());
        if (launch.kernel().startsWith("prepare")) scan.memory(96, 4L * scan.queries()).fill((byte) 0);
        if (launch.kernel().startsWith("tighten") && !scan.has(32)) tighten(scan);
        if (launch.kernel().equals("choose")) choose(scan);
    }

    private void tighten(Scan scan) {
        MemorySegment kept = scan.memory(112, 8L * CardSteps.CAPACITY * scan.queries());
        for (int q = 0; q < scan.queries(); q++) {
            int found = 0;
            for (int row = 0; row < scan.count(); row++) {
                if (!scan.isAllowed(row) || losesCandidates && found > 0) continue;
                kept.setAtIndex(ValueLayout.JAVA_INT, 2L * ((long) q * CardSteps.CAPACITY + found++), row);
            }
            scan.memory(88, 4L * scan.queries()).setAtIndex(ValueLayout.JAVA_INT, q, found);
            if (losesCandidates) scan.memory(96, 4L * scan.queries()).setAtIndex(ValueLayout.JAVA_INT, q, 1);
        }
        losesCandidates = false;
    }

    private void choose(Scan scan) {
        Rows rows = new Rows(scan.memory(32, 4L * scan.count() * scan.dims()), scan.count(), scan.dims());
        MemorySegment given = scan.memory(48, 4L * scan.queries() * scan.dims());
        MemorySegment results = scan.memory(120, 8L * scan.queries() * scan.k());
        MemorySegment counts = scan.memory(128, 8L * scan.queries());
        for (int q = 0; q < scan.queries(); q++) {
            long stride = 4L * scan.dims(), first = (long) q * scan.k();
            float[] query = given.asSlice(q * stride, stride).toArray(ValueLayout.JAVA_FLOAT);
            float[] scores = new float[scan.count()];
            Kernels.best().scores(rows, 0, scores.length, query, scores);
            TopK best = new TopK(scan.k());
            for (int row = 0; row < scores.length; row++) if (scan.isAllowed(row)) best.offer(row, scores[row]);
            counts.setAtIndex(ValueLayout.JAVA_INT, 2L * q, best.size());
            counts.setAtIndex(ValueLayout.JAVA_INT, 2L * q + 1, 0);
            int[] rank = new int[1];
            best.drain((row, score) -> results.setAtIndex(ValueLayout.JAVA_LONG, first + rank[0]++,
                    Integer.toUnsignedLong(ScalarSteps.keyOf(score)) << 32 | Integer.toUnsignedLong(~row)));
        }
    }
}
