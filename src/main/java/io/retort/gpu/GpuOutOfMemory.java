package io.retort.gpu;

/** The card has not as much memory free as is wanted. */
public final class GpuOutOfMemory extends GpuException {
    private static final long serialVersionUID = 1L;

    private final long wanted;
    private final long free;

    GpuOutOfMemory(String card, long wanted, long free) {
        super("cuMemAlloc_v2", Driver.OUT_OF_MEMORY,
                "the GPU " + card + " has " + free + " bytes of memory free, " + wanted
                        + " are wanted");
        this.wanted = wanted;
        this.free = free;
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
