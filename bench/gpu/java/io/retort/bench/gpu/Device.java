package io.retort.bench.gpu;

import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.simd.Rows;
import java.time.Duration;
import java.util.Map;

/** What is checked: a card, or what stands in for it in a rehearsal. */
interface Device extends AutoCloseable {
    /** In what form a search reads all rows. */
    enum Format {
        INT8(1), FLOAT16(2), FLOAT32(4);

        private final int bytes;

        Format(int bytes) {
            this.bytes = bytes;
        }

        /** Of a component of a row. */
        int bytes() {
            return bytes;
        }
    }

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
    Searcher open(Rows rows, Metric metric, Format format);

    @Override
    void close();
}
