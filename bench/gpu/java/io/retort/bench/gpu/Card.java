package io.retort.bench.gpu;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuInfo;
import io.retort.gpu.GpuResidence;
import io.retort.gpu.GpuTopK;
import io.retort.gpu.ScreenFormat;
import io.retort.search.Exactness;
import io.retort.search.GpuSearch;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** The first card of this machine. */
final class Card implements Device {
    private final Gpu gpu = Gpu.open(0);
    private final WorkerPool pool;

    Card(WorkerPool pool) {
        this.pool = pool;
    }

    @Override
    public Map<String, Object> info() {
        GpuInfo info = gpu.info();
        Map<String, Object> told = new LinkedHashMap<>();
        for (RecordComponent component : GpuInfo.class.getRecordComponents()) {
            try {
                told.put(component.getName(), component.getAccessor().invoke(info));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        told.put("freeMemory", gpu.freeMemory());
        return told;
    }

    @Override
    public double copyBandwidth(long bytes, Duration atMost) {
        return gpu.copyBandwidth(bytes, atMost);
    }

    @Override
    public Searcher open(Rows rows, Metric metric, ScreenFormat format) {
        GpuSearch search = new GpuSearch(rows, metric, format, gpu, Kernels.best(), pool);
        return new Timed(search, search::kernelMillis);
    }

    @Override
    public Searcher open(List<Rows> parts, ScreenFormat format, GpuResidence residence) {
        GpuTopK topK = new GpuTopK(gpu, parts.getFirst(), format, residence, Kernels.best(), pool);
        try {
            for (Rows part : parts.subList(1, parts.size())) topK.append(part);
            return new Timed(new Appended(topK, parts.getFirst().dims()), topK::kernelMillis);
        } catch (RuntimeException e) {
            topK.close();
            throw e;
        }
    }

    private record Timed(ResponseSearch search, DoubleSupplier millis) implements Searcher {
        @Override
        public double kernelMillis() {
            return millis.getAsDouble();
        }

        @Override
        public void close() {
            search.close();
        }
    }

    /** By inner product; the sign of a score of zero is not told. */
    private record Appended(GpuTopK topK, int dims) implements ResponseSearch {
        @Override
        public int count() {
            return topK.count();
        }

        @Override
        public Exactness exactness() {
            return Exactness.EXACT;
        }

        @Override
        public List<Hits> search(float[][] queries, int k, BitSet allowed) {
            TopK[] best = new TopK[queries.length];
            Arrays.setAll(best, q -> new TopK(k));
            topK.search(queries, k, allowed, best);
            return Arrays.stream(best).map(Hits::of).toList();
        }

        @Override
        public void close() {
            topK.close();
        }
    }

    @Override
    public void close() {
        gpu.close();
    }
}
