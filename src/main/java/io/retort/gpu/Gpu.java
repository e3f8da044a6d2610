package io.retort.gpu;

import io.retort.files.BadInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A card of NVIDIA's, opened: what is made of it is freed with it at the latest. Any thread may call; closing, be it the
 * card or anything of it, waits for the calls under way of other threads.
 *
 * <p>Its context is the card's primary one, which all libraries of a process share. Every call makes it the current one
 * of its thread.
 */
public final class Gpu implements AutoCloseable {
    private static final int PINNED_FLAGS = 1 | 2; // CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP
    private static final int LEAST_COPIES = 5;

    private final Driver driver;
    private final GpuInfo info;
    private final int device;
    private final long context;
    /** Calls read; what frees writes. */
    private final StampedLock lock = new StampedLock();
    private final Map<GpuCode, GpuModule> modules = new ConcurrentHashMap<>();
    private final Set<GpuResource> open = Collections.synchronizedSet(new LinkedHashSet<>());
    private boolean closed;

    private Gpu(Driver driver, int device, GpuInfo info, long context) {
        this.driver = driver;
        this.device = device;
        this.info = info;
        this.context = context;
    }

    /** Why no card can be opened here, in words; empty if one can. The first call loads the driver. */
    public static Optional<String> obstacle() {
        return Optional.ofNullable(DriverLibrary.installed().obstacle());
    }

    /**
     * Lets pass where a card can be opened.
     *
     * @throws NoGpu with the obstacle
     */
    public static void requireOne() {
        obstacle().ifPresent(words -> {
            throw new NoGpu(words);
        });
    }

    /** How many cards the driver has; 0 without a driver. */
    public static int count() {
        DriverLibrary.Attempt attempt = DriverLibrary.installed();
        return attempt.driver() == null ? 0 : attempt.driver().deviceCount();
    }

    /** What a card is, by its number, without opening it; empty if there is none. */
    public static Optional<GpuInfo> describe(int ordinal) {
        Driver driver = DriverLibrary.installed().driver();
        if (driver == null || ordinal < 0 || ordinal >= driver.deviceCount()) return Optional.empty();
        return Optional.of(GpuInfo.of(driver, driver.device(ordinal), ordinal));
    }

    /**
     * Opens a card by its number, from 0.
     *
     * @throws NoGpu        if there is none here
     * @throws BadInput     if there is none of this number
     * @throws GpuException if the driver refuses
     */
    public static Gpu open(int ordinal) {
        DriverLibrary.Attempt attempt = DriverLibrary.installed();
        if (attempt.driver() == null) {
            throw new NoGpu(attempt.obstacle());
        }
        return open(attempt.driver(), ordinal);
    }

    static Gpu open(Driver driver, int ordinal) {
        int count = driver.deviceCount();
        if (ordinal < 0 || ordinal >= count) {
            throw BadInput.of("no GPU " + ordinal, "the driver has " + count + ", counted from 0");
        }
        int device = driver.device(ordinal);
        GpuInfo info = GpuInfo.of(driver, device, ordinal);
        long context = driver.retainPrimaryContext(device);
        try {
            driver.setCurrent(context);
            return new Gpu(driver, device, info, context);
        } catch (RuntimeException | Error e) {
            driver.releasePrimaryContext(device);
            throw e;
        }
    }

    /** What the card is. */
    public GpuInfo info() {
        return info;
    }

    /** Bytes of the card's memory that nobody has, of this process or others. */
    public long freeMemory() {
        return call(Driver::freeMemory);
    }

    /**
     * Memory of the card.
     *
     * @throws GpuOutOfMemory if it has not as much
     */
    public DeviceMemory allocate(long bytes) {
        if (bytes <= 0) throw new IllegalArgumentException("bytes: " + bytes);
        return call(d -> {
            long free = d.freeMemory();
            if (bytes > free) throw new GpuOutOfMemory(info.name(), bytes, free);
            return made(new DeviceMemory(this, address(d, bytes), bytes));
        });
    }

    private long address(Driver d, long bytes) {
        try {
            return d.allocate(bytes);
        } catch (GpuException e) {
            if (e.code() != Driver.OUT_OF_MEMORY) throw e;
            throw new GpuOutOfMemory(info.name(), bytes, d.freeMemory());
        }
    }

    /** Memory of this machine that the card reaches. */
    public PinnedMemory pin(long bytes) {
        if (bytes <= 0) throw new IllegalArgumentException("bytes: " + bytes);
        return call(d -> {
            long host = d.allocateHost(bytes, PINNED_FLAGS);
            try {
                return made(new PinnedMemory(this, host, d.devicePointer(host), bytes));
            } catch (RuntimeException | Error e) {
                d.freeHost(host);
                throw e;
            }
        });
    }

    /** A stream that waits for no other. */
    public GpuStream stream() {
        return call(d -> made(new GpuStream(this, d.createStream(GpuStream.NON_BLOCKING))));
    }

    /** A mark; one that measures time costs a little more. */
    public GpuEvent event(boolean timed) {
        return call(d -> made(new GpuEvent(this, d.createEvent(timed ? 0 : GpuEvent.UNTIMED), timed)));
    }

    /**
     * Kernels, compiled by the driver when they are first asked for.
     *
     * @throws GpuException with what the driver's compiler says, if it does not take the code
     */
    public GpuModule module(GpuCode code) {
        return call(d -> modules.computeIfAbsent(code, each -> GpuModule.load(this, each)));
    }

    /**
     * Bytes that a copy within the card's memory reads and writes in a second: a yardstick for kernels. The best of
     * several, for about as long as given.
     */
    public double copyBandwidth(long bytes, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try (DeviceMemory from = allocate(bytes);
                DeviceMemory to = allocate(bytes);
                GpuStream stream = stream();
                GpuEvent before = event(true);
                GpuEvent after = event(true)) {
            stream.fill(from, 0, bytes, (byte) 1);
            stream.copy(to, 0, from, 0, bytes);
            double best = 0;
            for (int i = 0; i < LEAST_COPIES || System.nanoTime() < end; i++) {
                stream.record(before);
                stream.copy(to, 0, from, 0, bytes);
                stream.record(after);
                best = Math.max(best, 2.0 * bytes / (after.millisSince(before) / 1000));
            }
            return best;
        }
    }

    /** Waits for the card, and frees everything of it. Closing again does nothing. */
    @Override
    public void close() {
        long stamp = lock.writeLock();
        try {
            if (closed) return;
            closed = true;
            List<Runnable> frees = new ArrayList<>();
            frees.add(() -> driver.setCurrent(context));
            frees.add(driver::synchronizeContext);
            List.copyOf(open).reversed().forEach(resource -> frees.add(() -> free(resource)));
            modules.values().forEach(module -> frees.add(() -> module.unload(driver)));
            frees.add(() -> driver.setCurrent(0));
            frees.add(() -> driver.releasePrimaryContext(device));
            runAll(frees);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** All of them, even if some fail; then the first failure. */
    private static void runAll(List<Runnable> frees) {
        RuntimeException first = null;
        for (Runnable each : frees) {
            try {
                each.run();
            } catch (RuntimeException e) {
                if (first == null) first = e;
                else first.addSuppressed(e);
            }
        }
        if (first != null) throw first;
    }

    /** Frees what was made of this card, once. */
    void close(GpuResource resource) {
        long stamp = lock.writeLock();
        try {
            if (resource.isClosed()) return;
            driver.setCurrent(context);
            free(resource);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void free(GpuResource resource) {
        resource.beforeClosing();
        resource.markClosed();
        open.remove(resource);
        resource.free(driver);
    }

    private <T extends GpuResource> T made(T resource) {
        open.add(resource);
        return resource;
    }

    Driver driver() {
        return driver;
    }

    /** Begins a call: the card is open, and its context this thread's, until {@link #leave}. Not to be nested. */
    long enter() {
        long stamp = lock.readLock();
        try {
            if (closed) throw new IllegalStateException(this + " is closed");
            driver.setCurrent(context);
            return stamp;
        } catch (RuntimeException | Error e) {
            lock.unlockRead(stamp);
            throw e;
        }
    }

    void leave(long stamp) {
        lock.unlockRead(stamp);
    }

    <T> T call(Function<Driver, T> body) {
        long stamp = enter();
        try {
            return body.apply(driver);
        } finally {
            leave(stamp);
        }
    }

    void run(Consumer<Driver> body) {
        long stamp = enter();
        try {
            body.accept(driver);
        } finally {
            leave(stamp);
        }
    }

    @Override
    public String toString() {
        return "GPU " + info.ordinal() + " (" + info.name() + ")";
    }
}
