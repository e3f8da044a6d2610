package io.retort.gpu;

import java.util.List;

/** A card of {@link FakeDriver}'s, for the tests of other rooms: it keeps memory, but runs no kernels. */
public final class FakeCard implements AutoCloseable {
    private final FakeDriver driver = new FakeDriver();

    /** Opens it; it may be open already. */
    public Gpu open() {
        return Gpu.open(new Driver(driver.library()), 0);
    }

    /** Makes it one of an older generation. */
    public FakeCard ofCapability(int major, int minor) {
        driver.attributes.put(75, major);
        driver.attributes.put(76, minor);
        return this;
    }

    /** Leaves so many bytes of its memory free. */
    public FakeCard withFree(long bytes) {
        driver.occupy(FakeDriver.TOTAL_BYTES - bytes);
        return this;
    }

    /** Has one call of the driver fail, counted from 0. */
    public FakeCard failingAt(int call) {
        driver.failAtCall(call);
        return this;
    }

    /** Has kernels fail from now on. */
    public void breakDown() {
        driver.fail("cuLaunchKernel", 700);
    }

    /** How many calls of the driver there were. */
    public int calls() {
        return driver.calls.size();
    }

    /** How many kernels were launched. */
    public int launches() {
        return driver.launches.size();
    }

    /** What is not freed yet. */
    public List<String> live() {
        return driver.live();
    }

    /** What a real driver would not forgive. */
    public List<String> misuse() {
        return driver.misuse;
    }

    @Override
    public void close() {
        driver.close();
    }
}
