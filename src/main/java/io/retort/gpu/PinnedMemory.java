package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of this machine that is never moved, so that copies to and from the card run beside other work, and that
 * kernels can reach themselves.
 */
public final class PinnedMemory extends GpuResource {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private final long hostAddress;
    private final long deviceAddress;

    @SuppressWarnings("restricted")
    PinnedMemory(Gpu gpu, long hostAddress, long deviceAddress, long bytes) {
        super(gpu);
        this.hostAddress = hostAddress;
        this.deviceAddress = deviceAddress;
        segment = MemorySegment.ofAddress(hostAddress).reinterpret(bytes, arena, null);
    }

    /** The memory, of unknown contents at first; any thread; no longer accessible once this is closed. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Where kernels find it.
     *
     * @throws IllegalStateException after it was closed
     */
    public long deviceAddress() {
        checkOpen();
        return deviceAddress;
    }

    /** Throws if another thread has handed the segment to native code or to a channel just now. */
    @Override
    void beforeClosing() {
        if (arena.scope().isAlive()) arena.close();
    }

    /** Copies under way would write to memory that is somebody else's. */
    @Override
    void free(Driver driver) {
        try {
            driver.synchronizeContext();
        } finally {
            driver.freeHost(hostAddress);
        }
    }

    @Override
    public String toString() {
        return segment.byteSize() + " bytes pinned for " + gpu();
    }
}
