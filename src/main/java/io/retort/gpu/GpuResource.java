package io.retort.gpu;

/** What belongs to a card and is freed exactly once: when it is closed, or with the card. */
abstract sealed class GpuResource implements AutoCloseable permits DeviceMemory, PinnedMemory, GpuStream, GpuEvent {
    private final Gpu gpu;
    private volatile boolean closed;

    GpuResource(Gpu gpu) {
        this.gpu = gpu;
    }

    final Gpu gpu() {
        return gpu;
    }

    /** Frees it, after the calls under way of other threads; later uses are refused. Closing again does nothing. */
    @Override
    public final void close() {
        gpu.close(this);
    }

    /** Called once, under the card's lock. */
    abstract void free(Driver driver);

    /** Called under the card's lock; what it throws leaves this open. */
    void beforeClosing() {
    }

    /** Called under the card's lock. */
    final void markClosed() {
        closed = true;
    }

    final boolean isClosed() {
        return closed;
    }

    final void checkOpen() {
        if (closed) throw new IllegalStateException(this + " is closed");
    }

    /** Called under the card's lock, for what is about to be used with something of this card. */
    final void checkOpenOn(Gpu card) {
        checkOpen();
        if (card != gpu) throw new IllegalArgumentException(this + " belongs to another opened GPU");
    }
}
