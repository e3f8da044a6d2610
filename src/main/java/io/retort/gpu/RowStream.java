package io.retort.gpu;

import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Rows that do not fit into a card's memory pass through it, piece by piece: while one piece is scanned there, the next
 * is on its way, and the pool's threads put the one after that into pinned memory. Any thread; one search at a time.
 */
final class RowStream implements AutoCloseable {
    /** Bytes of a piece: its copy takes far longer than what a scan costs besides reading. */
    static final int PIECE = 32 << 20;
    private static final int BUFFERS = 2;
    private static final String THREAD_NAME = "retort-gpu-fill";

    private final Gpu gpu;
    private final ScanKernels kernels;
    private final int dims;
    /** Rows of a piece: whole tiles. */
    private final int pieceRows;
    private final WorkerPool pool;
    /** Null after a search that failed: nobody knows what of its work is still under way. */
    private Buffers buffers;

    /**
     * Takes the memory for rows of so many dims.
     *
     * @param pieceBytes of a piece, about; whole tiles are taken
     * @throws GpuOutOfMemory if there is not even as much
     */
    RowStream(Gpu gpu, int dims, int pieceBytes, WorkerPool pool) {
        this.gpu = gpu;
        this.kernels = new ScanKernels(gpu, ScreenFormat.FLOAT32);
        this.dims = dims;
        this.pieceRows = Math.max(1, pieceBytes / (4 * ScanShape.TILE * dims)) * ScanShape.TILE;
        this.pool = pool;
        this.buffers = new Buffers();
    }

    /** What a search works with; its last parts are closed first, which waits for the card. */
    private final class Buffers implements AutoCloseable {
        private final GpuMemory memory = new GpuMemory();
        private final CardSteps steps;
        private final GpuStream copies;
        private final GpuEvent[] copied = new GpuEvent[BUFFERS];
        private final DeviceMemory[] landed = new DeviceMemory[BUFFERS];
        private final PinnedMemory[] pinned = new PinnedMemory[BUFFERS];

        Buffers() {
            steps = new CardSteps(gpu, kernels, dims, ScreenFormat.FLOAT32);
            try {
                copies = memory.add(gpu.stream());
                long bytes = 4L * pieceRows * dims;
                for (int i = 0; i < BUFFERS; i++) {
                    copied[i] = memory.add(gpu.event(false));
                    landed[i] = memory.add(gpu.allocate(bytes));
                    pinned[i] = memory.add(gpu.pin(bytes));
                }
            } catch (Throwable e) {
                close();
                throw e;
            }
        }

        @Override
        public void close() {
            try (CardSteps _ = steps) {
                memory.close();
            }
        }
    }

    /**
     * Offers each query's k best rows.
     *
     * @param rows     that pass through the card
     * @param firstRow what row 0 is called in the index
     * @param allowed  by the rows of the index; null allows all
     * @return milliseconds that kernels took
     */
    synchronized double search(Rows rows, int firstRow, float[][] queries, int k, BitSet allowed, TopK[] best) {
        if (buffers == null) buffers = new Buffers();
        try {
            pass(pieces(rows, firstRow, allowed), rows, firstRow, queries, k, allowed, best);
            return buffers.steps.takeMillis();
        } catch (Throwable e) {
            Buffers failed = buffers;
            buffers = null;
            try (failed) {
                throw e;
            }
        }
    }

    /** Those of which any row is allowed. */
    private List<ScanPart> pieces(Rows rows, int firstRow, BitSet allowed) {
        List<ScanPart> pieces = new ArrayList<>();
        for (long from = 0; from < rows.count(); from += pieceRows) {
            int count = (int) Math.min(pieceRows, rows.count() - from);
            ScanPart piece = new ScanPart(new ScanShape(count, dims, ScreenFormat.FLOAT32), firstRow + (int) from);
            if (piece.hasAllowed(allowed)) pieces.add(piece);
        }
        return pieces;
    }

    private void pass(List<ScanPart> pieces, Rows rows, int firstRow, float[][] queries, int k, BitSet allowed,
            TopK[] best) {
        if (pieces.isEmpty()) return;
        FutureTask<Void> filling = filling(rows, firstRow, pieces, 0);
        try {
            for (int i = 0; i <= pieces.size(); i++) {
                if (i < pieces.size()) {
                    await(filling);
                    send(pieces.get(i), i % BUFFERS);
                    if (i + 1 < pieces.size()) filling = filling(rows, firstRow, pieces, i + 1);
                }
                if (i > 0) scan(pieces.get(i - 1), (i - 1) % BUFFERS, queries, k, allowed, best);
            }
        } finally {
            // Whatever happened: it writes to memory that is freed or used again.
            ended(filling);
        }
    }

    /** Fills a pinned buffer, on a thread of its own and those of the pool, once what it held has been copied. */
    private FutureTask<Void> filling(Rows rows, int firstRow, List<ScanPart> pieces, int number) {
        ScanPart piece = pieces.get(number);
        PinnedMemory to = buffers.pinned[number % BUFFERS];
        GpuEvent copied = buffers.copied[number % BUFFERS];
        FutureTask<Void> task = new FutureTask<>(() -> {
            copied.synchronize();
            long bytes = piece.shape().floatBytes();
            MemorySegment from = rows.data().asSlice(rows.offset(piece.firstRow() - firstRow), bytes);
            GpuRows.copy(from, to.segment().asSlice(0, bytes), pool);
        }, null);
        Thread.ofPlatform().daemon().name(THREAD_NAME).start(task);
        return task;
    }

    /** What was in this buffer on the card was scanned: a scan returns when it is done. */
    private void send(ScanPart piece, int buffer) {
        MemorySegment from = buffers.pinned[buffer].segment().asSlice(0, piece.shape().floatBytes());
        buffers.copies.copyToDevice(buffers.landed[buffer], 0, from);
        buffers.copies.record(buffers.copied[buffer]);
    }

    private void scan(ScanPart piece, int buffer, float[][] queries, int k, BitSet allowed, TopK[] best) {
        CardSteps steps = buffers.steps;
        steps.waitFor(buffers.copied[buffer]);
        GpuRows rows = GpuRows.passing(piece.shape(), buffers.landed[buffer]);
        piece.search(queries, k, allowed, best, CardSteps.CAPACITY,
                (some, most, own) -> steps.with(rows, null, some, most, own));
    }

    private static void await(FutureTask<Void> task) {
        ended(task);
        switch (task.state()) {
            case SUCCESS -> {
            }
            case FAILED -> {
                if (task.exceptionNow() instanceof Error e) throw e;
                throw (RuntimeException) task.exceptionNow();
            }
            default -> throw new AssertionError(task);
        }
    }

    /** Waits for the task's end, however it ends; an interrupt is kept for the caller. */
    private static void ended(FutureTask<Void> task) {
        boolean interrupted = false;
        while (!task.isDone()) {
            try {
                task.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                // It is done; await tells how.
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** Frees the card's memory. */
    @Override
    public synchronized void close() {
        if (buffers != null) buffers.close();
        buffers = null;
    }
}
