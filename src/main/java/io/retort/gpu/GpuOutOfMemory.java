package io.retort.gpu;

/** The card has not as much memory free as is wanted. */
public final class GpuOutOfMemory extends GpuException {
    private static final long serialVersionUID = 1L;

    private final long wanted;
    private final long free;

    GpuOutOfMemory(String card, long wanted, long free) {
        super("cuMemAlloc_v2", Driver.OUT_OF_MEMORY,
                "the GPU " + card + " has " + free + " bytes of memory free, " + wanted
                        + " are wanted; free memory of the card");
        this.wanted = wanted;
        this.free = free;
    }

    GpuOutOfMemory(String card, GpuDemand demand, long free) {
        super("cuMemGetInfo_v2", Driver.OUT_OF_MEMORY,
                "the GPU " + card + " has " + megabytes(free) + " MB of memory free, to search " + demand.count()
                        + " vectors of " + demand.dims() + " takes " + megabytes(demand.bytes())
                        + "; free memory of the card, or search on the CPU, which finds the same");
        this.wanted = demand.bytes();
        this.free = free;
    }

    private static long megabytes(long bytes) {
        return Math.ceilDiv(bytes, 1 << 20);
    }

    /** In bytes. */
    public long wanted() {
        return wanted;
    }

    /** In bytes, when it was refused. Fewer may be wanted than are free, where these do not lie together. */
    public long free() {
        return free;
    }
}
