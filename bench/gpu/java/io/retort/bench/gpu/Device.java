package io.retort.bench.gpu;

import io.retort.gpu.GpuResidence;
import io.retort.gpu.ScreenFormat;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.simd.Rows;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What is checked: a card, or what stands in for it in a rehearsal. */
interface Device extends AutoCloseable {
    /** A search that knows how long the device itself took. */
    interface Searcher extends AutoCloseable {
        /** To search with. */
        ResponseSearch search();

        /** Of the last search. */
        double kernelMillis();

        @Override
        void close();
    }

    /** What it is, for the report. */
    Map<String, Object> info();

    /** Bytes that a copy within its memory reads and writes in a second. */
    double copyBandwidth(long bytes, Duration atMost);

    /** Prepares rows for searching; they stay the caller's. */
    Searcher open(Rows rows, Metric metric, ScreenFormat format);

    /**
     * The same by inner product, for rows that come in parts, one appended after the other, and are kept in a certain way.
     */
    Searcher open(List<Rows> parts, ScreenFormat format, GpuResidence residence);

    @Override
    void close();
}
