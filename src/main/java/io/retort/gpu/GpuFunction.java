package io.retort.gpu;

import java.util.Arrays;

/** A kernel, compiled for a card. */
public final class GpuFunction {
    private static final int MAX_THREADS = 0; // CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK
    private static final int SHARED_BYTES = 1;
    private static final int LOCAL_BYTES = 3;
    private static final int REGISTERS = 4;
    private static final int DYNAMIC_SHARED_BYTES = 8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
    /** More than a kernel of 4 KB of parameters can have. */
    private static final int MAX_PARAMETERS = 4096;

    private final Gpu gpu;
    private final String name;
    private final long handle;
    /** Of each parameter; null where the driver does not tell. */
    private final int[] widths;

    private GpuFunction(Gpu gpu, String name, long handle, int[] widths) {
        this.gpu = gpu;
        this.name = name;
        this.handle = handle;
        this.widths = widths;
    }

    /** Called under the card's lock. */
    static GpuFunction of(Gpu gpu, Driver driver, String name, long handle) {
        return new GpuFunction(gpu, name, handle, driver.tellsParameters() ? widths(driver, handle) : null);
    }

    private static int[] widths(Driver driver, long handle) {
        int[] widths = new int[MAX_PARAMETERS];
        int count = 0;
        for (long bytes; count < MAX_PARAMETERS && (bytes = driver.parameterBytes(handle, count)) >= 0; count++) {
            widths[count] = Math.toIntExact(bytes);
        }
        return Arrays.copyOf(widths, count);
    }

    long handle() {
        return handle;
    }

    /** Too few arguments would have the driver read beyond them. */
    void check(Gpu card, KernelArguments arguments) {
        if (card != gpu)
            throw new IllegalArgumentException("function: " + name + " is compiled for another opened GPU");
        if (widths != null && !arguments.haveWidths(widths)) {
            throw new IllegalArgumentException("arguments: kernel " + name + " takes parameters of " + Arrays.toString(
                    widths) + " bytes, not " + arguments);
        }
    }

    /** Of each thread. */
    public int registers() {
        return attribute(REGISTERS);
    }

    /** Of each block, as the kernel declares it. */
    public int sharedBytes() {
        return attribute(SHARED_BYTES);
    }

    /** Of each thread, in the card's memory: where registers do not suffice, among others. */
    public int localBytes() {
        return attribute(LOCAL_BYTES);
    }

    /** In a block, at most. */
    public int maxThreads() {
        return attribute(MAX_THREADS);
    }

    private int attribute(int attribute) {
        return gpu.call(driver -> driver.functionAttribute(attribute, handle));
    }

    /** Lets blocks have so much memory beside what the kernel declares; without it, 48 KiB in all. */
    public void allowSharedBytes(int dynamicBytes) {
        if (dynamicBytes < 0) throw new IllegalArgumentException("dynamicBytes: " + dynamicBytes);
        gpu.run(driver -> driver.setFunctionAttribute(handle, DYNAMIC_SHARED_BYTES, dynamicBytes));
    }

    /** How many blocks of so many threads a multiprocessor runs at once. */
    public int blocksPerMultiprocessor(int block, int dynamicSharedBytes) {
        if (block < 1) throw new IllegalArgumentException("block: " + block);
        if (dynamicSharedBytes < 0) throw new IllegalArgumentException("dynamicSharedBytes: " + dynamicSharedBytes);
        return gpu.call(driver -> driver.blocksPerMultiprocessor(handle, block, dynamicSharedBytes));
    }

    @Override
    public String toString() {
        return name;
    }
}
