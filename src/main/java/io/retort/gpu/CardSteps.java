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
    /** Bytes of the candidates of all queries. */
    private static final long CANDIDATES = 8L * QUERIES * CAPACITY;

    private final Gpu gpu;
    private final ScanKernels kernels;
    private final GpuMemory memory = new GpuMemory();
    private final Arena arena = Arena.ofShared();
    private final ScanStruct struct = new ScanStruct(arena);
    private final GpuStream stream;
    private final PinnedMemory given;
    private final PinnedMemory results;
    private final PinnedMemory resultCounts;
    /** A bit for each row, in both places; null until a filter comes, and replaced when one is longer. */
    private PinnedMemory words;
    private DeviceMemory allowed;
    private final long[] work;
    private final DeviceMemory counts;
    private final DeviceMemory overflows;
    /** What the struct calls candidates, and what kept, until the two change places. */
    private DeviceMemory candidates;
    private DeviceMemory kept;
    /** Where the CPU reads candidates to score them; null until it does. */
    private PinnedMemory toScore;
    private final KernelArguments scanOnly;
    private final KernelArguments scanAndPhase;
    private final KernelArguments scanPhaseStages;
    private final GpuEvent before;
    private final GpuEvent after;
    private GpuRows rows;
    private CandidateScores scores;
    private float[][] vectors;
    private int queries;
    private int k;
    private CandidateScores.Best[] scored;
    private double millis;

    /** For any rows of this many dims, in this format. */
    CardSteps(Gpu gpu, ScanKernels kernels, int dims, ScreenFormat format) {
        this.gpu = gpu;
        this.kernels = kernels;
        try {
            ScanShape shape = new ScanShape(1, dims, format);
            stream = memory.add(gpu.stream());
            before = memory.add(gpu.event(true));
            after = memory.add(gpu.event(true));
            given = memory.add(gpu.pin(4L * QUERIES * shape.dims()));
            results = memory.add(gpu.pin(8L * QUERIES * MOST));
            resultCounts = memory.add(gpu.pin(8L * QUERIES));
            counts = memory.add(gpu.allocate(4L * QUERIES));
            overflows = memory.add(gpu.allocate(4L * QUERIES));
            candidates = memory.add(gpu.allocate(CANDIDATES));
            kept = memory.add(gpu.allocate(CANDIDATES));
            work = new long[]{0, given.deviceAddress(), take(exactBytes(shape)), take(codeBytes(shape)),
                take(16L * QUERIES), take(4L * QUERIES), counts.address(), overflows.address(), 0, 0,
                results.deviceAddress(), resultCounts.deviceAddress(), take(listBytes(gpu.info()))};
            scanOnly = memory.add(KernelArguments.of().struct(struct.scan()).build());
            scanAndPhase = memory.add(KernelArguments.of().struct(struct.scan()).struct(struct.phase()).build());
            scanPhaseStages = memory.add(KernelArguments.of().struct(struct.scan()).struct(struct.phase()).int32(0)
                    .build());
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private long take(long bytes) {
        return memory.add(gpu.allocate(bytes)).address();
    }

    private static long exactBytes(ScanShape shape) {
        return 4L * QUERIES * shape.paddedDims();
    }

    private static long codeBytes(ScanShape shape) {
        return (long) QUERIES * Math.max(1, shape.chunks()) * ScanShape.CHUNK;
    }

    private static long listBytes(GpuInfo info) {
        return 16L * info.multiprocessors() * LIST;
    }

    /** About how many bytes of the card's memory steps take for such rows. */
    static long deviceBytes(GpuInfo info, ScanShape shape) {
        return exactBytes(shape) + codeBytes(shape) + listBytes(info) + 2 * CANDIDATES + shape.count() / 8;
    }

    /** Work given from now on begins after the mark. */
    void waitFor(GpuEvent event) {
        stream.waitFor(event);
    }

    /**
     * Begins with other queries, or other rows of the same dims and format.
     *
     * @param among   must be open until the results are there
     * @param onCpu   scores candidates where {@code among} has no floats; otherwise not used
     * @param asked   at most {@value #QUERIES}
     * @param most    the k, at most {@value #MOST}
     * @param filter  null allows all
     */
    CardSteps with(GpuRows among, CandidateScores onCpu, float[][] asked, int most, BitSet filter) {
        rows = among;
        scores = onCpu;
        vectors = asked;
        queries = asked.length;
        k = most;
        scored = null;
        long stride = 4L * rows.shape().dims();
        for (int q = 0; q < queries; q++) {
            MemorySegment.copy(asked[q], 0, given.segment(), ValueLayout.JAVA_FLOAT, q * stride, asked[q].length);
        }
        if (filter != null) copyAllowed(filter);
        work[0] = filter == null ? 0 : allowed.address();
        work[8] = candidates.address();
        work[9] = kept.address();
        struct.work(work[0], work[1], work[2], work[3], work[4], work[5], work[6], work[7], work[8], work[9],
                work[10], work[11], work[12]);
        struct.sizes(queries, ScanKernels.slots(queries), k);
        rows.describe(struct);
        return this;
    }

    private void copyAllowed(BitSet filter) {
        long needed = 4L * ((rows.shape().count() + 31L) / 32);
        if (words == null || words.segment().byteSize() < needed) {
            // The steps before are done with: they have finished.
            if (words != null) words.close();
            if (allowed != null) allowed.close();
            words = memory.add(gpu.pin(needed));
            allowed = memory.add(gpu.allocate(needed));
        }
        long[] bits = filter.toLongArray();
        MemorySegment to = words.segment().asSlice(0, needed);
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
        DeviceMemory free = candidates;
        candidates = kept;
        kept = free;
    }

    @Override
    public void choose() {
        if (!rows.hasFloats()) {
            stream.record(after);
            stream.copyToHost(resultCounts.segment().asSlice(0, 4L * queries), counts, 0);
            stream.copyToHost(resultCounts.segment().asSlice(4L * QUERIES, 4L * queries), overflows, 0);
            return;
        }
        int blocks = queries <= FEW ? FEW_RESCORE_BLOCKS : MANY_RESCORE_BLOCKS;
        if (rows.shape().format().isCoded()) {
            launch(kernels.function("rescore"), new Grid(blocks, queries, 1, RESCORE_THREADS, 0));
        }
        select(kernels.function("choose"));
        stream.record(after);
    }

    private void select(GpuFunction function) {
        function.allowSharedBytes(SELECT_BYTES);
        launch(function, Grid.of(queries, queries <= QUERIES / 2 ? FEW_SELECT_THREADS : SELECT_THREADS)
                .withSharedBytes(SELECT_BYTES));
    }

    private void launch(GpuFunction function, Grid grid) {
        stream.launch(function, grid, scanOnly);
    }

    @Override
    public void finish() {
        stream.synchronize();
        millis += after.millisSince(before);
        if (!rows.hasFloats()) scored = scores.best(vectors, candidatesOnHost(), k);
    }

    /** Of each query, the rows of its candidates, one behind the other in pinned memory meanwhile. */
    private int[][] candidatesOnHost() {
        int[][] found = new int[queries][];
        long all = 0;
        for (int q = 0; q < queries; q++) {
            found[q] = new int[Math.min(resultCounts.segment().getAtIndex(ValueLayout.JAVA_INT, q), CAPACITY)];
            all += 8L * found[q].length;
        }
        if (all == 0) return found;
        if (toScore == null || toScore.segment().byteSize() < all) {
            if (toScore != null) toScore.close();
            toScore = memory.add(gpu.pin(Math.min(2 * all, CANDIDATES)));
        }
        long at = 0;
        for (int q = 0; q < queries; q++) {
            long bytes = 8L * found[q].length;
            if (bytes > 0) stream.copyToHost(toScore.segment().asSlice(at, bytes), candidates, 8L * CAPACITY * q);
            at += bytes;
        }
        stream.synchronize();
        at = 0;
        for (int[] each : found) {
            for (int i = 0; i < each.length; i++, at += 8) each[i] = toScore.segment().get(ValueLayout.JAVA_INT, at);
        }
        return found;
    }

    /** Milliseconds between the first kernel and the last, of all batches that finished since this was last asked. */
    double takeMillis() {
        double taken = millis;
        millis = 0;
        return taken;
    }

    @Override
    public int chosen(int query) {
        if (scored != null) return scored[query].rows().length;
        return resultCounts.segment().getAtIndex(ValueLayout.JAVA_INT, 2L * query);
    }

    @Override
    public boolean overflowed(int query) {
        long at = scored != null ? QUERIES + query : 2L * query + 1;
        return resultCounts.segment().getAtIndex(ValueLayout.JAVA_INT, at) != 0;
    }

    @Override
    public int row(int query, int rank) {
        return scored != null ? scored[query].rows()[rank] : ~(int) key(query, rank);
    }

    @Override
    public float score(int query, int rank) {
        if (scored != null) return scored[query].scores()[rank];
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
