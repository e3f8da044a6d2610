package io.retort.simd;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Products of matrices shared among the threads of a pool. A product is split into blocks of rows, small enough that a
 * block of A stays in a core's level 2 cache while the panels of B pass by; where that gives too few blocks for the
 * threads (a batch of one text) the panels are split too.
 *
 * <p>Owns scratch memory: one call at a time, and closed after use.
 */
public final class Gemm implements AutoCloseable {
    /** Bytes of a block of A: a quarter of a level 2 cache of 1 MB, half of one of 512 KB. */
    private static final long BLOCK_BYTES = 256 << 10;
    /** Columns of A that kernels take at a time, about. */
    private static final int DEPTH = 256;
    /** Work of an item, in FLOP, that handing it out costs nothing against: about 20 us. */
    private static final long ITEM_FLOP = 2_000_000;
    /** Bytes of B that take as long to come from memory: with few rows a product waits for nothing else. */
    private static final long ITEM_BYTES = 512 << 10;
    /** Items a thread: with several, a thread that is held up leaves its share to the others. */
    private static final int ITEMS_A_THREAD = 8;
    /** What packing a number of A costs, in numbers of B that are read. */
    private static final double PACKING_COST = 3;
    /** Columns of C that packing A is little beside, where there are as many groups as threads. */
    private static final int GROUP_COLUMNS = 192;

    /** The same for weights in blocks, of which one row of A meets each but once. */
    private static final long BLOCK_ITEM_FLOP = 300_000;

    /** Bytes of B that all items find in the last cache; beyond, it comes from memory again for each block of rows. */
    private static final long CACHED_BYTES = 16 << 20;

    /** Rows of quantised activations that several threads make. */
    private static final int SHARED_ROWS = 16;
    /** Most rows for which weights are unpacked once. */
    private static final int BLOCK_ROWS = 256;
    /** Most columns of a product whose weights are decoded at a time. */
    private static final int BAND_COLUMNS = 64;

    private final MatrixKernels kernels;
    private final WorkerPool pool;
    private final Scratch[] scratch;

    public Gemm(MatrixKernels kernels, WorkerPool pool) {
        this.kernels = kernels;
        this.pool = pool;
        this.scratch = new Scratch[pool.threads()];
        for (int i = 0; i < scratch.length; i++) scratch[i] = new Scratch();
    }

    public MatrixKernels kernels() {
        return kernels;
    }

    /**
     * Computes {@code C = epilogue(A B)} with B packed before: A {@code [M, K]}, B {@code [K, N]}, C {@code [M, N]}.
     */
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue) {
        int rows = c.rows(), panels = kernels.panels(c.columns());
        if (rows == 0 || panels == 0) return;
        long flop = 2L * rows * Math.max(1, b.rows()) * c.columns();
        long work = Math.max(flop / ITEM_FLOP, 4L * b.rows() * b.columns() / ITEM_BYTES);
        boolean huge = 4L * b.rows() * b.columns() > CACHED_BYTES;
        int items = Math.clamp(work, 1, (huge ? 2 : ITEMS_A_THREAD) * pool.threads());
        int blockRows = blockRows(rows, b.rows(), rowBlocks(rows, c.columns(), items));
        int rowBlocks = Math.ceilDiv(rows, blockRows);
        int most = Math.max(Math.ceilDiv(pool.threads(), rowBlocks), c.columns() / GROUP_COLUMNS);
        int wanted = Math.ceilDiv(panels, Math.min(Math.ceilDiv(items, rowBlocks), most));
        int groupPanels = Math.ceilDiv(wanted, kernels.tilePanels()) * kernels.tilePanels();
        int groups = Math.ceilDiv(panels, groupPanels);
        pool.forRanges(rowBlocks * groups, 1, (slot, from, to) -> {
            int row = from / groups * blockRows, panel = from % groups * groupPanels;
            Block block = new Block(row, Math.min(rows, row + blockRows), panel, Math.min(panels, panel + groupPanels));
            kernels.multiply(a, b, c, epilogue, block, scratch[slot]);
        });
    }

    /**
     * Into how many blocks of rows so many items should be cut: each block reads all of B, and each group of panels packs
     * all of A again, so that the sum of both is least with as many as this.
     */
    private static int rowBlocks(int rows, int columns, int items) {
        return Math.clamp(Math.round(Math.sqrt(PACKING_COST * items * rows / columns)), 1, items);
    }

    /** Rows of a block: whole tiles, at most what the cache holds, fewer where that gives as many blocks as are wanted. */
    private int blockRows(int rows, int depth, int blocks) {
        int tile = kernels.tileRows();
        long cached = BLOCK_BYTES / (Float.BYTES * Math.clamp(depth, 1, DEPTH));
        long wanted = Math.max(Math.ceilDiv(rows, blocks), 4 * tile);
        int most = Math.ceilDiv(Math.clamp(Math.min(cached, wanted), 1, rows), tile);
        return balanced(Math.ceilDiv(rows, tile), most) * tile;
    }

    /**
     * At most {@code most} of so many tiles, and more than half of that: as many as let the threads end together if
     * they are equally fast.
     */
    private int balanced(int tiles, int most) {
        int best = most;
        if (tiles <= (long) most * pool.threads()) return best;
        for (int size = most; size > most / 2; size--) if (longest(tiles, size) < longest(tiles, best)) best = size;
        return best;
    }

    /** Number of tiles of the thread that gets most of them. */
    private long longest(int tiles, int size) {
        return (long) size * Math.ceilDiv(Math.ceilDiv(tiles, size), pool.threads());
    }

    /** Computes {@code C = epilogue(A B)}, packing B first, into scratch memory. */
    public void multiply(Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
        PackedMatrix packed = PackedMatrix.over(kernels,
                scratch[0].right.atLeast(kernels.packedBytes(b.rows(), b.columns())), b.rows(), b.columns());
        packed.fill(kernels, b, pool);
        multiply(a, packed, c, epilogue);
    }

    /**
     * Computes {@code C = epilogue(A BT)} with B kept in blocks: A {@code [M, K]}, B {@code [N, K]}, C {@code [M, N]}.
     * Quantised weights are multiplied with A quantised to 8 bits, as {@link BlockKernels} defines it; halves of floats
     * with A as it is, as {@link MatrixKernels} defines it.
     */
    public void multiply(Matrix a, BlockMatrix b, Matrix c, Epilogue epilogue) {
        Shapes.check(a, c, epilogue, b.columns(), b.rows());
        if (c.rows() == 0 || c.columns() == 0) return;
        if (b.layout().isHalf()) {
            multiplyHalves(a, b, c, epilogue);
            return;
        }
        BlockKernels blocks = kernels.blocks();
        int rowWords = b.rowWords();
        int[] codes = scratch[0].codes(BlockKernels.words(b.layout(), b.columns(), a.rows()));
        if (a.rows() < SHARED_ROWS) blocks.quantize(a, 0, a.rows(), b.layout(), codes);
        else
            pool.forRanges(a.rows(), BlockKernels.TILE,
                    (slot, from, to) -> blocks.quantize(a, from, to, b.layout(), codes));

        int rows = a.rows(), panels = Math.ceilDiv(b.rows(), blocks.panelColumns());
        int blockRows = Math.clamp(BLOCK_BYTES / Integer.BYTES / rowWords / BlockKernels.TILE * BlockKernels.TILE,
                4 * BlockKernels.TILE, BLOCK_ROWS);
        int rowBlocks = Math.ceilDiv(rows, blockRows);
        long work = 2L * rows * b.columns() * b.rows() / BLOCK_ITEM_FLOP;
        int items = Math.clamp(work, 1, ITEMS_A_THREAD * pool.threads());
        // Threads that have as many items each end together.
        if (items > 1) items = Math.ceilDiv(items, pool.threads()) * pool.threads();
        int groupPanels = Math.ceilDiv(panels, Math.ceilDiv(items, rowBlocks));
        int groups = Math.ceilDiv(panels, groupPanels);
        pool.forRanges(rowBlocks * groups, 1, (slot, from, to) -> {
            int row = from / groups * blockRows, panel = from % groups * groupPanels;
            Block block = new Block(row, Math.min(rows, row + blockRows), panel, Math.min(panels, panel + groupPanels));
            blocks.multiply(codes, b, c, epilogue, block, scratch[slot]);
        });
    }

    /** Decodes a band of B at a time, so many rows that each thread has some. */
    private void multiplyHalves(Matrix a, BlockMatrix b, Matrix c, Epilogue epilogue) {
        int width = kernels.panelColumns(), most = Math.ceilDiv(BAND_COLUMNS, width) * width;
        int band = Math.clamp(Math.ceilDiv(Math.ceilDiv(b.rows(), ITEMS_A_THREAD * pool.threads()), width) * width,
                width,
                most);
        pool.forRanges(b.rows(), band, (slot, from, to) -> {
            Scratch own = scratch[slot];
            PackedMatrix weights = PackedMatrix.over(kernels,
                    own.decoded.atLeast(kernels.packedBytes(b.columns(), to - from)), b.columns(), to - from);
            kernels.blocks().decode(b, from, to, weights);
            kernels.multiply(a, weights, c.columns(from, to), epilogue.columns(from, to),
                    new Block(0, a.rows(), 0, kernels.panels(to - from)), own);
        });
    }

    /**
     * Computes {@code C = epilogue(A B)} with B kept in blocks, to the bits of the product with B decoded: A
     * {@code [M, N]}, B {@code [N, K]}, C {@code [M, K]}. For gradients with respect to what B was multiplied with.
     */
    public void multiplyBack(Matrix a, BlockMatrix b, Matrix c, Epilogue epilogue) {
        Shapes.check(a, c, epilogue, b.rows(), b.columns());
        if (c.rows() == 0) return;
        int width = b.layout().columns();
        pool.forRanges(b.columns(), width, (slot, from, to) -> {
            Scratch own = scratch[slot];
            Matrix sums = Matrix.of(own.right.atLeast(4L * a.rows() * width), a.rows(), to - from);
            Matrix target = c.columns(from, to);
            Epilogue last = epilogue.columns(from, to);
            boolean whole = b.rows() <= MatrixKernels.SPAN;
            for (int row = 0; row == 0 || row < b.rows(); row += MatrixKernels.SPAN) {
                int end = Math.min(b.rows(), row + MatrixKernels.SPAN);
                PackedMatrix weights = PackedMatrix.over(kernels,
                        own.decoded.atLeast(kernels.packedBytes(end - row, to - from)), end - row, to - from);
                kernels.blocks().decodeBack(b, row, end, from, to, weights);
                kernels.multiply(a.columns(row, end), weights, whole ? target : sums,
                        whole ? last : row == 0 ? Epilogue.NONE : Epilogue.addend(sums),
                        new Block(0, a.rows(), 0, kernels.panels(to - from)), own);
            }
            if (!whole) finish(sums, target, last);
        });
    }

    private static void finish(Matrix sums, Matrix c, Epilogue epilogue) {
        for (int i = 0; i < c.rows(); i++) {
            for (int j = 0; j < c.columns(); j++) c.set(i, j, epilogue.apply(sums.get(i, j), i, j));
        }
    }

    /** Computes {@code C_i = epilogue(A_i B_i)} for i in {@code [0, batch)}, each product by one thread. */
    public void multiplyBatch(int batch, IntFunction<Matrix> a, IntFunction<Matrix> b, IntFunction<Matrix> c,
            Epilogue epilogue) {
        pool.forRanges(batch, 1, (slot, from, to) -> {
            for (int i = from; i < to; i++) multiplyAlone(a.apply(i), b.apply(i), c.apply(i), epilogue, scratch[slot]);
        });
    }

    private void multiplyAlone(Matrix a, Matrix b, Matrix c, Epilogue epilogue, Scratch scratch) {
        PackedMatrix packed = PackedMatrix.over(kernels,
                scratch.right.atLeast(kernels.packedBytes(b.rows(), b.columns())), b.rows(), b.columns());
        int panels = kernels.panels(b.columns());
        kernels.pack(b, packed.memory(), 0, panels);
        kernels.multiply(a, packed, c, epilogue, new Block(0, c.rows(), 0, panels), scratch);
    }

    /** Bytes of scratch memory that are held at present. */
    public long bytes() {
        return Arrays.stream(scratch).mapToLong(Scratch::bytes).sum();
    }

    /** Frees the scratch memory. */
    @Override
    public void close() {
        for (Scratch s : scratch) s.close();
    }
}
