package io.retort.bench.gpu;

import io.retort.gpu.GpuResidence;
import io.retort.gpu.ScreenFormat;
import io.retort.search.ExactSearch;
import io.retort.search.Exactness;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.search.ScreenedSearch;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** The CPU in a card's place, so that the check can be rehearsed on a machine without one. Its figures say nothing. */
final class StandIn implements Device {
    private final Kernels kernels = Kernels.best();
    private final WorkerPool pool;

    StandIn(WorkerPool pool) {
        this.pool = pool;
    }

    @Override
    public Map<String, Object> info() {
        return Map.of("name", "none, the CPU stands in", "kernels", kernels.name());
    }

    @Override
    public double copyBandwidth(long bytes, Duration atMost) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(bytes);
            MemorySegment to = arena.allocate(bytes);
            double best = 0;
            long end = System.nanoTime() + atMost.toNanos();
            do {
                long start = System.nanoTime();
                to.copyFrom(from);
                best = Math.max(best, 2e9 * bytes / (System.nanoTime() - start));
            } while (System.nanoTime() < end);
            return best;
        }
    }

    @Override
    public Searcher open(Rows rows, Metric metric, ScreenFormat format) {
        return new Timed(format == ScreenFormat.INT8
                ? new ScreenedSearch(rows, metric, kernels, pool)
                : new ExactSearch(rows, metric, kernels, pool));
    }

    /** How they are kept is the card's business. */
    @Override
    public Searcher open(List<Rows> parts, ScreenFormat format, GpuResidence residence) {
        Rows first = parts.getFirst();
        int count = parts.stream().mapToInt(Rows::count).sum();
        MemorySegment memory = Arena.ofAuto().allocate(first.stride() * count);
        long at = 0;
        for (Rows part : parts) {
            MemorySegment.copy(part.data(), 0, memory, at, part.data().byteSize());
            at += part.data().byteSize();
        }
        return open(new Rows(memory, count, first.dims()), Metric.INNER_PRODUCT, format);
    }

    @Override
    public void close() {
    }

    /** Takes the time of the whole search for that of the kernels. */
    private static final class Timed implements Searcher, ResponseSearch {
        private final ResponseSearch search;
        private double millis;

        Timed(ResponseSearch search) {
            this.search = search;
        }

        @Override
        public ResponseSearch search() {
            return this;
        }

        @Override
        public double kernelMillis() {
            return millis;
        }

        @Override
        public int count() {
            return search.count();
        }

        @Override
        public int dims() {
            return search.dims();
        }

        @Override
        public Exactness exactness() {
            return search.exactness();
        }

        @Override
        public List<Hits> search(float[][] queries, int k, BitSet allowed) {
            long start = System.nanoTime();
            List<Hits> hits = search.search(queries, k, allowed);
            millis = (System.nanoTime() - start) / 1e6;
            return hits;
        }

        @Override
        public void close() {
            search.close();
        }
    }
}
