package io.retort.bench.gpu;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuInfo;
import io.retort.gpu.ScreenFormat;
import io.retort.search.GpuSearch;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

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
        return new Searcher() {
            @Override
            public ResponseSearch search() {
                return search;
            }

            @Override
            public double kernelMillis() {
                return search.kernelMillis();
            }

            @Override
            public void close() {
                search.close();
            }
        };
    }

    @Override
    public void close() {
        gpu.close();
    }
}
