package io.retort.gpu;

/**
 * How many threads run a kernel: blocks in three dimensions, each of threads in one.
 *
 * @param sharedBytes of memory that each block has beside what the kernel declares
 */
public record Grid(int gridX, int gridY, int gridZ, int block, int sharedBytes) {
    private static final int MAX_YZ = 65_535;
    private static final int MAX_BLOCK = 1024;

    /** Checks what no card can do. */
    public Grid {
        if (gridX < 1) throw new IllegalArgumentException("gridX: " + gridX);
        if (gridY < 1 || gridY > MAX_YZ) throw new IllegalArgumentException("gridY: " + gridY);
        if (gridZ < 1 || gridZ > MAX_YZ) throw new IllegalArgumentException("gridZ: " + gridZ);
        if (block < 1 || block > MAX_BLOCK) throw new IllegalArgumentException("block: " + block);
        if (sharedBytes < 0) throw new IllegalArgumentException("sharedBytes: " + sharedBytes);
    }

    /** Blocks in one dimension. */
    public static Grid of(int blocks, int block) {
        return new Grid(blocks, 1, 1, block, 0);
    }

    /** The same with so much more memory for each block. */
    public Grid withSharedBytes(int bytes) {
        return new Grid(gridX, gridY, gridZ, block, bytes);
    }
}
