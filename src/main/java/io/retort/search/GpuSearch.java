package io.retort.search;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuDemand;
import io.retort.gpu.GpuResidence;
import io.retort.gpu.GpuTopK;
import io.retort.gpu.ScreenFormat;
import io.retort.files.BadInput;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Finds what {@link ExactSearch} finds, bit for bit, on a card. The rows are copied there when the search is made, in
 * floats and in the {@link ScreenFormat}, or as much of both as there is room for ({@link GpuResidence}). More than
 * {@link GpuTopK#MOST} hits are sought by the CPU.
 *
 * <p>Searches of several threads run beside each other, each on a stream of its own.
 */
public final class GpuSearch implements ResponseSearch {
    private final Rows rows;
    private final Kernels kernels;
    private final RowScan scan;
    private final ExactSearch exact;
    private final GpuTopK topK;
    /** The card, if this search owns it and closes it at its end; else null. */
    private final Gpu own;

    /** Searches an index for as long as it is open. The pool and the card stay the caller's. */
    public GpuSearch(ResponseIndex index, ScreenFormat format, Gpu gpu, Kernels kernels, WorkerPool pool) {
        this(index.vectors(), index.metric(), format, gpu, kernels, pool);
    }

    /**
     * Searches rows that lie anywhere, each as {@link ExactSearch#ExactSearch(Rows, Metric, Kernels, WorkerPool)} says.
     */
    public GpuSearch(Rows rows, Metric metric, ScreenFormat format, Gpu gpu, Kernels kernels, WorkerPool pool) {
        this(rows, metric, format, null, gpu, kernels, pool);
    }

    /**
     * Prepares a search on a card, where the caller decides what stays in the card's memory.
     *
     * @param residence null for what fits
     */
    public GpuSearch(Rows rows, Metric metric, ScreenFormat format, GpuResidence residence, Gpu gpu, Kernels kernels,
            WorkerPool pool) {
        this(rows, metric, format, residence, gpu, null, kernels, pool);
    }

    private GpuSearch(Rows rows, Metric metric, ScreenFormat format, GpuResidence residence, Gpu gpu, Gpu own,
            Kernels kernels, WorkerPool pool) {
        requireFloats(rows.format());
        this.rows = rows;
        this.kernels = kernels;
        this.scan = new RowScan(rows, metric, pool);
        this.exact = new ExactSearch(rows, metric, kernels, pool);
        this.topK = new GpuTopK(gpu, rows, format, residence, kernels, pool);
        this.own = own;
    }

    /**
     * Opens the first card and searches there, with codes of 8 bits; the card is closed with the search. Others may
     * have the same card open. Rows that do not fit there are searched all the same, more slowly.
     *
     * @throws io.retort.gpu.NoGpu          if there is no card, or none that can search such rows
     * @throws io.retort.gpu.GpuOutOfMemory if there is not even room for a piece of them
     * @throws io.retort.gpu.GpuException   if the driver refuses
     */
    public static GpuSearch onFirstCard(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        requireFloats(rows.format());
        return owning(Gpu.open(0), null, rows, metric, kernels, pool);
    }

    /**
     * Opens the first card and searches there, provided that all rows fit into its free memory, so that the search is
     * fast.
     *
     * @throws io.retort.gpu.GpuOutOfMemory if they do not
     */
    static GpuSearch wholeOnFirstCard(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        return owning(Gpu.open(0), GpuResidence.WHOLE, rows, metric, kernels, pool);
    }

    /**
     * Refuses rows that a card does not search.
     *
     * @throws BadInput if they are not stored as float32
     */
    static void requireFloats(RowFormat format) {
        if (format == RowFormat.F32) return;
        throw BadInput.of("a card searches rows of f32 alone, and these are " + format.name().toLowerCase(Locale.ROOT),
                "search them on the CPU, or make the index anew with rows of f32");
    }

    /** Prepares a search that owns the card: it is closed with the search, or at once if the search cannot be made. */
    static GpuSearch owning(Gpu gpu, GpuResidence residence, Rows rows, Metric metric, Kernels kernels,
            WorkerPool pool) {
        try {
            if (residence == GpuResidence.WHOLE) {
                new GpuDemand(rows.count(), rows.dims(), ScreenFormat.INT8).requireMemory(gpu);
            }
            return new GpuSearch(rows, metric, ScreenFormat.INT8, residence, gpu, gpu, kernels, pool);
        } catch (Throwable e) {
            try {
                gpu.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    @Override
    public int count() {
        return rows.count();
    }

    @Override
    public int dims() {
        return rows.dims();
    }

    @Override
    public Exactness exactness() {
        return Exactness.EXACT;
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        return scan.searchBy(queries, k, checked -> k > GpuTopK.MOST
                ? exact.search(queries, k, allowed)
                : onCard(checked, k, allowed));
    }

    private List<Hits> onCard(float[][] queries, int k, BitSet allowed) {
        if (!rows.data().scope().isAlive()) throw new IllegalStateException("the searched rows are closed");
        TopK[] best = new TopK[queries.length];
        Arrays.setAll(best, q -> new TopK(k));
        topK.search(queries, k, allowed, best);
        List<Hits> hits = new ArrayList<>(queries.length);
        for (int q = 0; q < queries.length; q++) hits.add(withSigns(Hits.of(best[q]), queries[q]));
        return hits;
    }

    /** Gives hits the CPU's zeros, since the card does not tell -0 from +0. */
    private Hits withSigns(Hits hits, float[] query) {
        if (hits.best().stream().allMatch(hit -> hit.score() != 0)) return hits;
        List<Hit> signed = new ArrayList<>(hits.best());
        float[] score = new float[1];
        signed.replaceAll(hit -> {
            if (hit.score() != 0) return hit;
            kernels.scores(rows, new int[]{hit.row()}, 1, query, score);
            return new Hit(hit.row(), score[0]);
        });
        return new Hits(signed);
    }

    /** Milliseconds that the card spent on the last search that ended. */
    public double kernelMillis() {
        return topK.kernelMillis();
    }

    /** Frees the search's memory on the card, and closes the card if it was opened for this search. */
    @Override
    public void close() {
        scan.close(() -> {
            try (Gpu _ = own) {
                topK.close();
            }
        });
    }
}
