package io.retort.gpu;

import static io.retort.gpu.DriverFunction.ALLOCATE;
import static io.retort.gpu.DriverFunction.CONTEXT_RELEASE;
import static io.retort.gpu.DriverFunction.CONTEXT_RETAIN;
import static io.retort.gpu.DriverFunction.CONTEXT_SET_CURRENT;
import static io.retort.gpu.DriverFunction.CONTEXT_SYNCHRONIZE;
import static io.retort.gpu.DriverFunction.COPY_ON_DEVICE;
import static io.retort.gpu.DriverFunction.COPY_TO_DEVICE;
import static io.retort.gpu.DriverFunction.COPY_TO_HOST;
import static io.retort.gpu.DriverFunction.DEVICE;
import static io.retort.gpu.DriverFunction.DEVICE_ATTRIBUTE;
import static io.retort.gpu.DriverFunction.DEVICE_COUNT;
import static io.retort.gpu.DriverFunction.DEVICE_MEMORY;
import static io.retort.gpu.DriverFunction.DEVICE_NAME;
import static io.retort.gpu.DriverFunction.DEVICE_PCI_ID;
import static io.retort.gpu.DriverFunction.ERROR_NAME;
import static io.retort.gpu.DriverFunction.ERROR_WORDS;
import static io.retort.gpu.DriverFunction.EVENT_CREATE;
import static io.retort.gpu.DriverFunction.EVENT_DESTROY;
import static io.retort.gpu.DriverFunction.EVENT_ELAPSED_TIME;
import static io.retort.gpu.DriverFunction.EVENT_QUERY;
import static io.retort.gpu.DriverFunction.EVENT_RECORD;
import static io.retort.gpu.DriverFunction.EVENT_SYNCHRONIZE;
import static io.retort.gpu.DriverFunction.FREE;
import static io.retort.gpu.DriverFunction.FUNCTION_ATTRIBUTE;
import static io.retort.gpu.DriverFunction.FUNCTION_PARAMETER;
import static io.retort.gpu.DriverFunction.FUNCTION_SET_ATTRIBUTE;
import static io.retort.gpu.DriverFunction.HOST_ALLOCATE;
import static io.retort.gpu.DriverFunction.HOST_DEVICE_POINTER;
import static io.retort.gpu.DriverFunction.HOST_FREE;
import static io.retort.gpu.DriverFunction.INIT;
import static io.retort.gpu.DriverFunction.LAUNCH;
import static io.retort.gpu.DriverFunction.MEMORY_INFO;
import static io.retort.gpu.DriverFunction.MEMSET;
import static io.retort.gpu.DriverFunction.MODULE_FUNCTION;
import static io.retort.gpu.DriverFunction.MODULE_LOAD;
import static io.retort.gpu.DriverFunction.MODULE_UNLOAD;
import static io.retort.gpu.DriverFunction.OCCUPANCY;
import static io.retort.gpu.DriverFunction.STREAM_CREATE;
import static io.retort.gpu.DriverFunction.STREAM_DESTROY;
import static io.retort.gpu.DriverFunction.STREAM_SYNCHRONIZE;
import static io.retort.gpu.DriverFunction.STREAM_WAIT_EVENT;
import static io.retort.gpu.DriverFunction.VERSION;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The driver's functions with their parameters, each return code checked. Handles are longs, as are addresses on the
 * card; addresses of this machine's memory are segments. Method handles are constants by parameters, which the JIT
 * compiler calls directly, and take the function's address first: the tests put a library of their own in the driver's
 * place.
 */
final class Driver {
    static final int OUT_OF_MEMORY = 2;
    static final int NOT_FOUND = 500;
    static final int NOT_READY = 600;

    private static final int INVALID_VALUE = 1;
    private static final int TEXT_BYTES = 256;
    private static final int ERROR_TEXT_BYTES = 1024;

    private static final MethodHandle NOTHING = handle();
    private static final MethodHandle INT = handle(JAVA_INT);
    private static final MethodHandle LONG = handle(JAVA_LONG);
    private static final MethodHandle POINTER = handle(ADDRESS);
    private static final MethodHandle INT_POINTER = handle(JAVA_INT, ADDRESS);
    private static final MethodHandle LONG_LONG = handle(JAVA_LONG, JAVA_LONG);
    private static final MethodHandle LONG_LONG_INT = handle(JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LONG_INT_INT = handle(JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle LONG_LONG_POINTERS = handle(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle POINTER_INT = handle(ADDRESS, JAVA_INT);
    private static final MethodHandle POINTER_INT_INT = handle(ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle POINTER_INT_LONG = handle(ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle POINTER_LONG = handle(ADDRESS, JAVA_LONG);
    private static final MethodHandle POINTER_LONG_INT = handle(ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle POINTER_LONG_LONG = handle(ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle POINTER_LONG_POINTER = handle(ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle POINTER_LONG_INT_LONG = handle(ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle POINTER_POINTER = handle(ADDRESS, ADDRESS);
    private static final MethodHandle POINTER_POINTER_INT = handle(ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle LOADING = handle(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle TO_DEVICE = handle(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle TO_HOST = handle(ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle ON_DEVICE = handle(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FILLING = handle(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle LAUNCHING = handle(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);

    private final MemorySegment[] functions = new MemorySegment[DriverFunction.values().length];

    /**
     * Finds the functions, and calls none.
     *
     * @throws UnsatisfiedLinkError with the name of what is missing
     */
    Driver(SymbolLookup library) {
        for (DriverFunction function : DriverFunction.values()) functions[function.ordinal()] = function.in(library);
    }

    void init() {
        run(INIT, f -> (int) INT.invokeExact(f, 0));
    }

    /** 1000 times the major version and 10 times the minor. */
    int version() {
        return askInt(VERSION, (f, out) -> (int) POINTER.invokeExact(f, out));
    }

    int deviceCount() {
        return askInt(DEVICE_COUNT, (f, out) -> (int) POINTER.invokeExact(f, out));
    }

    int device(int ordinal) {
        return askInt(DEVICE, (f, out) -> (int) POINTER_INT.invokeExact(f, out, ordinal));
    }

    String deviceName(int device) {
        return text(DEVICE_NAME, device);
    }

    String pciBusId(int device) {
        return text(DEVICE_PCI_ID, device);
    }

    long totalMemory(int device) {
        return askLong(DEVICE_MEMORY, (f, out) -> (int) POINTER_INT.invokeExact(f, out, device));
    }

    int attribute(int attribute, int device) {
        return askInt(DEVICE_ATTRIBUTE, (f, out) -> (int) POINTER_INT_INT.invokeExact(f, out, attribute, device));
    }

    long retainPrimaryContext(int device) {
        return askLong(CONTEXT_RETAIN, (f, out) -> (int) POINTER_INT.invokeExact(f, out, device));
    }

    void releasePrimaryContext(int device) {
        run(CONTEXT_RELEASE, f -> (int) INT.invokeExact(f, device));
    }

    void setCurrent(long context) {
        int code;
        try {
            code = (int) LONG.invokeExact(at(CONTEXT_SET_CURRENT), context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        check(CONTEXT_SET_CURRENT, code);
    }

    void synchronizeContext() {
        run(CONTEXT_SYNCHRONIZE, f -> (int) NOTHING.invokeExact(f));
    }

    long freeMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment total = arena.allocate(JAVA_LONG);
            return askLong(MEMORY_INFO, (f, out) -> (int) POINTER_POINTER.invokeExact(f, out, total));
        }
    }

    long allocate(long bytes) {
        return askLong(ALLOCATE, (f, out) -> (int) POINTER_LONG.invokeExact(f, out, bytes));
    }

    void free(long address) {
        run(FREE, f -> (int) LONG.invokeExact(f, address));
    }

    /** The address in this machine's memory. */
    long allocateHost(long bytes, int flags) {
        return askLong(HOST_ALLOCATE, (f, out) -> (int) POINTER_LONG_INT.invokeExact(f, out, bytes, flags));
    }

    void freeHost(long address) {
        run(HOST_FREE, f -> (int) LONG.invokeExact(f, address));
    }

    long devicePointer(long hostAddress) {
        MemorySegment host = MemorySegment.ofAddress(hostAddress);
        return askLong(HOST_DEVICE_POINTER, (f, out) -> (int) POINTER_POINTER_INT.invokeExact(f, out, host, 0));
    }

    void copyToDevice(long to, MemorySegment from, long bytes, long stream) {
        run(COPY_TO_DEVICE, f -> (int) TO_DEVICE.invokeExact(f, to, from, bytes, stream));
    }

    void copyToHost(MemorySegment to, long from, long bytes, long stream) {
        run(COPY_TO_HOST, f -> (int) TO_HOST.invokeExact(f, to, from, bytes, stream));
    }

    void copyOnDevice(long to, long from, long bytes, long stream) {
        run(COPY_ON_DEVICE, f -> (int) ON_DEVICE.invokeExact(f, to, from, bytes, stream));
    }

    void fill(long to, byte value, long bytes, long stream) {
        run(MEMSET, f -> (int) FILLING.invokeExact(f, to, value & 0xFF, bytes, stream));
    }

    long createStream(int flags) {
        return askLong(STREAM_CREATE, (f, out) -> (int) POINTER_INT.invokeExact(f, out, flags));
    }

    void synchronizeStream(long stream) {
        run(STREAM_SYNCHRONIZE, f -> (int) LONG.invokeExact(f, stream));
    }

    void waitForEvent(long stream, long event) {
        run(STREAM_WAIT_EVENT, f -> (int) LONG_LONG_INT.invokeExact(f, stream, event, 0));
    }

    void destroyStream(long stream) {
        run(STREAM_DESTROY, f -> (int) LONG.invokeExact(f, stream));
    }

    long createEvent(int flags) {
        return askLong(EVENT_CREATE, (f, out) -> (int) POINTER_INT.invokeExact(f, out, flags));
    }

    void recordEvent(long event, long stream) {
        run(EVENT_RECORD, f -> (int) LONG_LONG.invokeExact(f, event, stream));
    }

    boolean eventIsDone(long event) {
        int code = code(EVENT_QUERY, f -> (int) LONG.invokeExact(f, event));
        if (code == NOT_READY) return false;
        check(EVENT_QUERY, code);
        return true;
    }

    void synchronizeEvent(long event) {
        run(EVENT_SYNCHRONIZE, f -> (int) LONG.invokeExact(f, event));
    }

    float elapsedMillis(long from, long to) {
        return Float.intBitsToFloat(
                askInt(EVENT_ELAPSED_TIME, (f, out) -> (int) POINTER_LONG_LONG.invokeExact(f, out, from, to)));
    }

    void destroyEvent(long event) {
        run(EVENT_DESTROY, f -> (int) LONG.invokeExact(f, event));
    }

    /** Compiles code; as many options as values. */
    long loadModule(MemorySegment image, int options, MemorySegment names, MemorySegment values) {
        return askLong(MODULE_LOAD, (f, out) -> (int) LOADING.invokeExact(f, out, image, options, names, values));
    }

    void unloadModule(long module) {
        run(MODULE_UNLOAD, f -> (int) LONG.invokeExact(f, module));
    }

    long function(long module, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return askLong(MODULE_FUNCTION, (f, out) -> (int) POINTER_LONG_POINTER.invokeExact(f, out, module, text));
        }
    }

    int functionAttribute(int attribute, long function) {
        return askInt(FUNCTION_ATTRIBUTE, (f, out) -> (int) POINTER_INT_LONG.invokeExact(f, out, attribute, function));
    }

    void setFunctionAttribute(long function, int attribute, int value) {
        run(FUNCTION_SET_ATTRIBUTE, f -> (int) LONG_INT_INT.invokeExact(f, function, attribute, value));
    }

    /** Whether the driver tells parameters: those of CUDA 12.4 and newer do. */
    boolean tellsParameters() {
        return at(FUNCTION_PARAMETER).address() != 0;
    }

    /** The bytes of a kernel's parameter; -1 if it has not so many. */
    long parameterBytes(long function, long position) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offset = arena.allocate(JAVA_LONG);
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            int code = code(FUNCTION_PARAMETER, f -> (int) LONG_LONG_POINTERS.invokeExact(f, function, position,
                    offset, bytes));
            if (code == INVALID_VALUE) return -1;
            check(FUNCTION_PARAMETER, code);
            return bytes.get(JAVA_LONG, 0);
        }
    }

    int blocksPerMultiprocessor(long function, int block, long dynamicSharedBytes) {
        return askInt(OCCUPANCY, (f, out) -> (int) POINTER_LONG_INT_LONG.invokeExact(f, out, function,
                block, dynamicSharedBytes));
    }

    void launch(long function, Grid grid, long stream, MemorySegment parameters) {
        int code;
        try {
            code = (int) LAUNCHING.invokeExact(at(LAUNCH), function, grid.gridX(), grid.gridY(), grid.gridZ(),
                    grid.block(), 1, 1, grid.sharedBytes(), stream, parameters, MemorySegment.NULL);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        check(LAUNCH, code);
    }

    private void check(DriverFunction function, int code) {
        if (code != 0)
            throw GpuException.of(function.symbol(), code, error(ERROR_NAME, code), error(ERROR_WORDS, code));
    }

    /** Empty if the driver does not know the code. */
    private String error(DriverFunction function, int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(ADDRESS);
            if (code(function, f -> (int) INT_POINTER.invokeExact(f, code, text)) != 0) return "";
            return string(text.get(ADDRESS, 0));
        }
    }

    /** The driver's own text, as long as it may be. */
    @SuppressWarnings("restricted")
    private static String string(MemorySegment text) {
        return text.address() == 0 ? "" : text.reinterpret(ERROR_TEXT_BYTES).getString(0, StandardCharsets.US_ASCII);
    }

    private String text(DriverFunction function, int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            run(function, f -> (int) POINTER_INT_INT.invokeExact(f, text, TEXT_BYTES, device));
            text.set(JAVA_BYTE, TEXT_BYTES - 1, (byte) 0);
            return text.getString(0, StandardCharsets.US_ASCII).strip();
        }
    }

    /** The int that a function writes. */
    private int askInt(DriverFunction function, Question question) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            run(function, f -> question.ask(f, out));
            return out.get(JAVA_INT, 0);
        }
    }

    /** The long, handle or address that a function writes. */
    private long askLong(DriverFunction function, Question question) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            run(function, f -> question.ask(f, out));
            return out.get(JAVA_LONG, 0);
        }
    }

    private void run(DriverFunction function, Call call) {
        check(function, code(function, call));
    }

    private int code(DriverFunction function, Call call) {
        try {
            return call.run(at(function));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A downcall itself throws only what is wrong with its arguments. */
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException runtime) throw runtime;
        if (e instanceof Error error) throw error;
        throw new IllegalStateException(e);
    }

    private MemorySegment at(DriverFunction function) {
        return functions[function.ordinal()];
    }

    /** A handle for functions with these parameters, which return an error's number; the address comes first. */
    @SuppressWarnings("restricted")
    private static MethodHandle handle(MemoryLayout... parameters) {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** What calls a function and gives its code. */
    private interface Call {
        int run(MemorySegment function) throws Throwable;
    }

    /** What calls a function that writes its outcome. */
    private interface Question {
        int ask(MemorySegment function, MemorySegment out) throws Throwable;
    }
}
