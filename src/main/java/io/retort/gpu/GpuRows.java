package io.retort.gpu;

import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;

/**
 * Rows in a card's memory: their codes, with what bounds their scores, and the rows themselves, or one of both.
 * Immutable once made; any thread may search them.
 */
final class GpuRows implements AutoCloseable {
    /** Bytes that are on their way to the card at a time. */
    private static final int STAGED = 64 << 20;
    private static final int QUANTIZE_THREADS = 256;

    private final ScanShape shape;
    private final GpuMemory memory = new GpuMemory();
    private final DeviceMemory codes;
    private final DeviceMemory scales;
    private final DeviceMemory tileSlack;
    private final DeviceMemory rowSlack;
    private final DeviceMemory floats;

    /**
     * Copies rows to the card and makes codes of them there.
     *
     * @param whole whether they stay there themselves; otherwise the format has codes
     * @throws GpuOutOfMemory if they do not fit
     */
    GpuRows(Gpu gpu, ScanKernels kernels, Rows rows, ScreenFormat format, boolean whole, WorkerPool pool) {
        this.shape = new ScanShape(rows.count(), rows.dims(), format);
        try {
            long padded = (long) shape.tiles() * ScanShape.TILE;
            codes = format.isCoded() ? memory.add(gpu.allocate(shape.codeBytes())) : null;
            scales = format.isCoded() ? memory.add(gpu.allocate(4L * shape.tiles())) : null;
            tileSlack = format.isCoded() ? memory.add(gpu.allocate(8L * shape.tiles())) : null;
            rowSlack = format.isCoded() ? memory.add(gpu.allocate(8 * padded)) : null;
            floats = whole ? memory.add(gpu.allocate(shape.floatBytes())) : null;
            upload(gpu, format.isCoded() ? kernels.formatted("quantize") : null, rows, pool);
        } catch (Throwable e) {
            memory.close();
            throw e;
        }
    }

    /** Rows without codes that lie in memory of somebody else's: closing this frees nothing. */
    static GpuRows passing(ScanShape shape, DeviceMemory floats) {
        return new GpuRows(shape, floats);
    }

    private GpuRows(ScanShape shape, DeviceMemory floats) {
        this.shape = shape;
        this.floats = floats;
        codes = scales = tileSlack = rowSlack = null;
    }

    /** Bytes on the card that rows pass through where they do not stay. */
    static long stagedBytes(ScanShape shape) {
        return 2 * pieceBytes(shape);
    }

    /** Bytes of the rows that are copied at a time: whole tiles, or all. */
    private static long pieceBytes(ScanShape shape) {
        return Math.min((long) tilesAtOnce(shape) * tileFloats(shape), shape.floatBytes());
    }

    private static int tilesAtOnce(ScanShape shape) {
        return Math.max(1, STAGED / tileFloats(shape));
    }

    private static int tileFloats(ScanShape shape) {
        return 4 * ScanShape.TILE * shape.dims();
    }

    /** Two pieces at a time: one is filled by the pool's threads while the other is on its way. */
    private void upload(Gpu gpu, GpuFunction quantize, Rows rows, WorkerPool pool) {
        int tileFloats = tileFloats(shape), tilesAtOnce = tilesAtOnce(shape);
        long bytes = pieceBytes(shape);
        try (GpuMemory staging = new GpuMemory(); GpuStream stream = gpu.stream()) {
            GpuEvent[] done = {staging.add(gpu.event(false)), staging.add(gpu.event(false))};
            DeviceMemory[] landed = floats != null
                    ? null
                    : new DeviceMemory[]{staging.add(gpu.allocate(bytes)), staging.add(gpu.allocate(bytes))};
            // Freed first, which waits for the card.
            PinnedMemory[] pinned = {staging.add(gpu.pin(bytes)), staging.add(gpu.pin(bytes))};
            for (int tile = 0, i = 0; tile < shape.tiles(); tile += tilesAtOnce, i++) {
                int half = i % 2, tiles = Math.min(tilesAtOnce, shape.tiles() - tile);
                long from = (long) tile * tileFloats;
                long length = Math.min((long) tiles * tileFloats, shape.floatBytes() - from);
                if (i >= 2) done[half].synchronize();
                MemorySegment piece = pinned[half].segment().asSlice(0, length);
                copy(rows.data().asSlice(from, length), piece, pool);
                DeviceMemory to = floats != null ? floats : landed[half];
                long at = floats != null ? from : 0;
                stream.copyToDevice(to, at, piece);
                if (quantize != null) quantize(stream, quantize, to.address(at), tile, tiles);
                stream.record(done[half]);
            }
            stream.synchronize();
        }
    }

    private void quantize(GpuStream stream, GpuFunction quantize, long from, int firstTile, int tiles) {
        try (KernelArguments arguments = KernelArguments.of().address(from).int32(firstTile).int32(shape.count())
                .int32(shape.dims()).int32(shape.chunks()).address(codes).address(scales).address(tileSlack)
                .address(rowSlack).build()) {
            stream.launch(quantize, Grid.of(tiles, QUANTIZE_THREADS), arguments);
        }
    }

    /** A single thread does not fill the bus. */
    static void copy(MemorySegment from, MemorySegment to, WorkerPool pool) {
        int grain = 1 << 20;
        long length = from.byteSize();
        pool.forRanges((int) ((length + grain - 1) / grain), 1, (slot, first, end) -> {
            long at = (long) first * grain, bytes = Math.min((long) end * grain, length) - at;
            MemorySegment.copy(from, at, to, at, bytes);
        });
    }

    ScanShape shape() {
        return shape;
    }

    /** Whether scores can be computed on the card. */
    boolean hasFloats() {
        return floats != null;
    }

    /** Enters the addresses into a kernel's struct. */
    void describe(ScanStruct struct) {
        struct.rows(shape, address(codes), address(scales), address(tileSlack), address(rowSlack), address(floats));
    }

    private static long address(DeviceMemory memory) {
        return memory == null ? 0 : memory.address();
    }

    /** Frees the card's memory. */
    @Override
    public void close() {
        memory.close();
    }
}
