package io.retort.gpu;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The best rows for queries, by dot product, found on a card: the same rows and scores, bit for bit, as
 * {@link io.retort.simd.Kernels} gives, but for the sign of a zero.
 *
 * <p>Rows stream once past a batch of queries, in {@link ScreenFormat}; each row whose bound reaches the k-th best so far
 * is scored from its floats. Rows that do not fit into the card's memory are found all the same ({@link GpuResidence}).
 * Any thread may search, several at once, also while rows are appended; each has memory of its own on the card meanwhile,
 * but those whose rows pass through the card do so one after another.
 */
public final class GpuTopK implements AutoCloseable {
    /** The greatest k. */
    public static final int MOST = CardSteps.MOST;
    /** Bytes of the card's memory that are left to others. */
    private static final long LEFT_FREE = 512L << 20;

    private final Gpu gpu;
    private final ScanKernels kernels;
    private final ScreenFormat format;
    private final int dims;
    private final GpuResidence residence;
    private final Kernels cpu;
    private final WorkerPool pool;
    private final int pieceBytes;
    private final Deque<CardSteps> idle = new ArrayDeque<>();
    /** Replaced as a whole, under the lock of this, when rows are appended. */
    private volatile List<Part> parts = List.of();
    /** Made with the first rows that need it, under the lock of this. */
    private volatile RowStream stream;
    private volatile double kernelMillis;

    /** Rows that came together; their first one's number in the index. */
    private sealed interface Part {
    }

    /** @param scores null where the card has the rows themselves */
    private record Resident(GpuRows rows, ScanPart scanned, CandidateScores scores) implements Part {
    }

    private record Streamed(Rows rows, int firstRow) implements Part {
    }

    /**
     * Copies rows to the card. Those that are not there as a whole must stay where they are until this is closed.
     *
     * @param residence null for what fits
     * @param cpu       scores candidates where the card has only codes
     * @param pool      copies and scores; stays the caller's, as the card does
     * @throws NoGpu          if the card cannot run the kernels for such rows
     * @throws GpuOutOfMemory if they do not fit in the way that is wanted
     */
    public GpuTopK(Gpu gpu, Rows rows, ScreenFormat format, GpuResidence residence, Kernels cpu, WorkerPool pool) {
        this(gpu, rows, format, residence, cpu, pool, RowStream.PIECE);
    }

    /** With pieces of another size, of those rows that pass through the card. */
    GpuTopK(Gpu gpu, Rows rows, ScreenFormat format, GpuResidence residence, Kernels cpu, WorkerPool pool,
            int pieceBytes) {
        if (residence != null && !residence.suits(format)) {
            throw new IllegalArgumentException("residence: " + residence + ", but " + format + " has no codes");
        }
        new GpuDemand(rows.count(), rows.dims(), format).require(gpu.info());
        this.gpu = gpu;
        this.kernels = new ScanKernels(gpu, format);
        this.format = format;
        this.dims = rows.dims();
        this.residence = residence;
        this.cpu = cpu;
        this.pool = pool;
        this.pieceBytes = pieceBytes;
        append(rows);
    }

    /**
     * Adds rows, numbered on from the last one. Searches that are under way do not see them.
     *
     * @throws GpuOutOfMemory if they do not fit in the way that is wanted; nothing is changed then
     */
    public synchronized void append(Rows rows) {
        if (rows.dims() != dims) throw new IllegalArgumentException("rows: of " + rows.dims() + " dims, not " + dims);
        int first = count();
        if (rows.count() > Integer.MAX_VALUE - first) {
            throw new IllegalArgumentException("rows: " + rows.count() + " more than " + first + " have no numbers");
        }
        List<Part> more = new ArrayList<>(parts);
        more.add(residence != null ? placed(rows, first, residence) : placed(rows, first));
        parts = List.copyOf(more);
    }

    /** As fits; what others have taken of the card's memory since it was asked for is heeded. */
    private Part placed(Rows rows, int first) {
        ScanShape shape = new ScanShape(rows.count(), dims, format);
        long reserved = LEFT_FREE + CardSteps.deviceBytes(gpu.info(), shape);
        GpuResidence chosen = GpuResidence.fitting(shape, gpu.freeMemory(), reserved);
        while (true) {
            try {
                return placed(rows, first, chosen);
            } catch (GpuOutOfMemory e) {
                if (chosen == GpuResidence.STREAMED) throw e;
                boolean fewer = chosen == GpuResidence.WHOLE && GpuResidence.CODES.suits(format);
                chosen = fewer ? GpuResidence.CODES : GpuResidence.STREAMED;
            }
        }
    }

    private Part placed(Rows rows, int first, GpuResidence as) {
        if (as == GpuResidence.STREAMED) {
            if (rows.count() < 1) throw new IllegalArgumentException("rows: none");
            if (stream == null) stream = new RowStream(gpu, dims, pieceBytes, pool);
            return new Streamed(rows, first);
        }
        boolean whole = as == GpuResidence.WHOLE;
        GpuRows resident = new GpuRows(gpu, kernels, rows, format, whole, pool);
        return new Resident(resident, new ScanPart(resident.shape(), first),
                whole ? null : new CandidateScores(rows, cpu, pool));
    }

    /** How many rows there are. */
    public int count() {
        List<Part> now = parts;
        if (now.isEmpty()) return 0;
        return switch (now.getLast()) {
            case Resident last -> last.scanned.firstRow() + last.scanned.shape().count();
            case Streamed last -> last.firstRow + last.rows.count();
        };
    }

    /**
     * Offers each query's k best rows, of those that were there when it began.
     *
     * @param queries {@code [queries, dims]}, finite, none longer than 1e18
     * @param k       1 to {@link #MOST}
     * @param allowed null allows all
     * @param best    one for each query
     */
    public void search(float[][] queries, int k, BitSet allowed, TopK[] best) {
        if (k < 1 || k > MOST) throw new IllegalArgumentException("k: " + k);
        double millis = 0;
        CardSteps steps = null;
        try {
            for (Part part : parts) {
                switch (part) {
                    case Resident resident -> {
                        CardSteps own = steps == null ? steps = take() : steps;
                        resident.scanned.search(queries, k, allowed, best, CardSteps.CAPACITY,
                                (some, most, its) -> own.with(resident.rows, resident.scores, some, most, its));
                        millis += own.takeMillis();
                    }
                    case Streamed streamed ->
                        millis += stream.search(streamed.rows, streamed.firstRow, queries, k, allowed, best);
                }
            }
        } catch (Throwable e) {
            try (CardSteps _ = steps) {
                throw e;
            }
        }
        kernelMillis = millis;
        if (steps != null) give(steps);
    }

    /** Milliseconds that the card spent on the last search that ended, of whichever thread. */
    public double kernelMillis() {
        return kernelMillis;
    }

    private CardSteps take() {
        synchronized (idle) {
            if (!idle.isEmpty()) return idle.pop();
        }
        return new CardSteps(gpu, kernels, dims, format);
    }

    private void give(CardSteps steps) {
        synchronized (idle) {
            idle.push(steps);
        }
    }

    /** Frees the card's memory. No search may be under way. */
    @Override
    public synchronized void close() {
        synchronized (idle) {
            while (!idle.isEmpty()) idle.pop().close();
        }
        if (stream != null) stream.close();
        for (Part part : parts) if (part instanceof Resident resident) resident.rows.close();
    }
}
