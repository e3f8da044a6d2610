package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A driver without a card: its functions are this class's methods of the same names, called as native code is. Memory of
 * the "card" is this machine's; work is done at once; a clock counts the bytes of copies. It notes what a real driver
 * would not forgive ({@link #misuse}), what is not freed yet ({@link #live}), and fails where it is told to.
 */
@SuppressWarnings("restricted") // The signatures are the driver's, and the tests run with native access.
final class FakeDriver implements AutoCloseable {
    static final long CONTEXT = 0xC0C0A;
    static final long TOTAL_BYTES = 1L << 30;
    /** Of a copy within the card, counted once. */
    static final double COPY_BYTES_PER_MILLI = 4e6;
    static final Map<Integer, Integer> DEVICE_ATTRIBUTES = Map.of(16, 132, 36, 2_619_000, 37, 5120, 38, 50 << 20, 75, 9,
            76, 0, 97, 232_448);
    private static final Map<Integer, String> ERRORS = Map.of(1, "CUDA_ERROR_INVALID_VALUE", 2,
            "CUDA_ERROR_OUT_OF_MEMORY", 201, "CUDA_ERROR_INVALID_CONTEXT", 218, "CUDA_ERROR_INVALID_PTX", 500,
            "CUDA_ERROR_NOT_FOUND", 600, "CUDA_ERROR_NOT_READY", 700, "CUDA_ERROR_ILLEGAL_ADDRESS", 999,
            "CUDA_ERROR_UNKNOWN");
    private static final int MEMORY_PAGE = 256;
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");

    /** A launch as it arrived: arguments are Longs, Integers, Floats, and lists of Integers for structs. */
    record Launch(String kernel, List<Integer> grid, int sharedBytes, long stream, List<Object> arguments) {
    }

    private record Kernel(String name, List<String> parameterTypes, Map<Integer, Integer> attributes) {
    }

    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final List<String> misuse = Collections.synchronizedList(new ArrayList<>());
    final List<Launch> launches = Collections.synchronizedList(new ArrayList<>());
    /** Functions that the library has not. */
    final Set<String> missing = new HashSet<>();
    int cards = 2;
    /** What the cards tell of themselves. */
    final Map<Integer, Integer> attributes = new HashMap<>(DEVICE_ATTRIBUTES);
    boolean eventsAreDone = true;
    /** Run by {@code cuStreamSynchronize}, outside of the lock. */
    Runnable whileSynchronizing = () -> {
    };
    /** What kernels do to the "card's" memory. */
    Consumer<Launch> kernels = launch -> {
    };
    /** What {@code cuStreamSynchronize} gives: the error of a kernel. */
    int kernelError;

    private final Arena arena = Arena.ofShared();
    private final ThreadLocal<Long> current = ThreadLocal.withInitial(() -> 0L);
    private final TreeMap<Long, MemorySegment> memory = new TreeMap<>();
    private final Map<Long, String> handles = new HashMap<>();
    private final Map<Long, Double> eventTimes = new HashMap<>();
    private final Map<Long, List<Kernel>> modules = new HashMap<>();
    private final Map<Long, Kernel> functions = new HashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private int failAt = -1;
    private int retained;
    private long freeBytes = TOTAL_BYTES;
    private long nextHandle = 0x1000;
    private double clock;

    /** Has every later call of a function fail. */
    void fail(String function, int code) {
        failures.put(function, code);
    }

    /** Has one call fail as unknown, counted from 0 over all functions. */
    void failAtCall(int call) {
        failAt = call;
    }

    /** Has others take so much of the card's memory. */
    synchronized void occupy(long bytes) {
        freeBytes -= bytes;
    }

    /** What is not freed, the context included. */
    synchronized List<String> live() {
        List<String> live = new ArrayList<>(handles.values());
        for (int i = 0; i < retained; i++) live.add("context");
        return live;
    }

    /** Takes what was not freed for freed, for the next try. */
    synchronized void forget() {
        handles.clear();
        memory.clear();
        retained = 0;
        freeBytes = TOTAL_BYTES;
    }

    /** The "card's" memory at an address; null where it is nobody's. */
    synchronized MemorySegment at(long address, long bytes) {
        Map.Entry<Long, MemorySegment> found = memory.floorEntry(address);
        if (found == null || address + bytes > found.getKey() + found.getValue().byteSize()) return null;
        return found.getValue().asSlice(address - found.getKey(), bytes);
    }

    SymbolLookup library() {
        return name -> {
            if (missing.contains(name)) return Optional.empty();
            return Arrays.stream(FakeDriver.class.getDeclaredMethods()).filter(m -> m.getName().equals(name)).findAny()
                    .map(this::stub);
        };
    }

    private MemorySegment stub(Method method) {
        try {
            MethodHandle target = MethodHandles.lookup().unreflect(method).bindTo(this);
            MethodHandle guarded = MethodHandles.lookup().findVirtual(FakeDriver.class, "answer",
                    MethodType.methodType(int.class, String.class, MethodHandle.class, Object[].class));
            MethodType type = target.type();
            MethodHandle stub = MethodHandles.insertArguments(guarded, 0, this, method.getName(), target)
                    .asCollector(Object[].class, type.parameterCount()).asType(type);
            MemoryLayout[] layouts = type.parameterList().stream().map(FakeDriver::layout).toArray(MemoryLayout[]::new);
            return Linker.nativeLinker().upcallStub(stub, FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts), arena);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemoryLayout layout(Class<?> type) {
        return type == int.class
                ? ValueLayout.JAVA_INT
                : type == long.class ? ValueLayout.JAVA_LONG : ValueLayout.ADDRESS;
    }

    /** An exception that left an upcall would end the JVM. */
    private int answer(String function, MethodHandle target, Object[] arguments) {
        try {
            int call;
            synchronized (calls) {
                call = calls.size();
                if (!function.startsWith("cuGetError")) calls.add(function);
            }
            if (!function.startsWith("cuGetError") && call == failAt) return 999;
            Integer failure = failures.get(function);
            if (failure != null) return failure;
            if (needsContext(function) && current.get() != CONTEXT) {
                misuse.add(function + " without a context");
                return 201;
            }
            if (function.equals("cuStreamSynchronize")) whileSynchronizing.run();
            synchronized (this) {
                return (int) target.invokeWithArguments(arguments);
            }
        } catch (Throwable e) {
            misuse.add(function + ": " + e);
            return 999;
        }
    }

    private static boolean needsContext(String function) {
        return !function.matches("cuInit|cuDriver.*|cuDevice.*|cuGetError.*|cuCtxSetCurrent");
    }

    int cuGetErrorName(int code, MemorySegment text) {
        return write(text, ERRORS.get(code));
    }

    int cuGetErrorString(int code, MemorySegment text) {
        return write(text, ERRORS.containsKey(code) ? "words for " + code : null);
    }

    private int write(MemorySegment pointer, String text) {
        set(pointer, text == null ? 0 : arena.allocateFrom(text, StandardCharsets.US_ASCII).address());
        return text == null ? 1 : 0;
    }

    int cuInit(int flags) {
        return flags == 0 ? 0 : 1;
    }

    int cuDriverGetVersion(MemorySegment out) {
        return set(out, 13_000);
    }

    int cuDeviceGetCount(MemorySegment out) {
        return set(out, cards);
    }

    int cuDeviceGet(MemorySegment out, int ordinal) {
        return set(out, 40 + ordinal);
    }

    int cuDeviceGetName(MemorySegment text, int bytes, int device) {
        text.reinterpret(bytes).setString(0, "Fake H" + device);
        return 0;
    }

    int cuDeviceGetPCIBusId(MemorySegment text, int bytes, int device) {
        text.reinterpret(bytes).setString(0, "0000:" + device + ":00.0");
        return 0;
    }

    int cuDeviceTotalMem_v2(MemorySegment out, int device) {
        return set(out, TOTAL_BYTES);
    }

    int cuDeviceGetAttribute(MemorySegment out, int attribute, int device) {
        Integer value = attributes.get(attribute);
        return value == null ? 1 : set(out, (int) value);
    }

    int cuDevicePrimaryCtxRetain(MemorySegment out, int device) {
        retained++;
        return set(out, CONTEXT);
    }

    int cuDevicePrimaryCtxRelease_v2(int device) {
        if (--retained < 0) misuse.add("context released twice");
        if (retained == 0 && !handles.isEmpty()) misuse.add("context released before " + handles.values());
        return 0;
    }

    int cuCtxSetCurrent(long context) {
        if (context != 0 && retained == 0) misuse.add("a context that is released");
        current.set(context);
        return 0;
    }

    int cuCtxSynchronize() {
        return kernelError;
    }

    int cuMemGetInfo_v2(MemorySegment free, MemorySegment total) {
        set(total, TOTAL_BYTES);
        return set(free, freeBytes);
    }

    int cuMemAlloc_v2(MemorySegment out, long bytes) {
        freeBytes -= bytes;
        return set(out, newMemory(bytes, "device memory"));
    }

    int cuMemFree_v2(long address) {
        freeBytes += remove(address, "device memory");
        return 0;
    }

    int cuMemHostAlloc(MemorySegment out, long bytes, int flags) {
        return flags == 3 ? set(out, newMemory(bytes, "pinned memory")) : 1;
    }

    int cuMemFreeHost(MemorySegment address) {
        remove(address.address(), "pinned memory");
        return 0;
    }

    int cuMemHostGetDevicePointer_v2(MemorySegment out, MemorySegment host, int flags) {
        return flags == 0 ? set(out, host.address()) : 1;
    }

    private long newMemory(long bytes, String what) {
        MemorySegment segment = arena.allocate(bytes, MEMORY_PAGE);
        memory.put(segment.address(), segment);
        handles.put(segment.address(), what);
        return segment.address();
    }

    private long remove(long address, String what) {
        MemorySegment gone = memory.remove(address);
        destroy(address, what);
        return gone == null ? 0 : gone.byteSize();
    }

    private int destroy(long handle, String what) {
        if (handles.remove(handle, what)) return 0;
        misuse.add(what + " freed that is not there");
        return 1;
    }

    int cuMemcpyHtoDAsync_v2(long to, MemorySegment from, long bytes, long stream) {
        return move(at(to, bytes), from.reinterpret(bytes), stream);
    }

    int cuMemcpyDtoHAsync_v2(MemorySegment to, long from, long bytes, long stream) {
        return move(to.reinterpret(bytes), at(from, bytes), stream);
    }

    int cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream) {
        clock += bytes / COPY_BYTES_PER_MILLI;
        return move(at(to, bytes), at(from, bytes), stream);
    }

    int cuMemsetD8Async(long to, int value, long bytes, long stream) {
        MemorySegment target = at(to, bytes);
        if (target == null || value < 0 || value > 255) return bad("memset", stream);
        target.fill((byte) value);
        return known(stream, "stream");
    }

    private int move(MemorySegment to, MemorySegment from, long stream) {
        if (to == null || from == null) return bad("copy", stream);
        to.copyFrom(from);
        return known(stream, "stream");
    }

    private int bad(String what, long stream) {
        misuse.add(what + " out of bounds in stream " + stream);
        return 1;
    }

    private int known(long handle, String what) {
        if (what.equals(handles.get(handle))) return 0;
        misuse.add("a " + what + " that is not there");
        return 400;
    }

    private long newHandle(String what) {
        handles.put(nextHandle += 8, what);
        return nextHandle;
    }

    int cuStreamCreate(MemorySegment out, int flags) {
        return flags == 1 ? set(out, newHandle("stream")) : 1;
    }

    int cuStreamSynchronize(long stream) {
        return kernelError != 0 ? kernelError : known(stream, "stream");
    }

    int cuStreamWaitEvent(long stream, long event, int flags) {
        return flags | known(stream, "stream") | known(event, "event");
    }

    int cuStreamDestroy_v2(long stream) {
        return destroy(stream, "stream");
    }

    int cuEventCreate(MemorySegment out, int flags) {
        return flags == 0 || flags == 2 ? set(out, newHandle("event")) : 1;
    }

    int cuEventRecord(long event, long stream) {
        eventTimes.put(event, clock);
        return known(stream, "stream") | known(event, "event");
    }

    int cuEventQuery(long event) {
        return eventsAreDone ? known(event, "event") : 600;
    }

    int cuEventSynchronize(long event) {
        return known(event, "event");
    }

    int cuEventElapsedTime(MemorySegment out, long from, long to) {
        if (!eventTimes.containsKey(from) || !eventTimes.containsKey(to)) return 400;
        float millis = (float) (eventTimes.get(to) - eventTimes.get(from));
        out.reinterpret(4).set(ValueLayout.JAVA_FLOAT, 0, millis);
        return 0;
    }

    int cuEventElapsedTime_v2(MemorySegment out, long from, long to) {
        return cuEventElapsedTime(out, from, to);
    }

    int cuEventDestroy_v2(long event) {
        return destroy(event, "event");
    }

    /** Code that says "wrong" is refused, with what the compiler has to say of it. */
    int cuModuleLoadDataEx(MemorySegment out, MemorySegment image, int options, MemorySegment names,
            MemorySegment values) {
        String code = image.reinterpret(Integer.MAX_VALUE).getString(0);
        boolean wrong = code.contains("wrong");
        for (int i = 0; i < options; i++) {
            int option = names.reinterpret(4L * options).getAtIndex(ValueLayout.JAVA_INT, i);
            if (option != 3 && option != 5) continue;
            MemorySegment all = values.reinterpret(8L * options);
            long bytes = all.getAtIndex(ValueLayout.JAVA_LONG, i + 1);
            MemorySegment log = MemorySegment.ofAddress(all.getAtIndex(ValueLayout.JAVA_LONG, i)).reinterpret(bytes);
            log.setString(0,
                    option == 3 ? "info: " + code.length() + " characters" : wrong ? "ptxas: line 7 is wrong" : "");
        }
        if (wrong) return 218;
        List<Kernel> kernels = new ArrayList<>();
        for (Matcher entry = ENTRY.matcher(code); entry.find();) {
            List<String> types = entry.group(2).isBlank()
                    ? List.of()
                    : Arrays.stream(entry.group(2).split(",")).map(FakeDriver::type).toList();
            kernels.add(new Kernel(entry.group(1), types, new HashMap<>(Map.of(0, 1024, 1, 512, 3, 16, 4, 40))));
        }
        long module = newHandle("module");
        modules.put(module, kernels);
        return set(out, module);
    }

    /** Such as ".u32"; of a struct, its bytes. */
    private static String type(String parameter) {
        String[] words = parameter.strip().split("\\s+");
        return words[1].equals(".align") ? parameter.replaceAll("(?s).*\\[(\\d+)].*", "$1") : words[1];
    }

    private static int bytes(String type) {
        return type.startsWith(".") ? Integer.parseInt(type.substring(2)) / 8 : Integer.parseInt(type);
    }

    int cuModuleUnload(long module) {
        return destroy(module, "module");
    }

    int cuModuleGetFunction(MemorySegment out, long module, MemorySegment name) {
        String wanted = name.reinterpret(1 << 10).getString(0);
        for (Kernel kernel : modules.get(module)) {
            if (!kernel.name.equals(wanted)) continue;
            functions.put(nextHandle += 8, kernel);
            return set(out, nextHandle);
        }
        return 500;
    }

    int cuFuncGetAttribute(MemorySegment out, int attribute, long function) {
        return set(out, (int) functions.get(function).attributes.getOrDefault(attribute, 0));
    }

    int cuFuncSetAttribute(long function, int attribute, int value) {
        functions.get(function).attributes.put(attribute, value);
        return 0;
    }

    int cuFuncGetParamInfo(long function, long position, MemorySegment offset, MemorySegment bytes) {
        List<String> types = functions.get(function).parameterTypes;
        if (position >= types.size()) return 1;
        set(offset, 8 * position);
        return set(bytes, (long) bytes(types.get((int) position)));
    }

    int cuOccupancyMaxActiveBlocksPerMultiprocessor(MemorySegment out, long function, int block, long sharedBytes) {
        long byShared = sharedBytes == 0 ? 32 : 228_000 / sharedBytes;
        return set(out, (int) Math.min(byShared, 2048 / block));
    }

    int cuLaunchKernel(long function, int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ,
            int sharedBytes,
            long stream, MemorySegment parameters, MemorySegment extra) {
        Kernel kernel = functions.get(function);
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < kernel.parameterTypes.size(); i++) {
            String type = kernel.parameterTypes.get(i);
            MemorySegment value = parameters.reinterpret(8L * (i + 1)).getAtIndex(ValueLayout.ADDRESS, i)
                    .reinterpret(bytes(type));
            arguments.add(switch (type) {
                case ".u64", ".s64", ".b64" -> value.get(ValueLayout.JAVA_LONG, 0);
                case ".f32" -> value.get(ValueLayout.JAVA_FLOAT, 0);
                case ".u32", ".s32", ".b32" -> value.get(ValueLayout.JAVA_INT, 0);
                default -> Arrays.stream(value.toArray(ValueLayout.JAVA_INT)).boxed().toList();
            });
        }
        if (extra.address() != 0) misuse.add("extra parameters");
        Launch launch = new Launch(kernel.name, List.of(gridX, gridY, gridZ, blockX, blockY, blockZ), sharedBytes,
                stream, arguments);
        launches.add(launch);
        kernels.accept(launch);
        return known(stream, "stream");
    }

    private static int set(MemorySegment out, int value) {
        out.reinterpret(4).set(ValueLayout.JAVA_INT, 0, value);
        return 0;
    }

    private static int set(MemorySegment out, long value) {
        out.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, value);
        return 0;
    }

    /** Frees the stubs: nobody may call any more. */
    @Override
    public void close() {
        arena.close();
    }
}
