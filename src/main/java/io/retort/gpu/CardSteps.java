package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * The steps on a card: memory for one batch of queries at a time, a stream, and what is launched on it. One thread at a
 * time.
 */
final class CardSteps implements ScanSteps, AutoCloseable {
    /** Queries of a batch. */
    static final int QUERIES = 256;
    /** Candidates of a query; what a block of the selecting kernels holds. */
    static final int CAPACITY = 16_384;
    /** The greatest k. */
    static final int MOST = 1024;

    private static final int PREPARE_THREADS = 128;
    private static final int SELECT_THREADS = 512;
    /** Where few queries leave the card idle anyway. */
    private static final int FEW_SELECT_THREADS = 1024;
    /** A key for each candidate. */
    private static final int SELECT_BYTES = 4 * CAPACITY;
    /** Findings of a block of the batch kernels. */
    private static final int LIST = 8192;
    private static final int RESCORE_THREADS = 128;
    private static final int FEW_RESCORE_BLOCKS = 128;
    private static final int MANY_RESCORE_BLOCKS = 16;
    private static final int FEW = 8;

    private final ScanKernels kernels;
    private final GpuRows rows;
    private final GpuMemory memory = new GpuMemory();
    private final Arena arena = Arena.ofShared();
    private final ScanStruct struct = new ScanStruct(arena);
    private final GpuStream stream;
    private final PinnedMemory given;
    private final PinnedMemory results;
    private final PinnedMemory resultCounts;
    private final PinnedMemory words;
    private final DeviceMemory allowed;
    private final long[] work;
    private final DeviceMemory counts;
    private final KernelArguments scanOnly;
    private final KernelArguments scanAndPhase;
    private final KernelArguments scanPhaseStages;
    private final GpuEvent before;
    private final GpuEvent after;
    private int queries;
    private int k;

    CardSteps(Gpu gpu, ScanKernels kernels, GpuRows rows) {
        this.kernels = kernels;
        this.rows = rows;
        try {
            ScanShape shape = rows.shape();
            stream = memory.add(gpu.stream());
            before = memory.add(gpu.event(true));
            after = memory.add(gpu.event(true));
            given = memory.add(gpu.pin(4L * QUERIES * shape.dims()));
            results = memory.add(gpu.pin(8L * QUERIES * MOST));
            resultCounts = memory.add(gpu.pin(8L * QUERIES));
            long bits = 4L * ((shape.count() + 31L) / 32);
            words = memory.add(gpu.pin(bits));
            allowed = memory.add(gpu.allocate(bits));
            work = new long[]{0, given.deviceAddress(), take(gpu, 4L * QUERIES * shape.paddedDims()),
                    take(gpu, (long) QUERIES * Math.max(1, shape.chunks()) * ScanShape.CHUNK), take(gpu, 16L * QUERIES),
                    take(gpu, 4L * QUERIES), (counts = memory.add(gpu.allocate(4L * QUERIES))).address(), take(gpu, 4L * QUERIES),
                    take(gpu, 8L * QUERIES * CAPACITY), take(gpu, 8L * QUERIES * CAPACITY), results.deviceAddress(), resultCounts.deviceAddress(),
                    take(gpu, 16L * gpu.info().multiprocessors() * LIST)};
            scanOnly = memory.add(KernelArguments.of().struct(struct.scan()).build());
            scanAndPhase = memory.add(KernelArguments.of().struct(struct.scan()).struct(struct.phase()).build());
            scanPhaseStages = memory.add(KernelArguments.of().struct(struct.scan()).struct(struct.phase()).int32(0)
                    .build());
            rows.describe(struct);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private long take(Gpu gpu, long bytes) {
        return memory.add(gpu.allocate(bytes)).address();
    }

    /**
     * Begins with other queries.
     *
     * @param vectors at most {@value #QUERIES}
     * @param most    the k, at most {@value #MOST}
     * @param filter  null allows all
     */
    CardSteps with(float[][] vectors, int most, BitSet filter) {
        queries = vectors.length;
        k = most;
        long stride = 4L * rows.shape().dims();
        for (int q = 0; q < queries; q++) {
            MemorySegment.copy(vectors[q], 0, given.segment(), ValueLayout.JAVA_FLOAT, q * stride, vectors[q].length);
        }
        work[0] = filter == null ? 0 : allowed.address();
        if (filter != null) copyAllowed(filter);
        struct.work(work[0], work[1], work[2], work[3], work[4], work[5], work[6], work[7], work[8], work[9],
                work[10], work[11], work[12]);
        struct.sizes(queries, ScanKernels.slots(queries), k);
        return this;
    }

    private void copyAllowed(BitSet filter) {
        long[] bits = filter.toLongArray();
        MemorySegment to = words.segment();
        to.fill((byte) 0);
        long bytes = Math.min(8L * bits.length, to.byteSize());
        MemorySegment.copy(MemorySegment.ofArray(bits), 0, to, 0, bytes);
        stream.copyToDevice(allowed, 0, to);
    }

    @Override
    public void prepare() {
        stream.record(before);
        launch(kernels.formatted("prepare"), Grid.of(ScanKernels.slots(queries), PREPARE_THREADS));
    }

    @Override
    public void scan(ScanPhase phase) {
        ScanKernels.Scan scan = kernels.scan(rows.shape(), queries, ScanKernels.slots(queries), phase.tiles());
        for (int first = 0; first < queries; first += scan.queries()) {
            struct.phase(phase, first);
            if (scan.stages() > 0) scanPhaseStages.int32(2, scan.stages());
            stream.launch(scan.function(), scan.grid(), scan.stages() > 0 ? scanPhaseStages : scanAndPhase);
        }
    }

    @Override
    public void tighten() {
        select(kernels.formatted("tighten"));
        struct.exchange();
    }

    @Override
    public void choose() {
        int blocks = queries <= FEW ? FEW_RESCORE_BLOCKS : MANY_RESCORE_BLOCKS;
        if (rows.shape().format().isCoded()) {
            launch(kernels.function("rescore"), new Grid(blocks, queries, 1, RESCORE_THREADS, 0));
        }
        select(kernels.function("choose"));
        stream.record(after);
    }

    private void select(GpuFunction function) {
        function.allowSharedBytes(SELECT_BYTES);
        launch(function, Grid.of(queries, queries <= QUERIES / 2 ? FEW_SELECT_THREADS : SELECT_THREADS).withSharedBytes(SELECT_BYTES));
    }

    private void launch(GpuFunction function, Grid grid) {
        stream.launch(function, grid, scanOnly);
    }

    @Override
    public void finish() {
        stream.synchronize();
    }

    /** Milliseconds between the first kernel and the last of the batch before. */
    double kernelMillis() {
        return after.millisSince(before);
    }

    @Override
    public int chosen(int query) {
        return resultCounts.segment().getAtIndex(ValueLayout.JAVA_INT, 2L * query);
    }

    @Override
    public boolean overflowed(int query) {
        return resultCounts.segment().getAtIndex(ValueLayout.JAVA_INT, 2L * query + 1) != 0;
    }

    @Override
    public int row(int query, int rank) {
        return ~(int) key(query, rank);
    }

    @Override
    public float score(int query, int rank) {
        int key = (int) (key(query, rank) >>> 32);
        return Float.intBitsToFloat(key < 0 ? key & Integer.MAX_VALUE : ~key);
    }

    private long key(int query, int rank) {
        return results.segment().getAtIndex(ValueLayout.JAVA_LONG, (long) query * k + rank);
    }

    @Override
    public void close() {
        memory.close();
        if (arena.scope().isAlive()) arena.close();
    }
}
