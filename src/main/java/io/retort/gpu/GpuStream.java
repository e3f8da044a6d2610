package io.retort.gpu;

import java.lang.foreign.MemorySegment;

/**
 * Work for the card, done in the order in which it is given, beside the work of other streams. Methods return before the
 * work is done, but for copies from and to memory that is not pinned, which may wait. What they name must live until then.
 * Errors of kernels come to light in a later call, {@link #synchronize()} at the latest.
 */
public final class GpuStream extends GpuResource {
    static final int NON_BLOCKING = 1; // CU_STREAM_NON_BLOCKING

    private final long handle;

    GpuStream(Gpu gpu, long handle) {
        super(gpu);
        this.handle = handle;
    }

    /** Copies all of a segment off the heap to the card. */
    public void copyToDevice(DeviceMemory to, long offset, MemorySegment from) {
        offHeap(from, "from");
        long stamp = enter();
        try {
            gpu().driver().copyToDevice(to.checked(gpu(), offset, from.byteSize()), from, from.byteSize(), handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Fills all of a segment off the heap from the card. */
    public void copyToHost(MemorySegment to, DeviceMemory from, long offset) {
        offHeap(to, "to");
        if (to.isReadOnly()) throw new IllegalArgumentException("to: read-only memory");
        long stamp = enter();
        try {
            gpu().driver().copyToHost(to, from.checked(gpu(), offset, to.byteSize()), to.byteSize(), handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Copies within the card; ranges of the same memory must not overlap. */
    public void copy(DeviceMemory to, long toOffset, DeviceMemory from, long fromOffset, long bytes) {
        if (to == from && Math.abs(toOffset - fromOffset) < bytes) {
            throw new IllegalArgumentException("toOffset: " + bytes + " bytes from " + fromOffset + " and " + toOffset
                    + " on overlap in " + from);
        }
        long stamp = enter();
        try {
            gpu().driver().copyOnDevice(to.checked(gpu(), toOffset, bytes), from.checked(gpu(), fromOffset, bytes),
                    bytes,
                    handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Sets bytes of the card's memory. */
    public void fill(DeviceMemory memory, long offset, long bytes, byte value) {
        long stamp = enter();
        try {
            gpu().driver().fill(memory.checked(gpu(), offset, bytes), value, bytes, handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    /**
     * Runs a kernel. The values of the arguments are taken now, and may be set again at once.
     *
     * @throws IllegalArgumentException if the driver knows that the kernel's parameters are others
     */
    public void launch(GpuFunction function, Grid grid, KernelArguments arguments) {
        long stamp = enter();
        try {
            function.check(gpu(), arguments);
            gpu().driver().launch(function.handle(), grid, handle, arguments.checked(gpu()));
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Sets a mark after the work given so far. */
    public void record(GpuEvent event) {
        long stamp = enter();
        try {
            gpu().driver().recordEvent(event.handle(gpu()), handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Work given later begins after the mark's as it is now; does not wait for a mark that was never set. */
    public void waitFor(GpuEvent event) {
        long stamp = enter();
        try {
            gpu().driver().waitForEvent(handle, event.handle(gpu()));
        } finally {
            gpu().leave(stamp);
        }
    }

    /** Waits until all work is done. */
    public void synchronize() {
        long stamp = enter();
        try {
            gpu().driver().synchronizeStream(handle);
        } finally {
            gpu().leave(stamp);
        }
    }

    @Override
    void free(Driver driver) {
        driver.destroyStream(handle);
    }

    @Override
    public String toString() {
        return "a stream of " + gpu();
    }

    private long enter() {
        long stamp = gpu().enter();
        try {
            checkOpenOn(gpu());
            return stamp;
        } catch (RuntimeException e) {
            gpu().leave(stamp);
            throw e;
        }
    }

    private static void offHeap(MemorySegment memory, String parameter) {
        if (!memory.isNative())
            throw new IllegalArgumentException(parameter + ": memory of an array, not off the heap");
    }
}
