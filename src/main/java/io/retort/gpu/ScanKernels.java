package io.retort.gpu;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels that scan one format on one card, and how they are launched there. Modules for batches are compiled by the
 * driver when the first batch comes. Any thread.
 */
final class ScanKernels {
    /** System property: {@code true} has a Hopper card run what other cards run, so that it can be tested there. */
    private static final String PORTABLE = "retort.gpu.portable";
    /** Queries of one block of the tensor cores' kernels, from the widest. */
    private static final int[] SLOTS = {256, 128, 64};
    private static final int[] STREAMED = {8, 4, 1};
    private static final int[] STREAMED_FLOATS = {4, 1};
    private static final int STREAM_THREADS = 256;
    private static final int MULTIPLY_THREADS = 256;
    private static final int MULTIPLY_STAGES = 4;
    private static final int WARPGROUP_THREADS = 384;
    private static final int WARPGROUP_TILES = 2;
    private static final int MOST_STAGES = 16;
    private static final int FEWEST_STAGES = 3;
    /** Bytes of a block that the streaming kernels and the driver have for themselves. */
    private static final int RESERVED = 1024;
    /** Bytes of a tile's slab. */
    private static final int SLAB = 4 * ScanShape.TILE * ScanShape.CHUNK;

    private final Gpu gpu;
    private final ScreenFormat format;
    private final int sharedLimit;
    private final boolean warpgroups;
    private final Map<String, GpuFunction> functions = new ConcurrentHashMap<>();

    ScanKernels(Gpu gpu, ScreenFormat format) {
        this(gpu, format, gpu.info().major() == 9 && !Boolean.getBoolean(PORTABLE));
    }

    /** With the kernels of Hopper or without. */
    ScanKernels(Gpu gpu, ScreenFormat format, boolean warpgroups) {
        this.gpu = gpu;
        this.format = format;
        this.sharedLimit = gpu.info().sharedBytesPerBlock();
        this.warpgroups = warpgroups;
    }

    /**
     * A kernel of a phase, ready to be launched.
     *
     * @param queries that a launch takes; as many launches are needed as cover all
     * @param stages  of its pipeline, if it is a parameter, else 0
     */
    record Scan(GpuFunction function, Grid grid, int queries, int stages) {
    }

    /** The kernel that prepares queries, chooses, and so on: {@code name} or {@code name_format}. */
    GpuFunction function(String name) {
        return functions.computeIfAbsent(name, each -> module("scan").function(each));
    }

    GpuFunction formatted(String name) {
        return function(name + "_" + format.suffix());
    }

    /** Slots that so many queries are laid out in. */
    static int slots(int queries) {
        if (queries <= STREAMED[0]) return STREAMED[0];
        int slots = SLOTS[0];
        for (int each : SLOTS) if (queries <= each) slots = each;
        return slots;
    }

    /** What scans tiles for queries that lie in so many slots. */
    Scan scan(ScanShape shape, int queries, int slots, int tiles) {
        if (format.isCoded() && slots > STREAMED[0]) {
            for (int each : SLOTS) {
                if (each > slots) continue;
                Scan batch = warpgroups ? byWarpgroups(shape, each, slots, tiles) : byWarps(shape, each, slots, tiles);
                if (batch != null) return batch;
            }
        }
        return streamed(shape, queries, tiles);
    }

    private Scan byWarpgroups(ScanShape shape, int each, int slots, int tiles) {
        int queryBytes = shape.chunks() * each * ScanShape.CHUNK;
        GpuFunction function = batchFunction("warpgroups", each);
        int room = sharedLimit - function.sharedBytes() - queryBytes;
        int stages = Math.min(MOST_STAGES, room / (WARPGROUP_TILES * SLAB));
        if (stages < FEWEST_STAGES) return null;
        int across = slots / each;
        int blocks = Math.max(1, Math.min(gpu.info().multiprocessors() / across, ceil(tiles, WARPGROUP_TILES)));
        int shared = queryBytes + stages * WARPGROUP_TILES * SLAB;
        function.allowSharedBytes(shared);
        return new Scan(function, new Grid(blocks, across, 1, WARPGROUP_THREADS, shared), slots, stages);
    }

    private Scan byWarps(ScanShape shape, int each, int slots, int tiles) {
        int atOnce = 8 * ScanShape.TILE / each;
        int shared = shape.chunks() * each * ScanShape.CHUNK + MULTIPLY_STAGES * atOnce * SLAB;
        if (shared + 1280 > sharedLimit) return null;
        GpuFunction function = batchFunction("multiply", each);
        int across = slots / each;
        int blocks = Math.max(1, Math.min(gpu.info().multiprocessors() / across, ceil(tiles, atOnce)));
        function.allowSharedBytes(shared);
        return new Scan(function, new Grid(blocks, across, 1, MULTIPLY_THREADS, shared), slots, 0);
    }

    /** Whether a card has room for one query at least. */
    static boolean hasRoom(GpuInfo card, ScanShape shape) {
        return queryBytes(shape, 1) + RESERVED <= card.sharedBytesPerBlock();
    }

    private Scan streamed(ScanShape shape, int queries, int tiles) {
        int[] widths = format.isCoded() ? STREAMED : STREAMED_FLOATS;
        int each = widths[0];
        for (int width : widths) {
            if (queries <= width || queryBytes(shape, each) + RESERVED > sharedLimit) each = width;
        }
        int shared = queryBytes(shape, each);
        GpuFunction function = function("stream_" + format.suffix() + "_" + each);
        if (shared > 48 << 10) function.allowSharedBytes(shared);
        // A block for each tile where there are few, so that they find as many multiprocessors.
        boolean few = tiles <= 4 * gpu.info().multiprocessors();
        int threads = !format.isCoded() || !few ? STREAM_THREADS : ScanShape.TILE;
        int atOnce = format.isCoded() ? threads / ScanShape.TILE : 1;
        return new Scan(function, new Grid(ceil(tiles, atOnce), 1, 1, threads, shared), each, 0);
    }

    /** Bytes of so many queries as the streaming kernels keep them: binary16 as floats. */
    private static int queryBytes(ScanShape shape, int queries) {
        int bytes = switch (shape.format()) {
            case INT8 -> shape.chunks() * ScanShape.CHUNK;
            case FLOAT16 -> 2 * shape.chunks() * ScanShape.CHUNK;
            case FLOAT32 -> 4 * shape.paddedDims();
        };
        return queries * bytes;
    }

    private GpuFunction batchFunction(String kind, int each) {
        String name = kind + "_" + format.suffix();
        return functions.computeIfAbsent(name + "_" + each, full -> module(name).function(full));
    }

    private GpuModule module(String name) {
        boolean hopper = name.startsWith("warpgroups");
        return gpu.module(GpuCode.resource(name + (hopper ? ".sm_90a.ptx" : ".sm_80.ptx")));
    }

    private static int ceil(int a, int b) {
        return (a + b - 1) / b;
    }
}
