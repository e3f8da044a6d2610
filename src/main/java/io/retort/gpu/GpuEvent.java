package io.retort.gpu;

/** A mark in a stream ({@link GpuStream#record}): others wait for it, and two measure the time between them. */
public final class GpuEvent extends GpuResource {
    static final int UNTIMED = 2; // CU_EVENT_DISABLE_TIMING

    private final long handle;
    private final boolean timed;

    GpuEvent(Gpu gpu, long handle, boolean timed) {
        super(gpu);
        this.handle = handle;
        this.timed = timed;
    }

    /** Called under the card's lock. */
    long handle(Gpu card) {
        checkOpenOn(card);
        return handle;
    }

    /** Whether all work before the mark is done; true, too, if it was never set. */
    public boolean isDone() {
        return gpu().call(driver -> driver.eventIsDone(handle(gpu())));
    }

    /** Waits until all work before the mark is done; does not wait for a mark that was never set. */
    public void synchronize() {
        gpu().run(driver -> driver.synchronizeEvent(handle(gpu())));
    }

    /** Waits for this mark, and tells the time of the card since the other, to about half a microsecond. */
    public double millisSince(GpuEvent earlier) {
        if (!timed || !earlier.timed) throw new IllegalArgumentException("earlier: an event is not timed");
        return gpu().call(driver -> {
            long from = earlier.handle(gpu());
            long to = handle(gpu());
            driver.synchronizeEvent(from);
            driver.synchronizeEvent(to);
            return (double) driver.elapsedMillis(from, to);
        });
    }

    @Override
    void free(Driver driver) {
        driver.destroyEvent(handle);
    }

    @Override
    public String toString() {
        return "an event of " + gpu();
    }
}
