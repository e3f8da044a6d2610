package io.retort.gpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * The functions of CUDA's driver that Retort calls, and no others. The driver keeps the signatures of old under plain
 * names and has today's under names that end in {@code _v2}.
 */
enum DriverFunction {
    ERROR_NAME("cuGetErrorName"),
    ERROR_WORDS("cuGetErrorString"),
    INIT("cuInit"),
    VERSION("cuDriverGetVersion"),
    DEVICE_COUNT("cuDeviceGetCount"),
    DEVICE("cuDeviceGet"),
    DEVICE_NAME("cuDeviceGetName"),
    DEVICE_MEMORY("cuDeviceTotalMem_v2"),
    DEVICE_ATTRIBUTE("cuDeviceGetAttribute"),
    DEVICE_PCI_ID("cuDeviceGetPCIBusId"),
    CONTEXT_RETAIN("cuDevicePrimaryCtxRetain"),
    CONTEXT_RELEASE("cuDevicePrimaryCtxRelease_v2"),
    CONTEXT_SET_CURRENT("cuCtxSetCurrent"),
    CONTEXT_SYNCHRONIZE("cuCtxSynchronize"),
    MEMORY_INFO("cuMemGetInfo_v2"),
    ALLOCATE("cuMemAlloc_v2"),
    FREE("cuMemFree_v2"),
    HOST_ALLOCATE("cuMemHostAlloc"),
    HOST_FREE("cuMemFreeHost"),
    HOST_DEVICE_POINTER("cuMemHostGetDevicePointer_v2"),
    COPY_TO_DEVICE("cuMemcpyHtoDAsync_v2"),
    COPY_TO_HOST("cuMemcpyDtoHAsync_v2"),
    COPY_ON_DEVICE("cuMemcpyDtoDAsync_v2"),
    MEMSET("cuMemsetD8Async"),
    STREAM_CREATE("cuStreamCreate"),
    STREAM_SYNCHRONIZE("cuStreamSynchronize"),
    STREAM_WAIT_EVENT("cuStreamWaitEvent"),
    STREAM_DESTROY("cuStreamDestroy_v2"),
    EVENT_CREATE("cuEventCreate"),
    EVENT_RECORD("cuEventRecord"),
    EVENT_QUERY("cuEventQuery"),
    EVENT_SYNCHRONIZE("cuEventSynchronize"),
    EVENT_ELAPSED_TIME("cuEventElapsedTime_v2", "cuEventElapsedTime"),
    EVENT_DESTROY("cuEventDestroy_v2"),
    MODULE_LOAD("cuModuleLoadDataEx"),
    MODULE_UNLOAD("cuModuleUnload"),
    MODULE_FUNCTION("cuModuleGetFunction"),
    FUNCTION_ATTRIBUTE("cuFuncGetAttribute"),
    FUNCTION_SET_ATTRIBUTE("cuFuncSetAttribute"),
    FUNCTION_PARAMETER("cuFuncGetParamInfo", true),
    OCCUPANCY("cuOccupancyMaxActiveBlocksPerMultiprocessor"),
    LAUNCH("cuLaunchKernel");

    /** The first version of CUDA whose driver has all of these functions but those that may be missing. */
    static final String OLDEST = "11.0";

    private final String symbol;
    private final String olderSymbol;
    private final boolean mayBeMissing;

    DriverFunction(String symbol) {
        this(symbol, symbol);
    }

    DriverFunction(String symbol, String olderSymbol) {
        this(symbol, olderSymbol, false);
    }

    DriverFunction(String symbol, boolean mayBeMissing) {
        this(symbol, symbol, mayBeMissing);
    }

    DriverFunction(String symbol, String olderSymbol, boolean mayBeMissing) {
        this.symbol = symbol;
        this.olderSymbol = olderSymbol;
        this.mayBeMissing = mayBeMissing;
    }

    /** Its name in the library. */
    String symbol() {
        return symbol;
    }

    /**
     * Where it lies; null if it need not be there.
     *
     * @throws UnsatisfiedLinkError that names it
     */
    MemorySegment in(SymbolLookup library) {
        Optional<MemorySegment> found = library.find(symbol).or(() -> library.find(olderSymbol));
        if (found.isEmpty() && !mayBeMissing) {
            throw new UnsatisfiedLinkError(
                    "the GPU's driver has no function " + olderSymbol + ", which drivers for CUDA "
                            + OLDEST + " and newer have: update the driver");
        }
        return found.orElse(MemorySegment.NULL);
    }
}
