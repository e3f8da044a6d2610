package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Kernels that the driver has compiled for a card; theirs as long as it is open. */
public final class GpuModule {
    private static final int INFO_LOG = 3; // CU_JIT_INFO_LOG_BUFFER
    private static final int INFO_LOG_BYTES = 4;
    private static final int ERROR_LOG = 5;
    private static final int ERROR_LOG_BYTES = 6;
    private static final int LOG_BYTES = 16 << 10;

    private final Gpu gpu;
    private final GpuCode code;
    private final long handle;
    private final String log;
    private final Map<String, GpuFunction> functions = new ConcurrentHashMap<>();

    private GpuModule(Gpu gpu, GpuCode code, long handle, String log) {
        this.gpu = gpu;
        this.code = code;
        this.handle = handle;
        this.log = log;
    }

    /** Compiles, under the card's lock. What the compiler says of errors is in the exception. */
    static GpuModule load(Gpu gpu, GpuCode code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(LOG_BYTES);
            MemorySegment errors = arena.allocate(LOG_BYTES);
            MemorySegment names = arena.allocateFrom(ValueLayout.JAVA_INT, INFO_LOG, INFO_LOG_BYTES, ERROR_LOG,
                    ERROR_LOG_BYTES);
            MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_LONG, info.address(), LOG_BYTES,
                    errors.address(),
                    LOG_BYTES);
            try {
                long handle = gpu.driver().loadModule(arena.allocateFrom(code.ptx()), 4, names, values);
                return new GpuModule(gpu, code, handle, text(info));
            } catch (GpuException e) {
                String said = (text(errors) + "\n" + text(info)).strip();
                throw new GpuException(e.call(), e.code(), code + ": " + e.getMessage()
                        + (said.isEmpty() ? "" : "\n" + said));
            }
        }
    }

    /** What the compiler said that is not an error; mostly nothing. */
    public String log() {
        return log;
    }

    /**
     * A kernel.
     *
     * @throws IllegalArgumentException if the module has none of this name
     */
    public GpuFunction function(String name) {
        return gpu.call(driver -> functions.computeIfAbsent(name, n -> find(driver, n)));
    }

    private GpuFunction find(Driver driver, String name) {
        try {
            return GpuFunction.of(gpu, driver, name, driver.function(handle, name));
        } catch (GpuException e) {
            if (e.code() != Driver.NOT_FOUND) throw e;
            throw new IllegalArgumentException("name: " + code + " has no kernel " + name, e);
        }
    }

    /** Called once, under the card's lock. */
    void unload(Driver driver) {
        driver.unloadModule(handle);
    }

    private static String text(MemorySegment log) {
        log.set(ValueLayout.JAVA_BYTE, LOG_BYTES - 1, (byte) 0);
        return log.getString(0, StandardCharsets.ISO_8859_1).strip();
    }
}
