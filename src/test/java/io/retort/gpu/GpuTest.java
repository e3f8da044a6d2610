package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The driver layer against {@link FakeDriver}; none of this needs a card. */
class GpuTest {
    static final GpuCode CODE = new GpuCode("code.ptx", """
            .version 7.0
            .target sm_80
            .visible .entry scale(.param .u64 rows, .param .u32 count, .param .f32 by, .param .u64 many) { ret; }
            .visible .entry nothing() { ret; }
            .visible .entry structured(.param .align 8 .b8 scan[160], .param .u32 stages) { ret; }
            """);

    private final FakeDriver fake = new FakeDriver();

    @AfterEach
    void nothingIsLeftAndNothingWasMisused() {
        assertEquals(List.of(), fake.misuse);
        assertEquals(List.of(), fake.live());
        fake.close();
    }

    private Gpu open() {
        return Gpu.open(new Driver(fake.library()), 1);
    }

    @Test
    void theCardIsWhatTheDriverTells() {
        try (Gpu gpu = open()) {
            GpuInfo info = gpu.info();
            assertEquals(new GpuInfo("Fake H41", 1, "0000:41:00.0", "13.0", 9, 0, 1L << 30, 132, 50 << 20, 232_448,
                    2_619_000, 5120), info);
            assertEquals("9.0", info.computeCapability());
            assertEquals(3.35e12, info.nominalBytesPerSecond(), 1e10);
            assertTrue(info.hasComputeCapability(8, 9) && info.hasComputeCapability(9, 0));
            assertFalse(info.hasComputeCapability(9, 1) || info.hasComputeCapability(10, 0));
            assertEquals(FakeDriver.TOTAL_BYTES, gpu.freeMemory());
        }
    }

    @Test
    void aCardThatIsNotThereIsRefusedWithHowManyThereAre() {
        for (int ordinal : new int[]{-1, 2, 99}) {
            BadInput refused = assertThrows(BadInput.class,
                    () -> Gpu.open(new Driver(fake.library()), ordinal).close());
            assertEquals("no GPU " + ordinal + "; the driver has 2, counted from 0", refused.getMessage());
        }
    }

    @Test
    void bytesComeBackAsTheyWent() {
        try (Gpu gpu = open();
                Arena arena = Arena.ofConfined();
                GpuStream stream = gpu.stream();
                DeviceMemory a = gpu.allocate(1000);
                DeviceMemory b = gpu.allocate(1000);
                PinnedMemory pinned = gpu.pin(1000)) {
            for (int i = 0; i < 1000; i++) pinned.segment().set(ValueLayout.JAVA_BYTE, i, (byte) (7 * i));
            stream.copyToDevice(a, 0, pinned.segment());
            stream.fill(a, 10, 5, (byte) -2);
            stream.copy(b, 100, a, 0, 900);
            MemorySegment back = arena.allocate(900);
            stream.copyToHost(back, b, 100);
            stream.synchronize();
            for (int i = 0; i < 900; i++) {
                assertEquals(i >= 10 && i < 15 ? -2 : (byte) (7 * i), back.get(ValueLayout.JAVA_BYTE, i));
            }
            assertEquals(pinned.segment().address(), pinned.deviceAddress());
        }
    }

    @ParameterizedTest
    @EnumSource(DriverFunction.class)
    void aFunctionThatFailsIsNamedWithTheErrorAndItsWords(DriverFunction function) {
        if (function.symbol().startsWith("cuGetError")) return; // They tell the errors.
        fake.fail(function.symbol(), 999);
        GpuException failed = assertThrows(GpuException.class, this::useEverything);
        assertEquals(function.symbol(), failed.call());
        assertEquals(999, failed.code());
        assertTrue(failed.getMessage().contains(function.symbol() + " gave CUDA_ERROR_UNKNOWN (999): words for 999"),
                failed.getMessage());
        free(function);
    }

    /** What the fake could not free since it was told not to. */
    private void free(DriverFunction function) {
        List<String> left = fake.live();
        switch (function) {
            case FREE, HOST_FREE, STREAM_DESTROY, EVENT_DESTROY, MODULE_UNLOAD, CONTEXT_RELEASE -> {
                assertFalse(left.isEmpty());
                fake.misuse.removeIf(note -> note.startsWith("context released before"));
            }
            default -> assertEquals(List.of(), left);
        }
        fake.forget();
    }

    @Test
    void whicheverCallFailsTheRestIsFreedOnce() {
        useEverything();
        List<String> calls = List.copyOf(fake.calls);
        assertTrue(calls.size() > 60, calls.toString());
        for (int i = 0; i < calls.size(); i++) {
            fake.calls.clear();
            fake.failAtCall(i);
            String function = calls.get(i);
            assertThrows(GpuException.class, this::useEverything, function);
            List<String> left = new ArrayList<>(fake.live());
            if (function.matches("cuMemFree.*|cu.*Destroy_v2|cuModuleUnload|cuDevicePrimaryCtxRelease_v2")) {
                assertEquals(1, left.size(), function + " at " + i + " left " + left);
                fake.misuse.removeIf(note -> note.startsWith("context released before"));
                fake.forget();
            }
            assertEquals(List.of(), fake.live(), function + " at " + i);
            assertEquals(List.of(), fake.misuse, function + " at " + i);
        }
    }

    private void useEverything() {
        Driver driver = new Driver(fake.library());
        driver.init();
        try (Gpu gpu = Gpu.open(driver, 0); Arena arena = Arena.ofConfined()) {
            gpu.freeMemory();
            GpuStream stream = gpu.stream();
            DeviceMemory memory = gpu.allocate(4096);
            DeviceMemory other = gpu.allocate(4096);
            PinnedMemory pinned = gpu.pin(64);
            GpuEvent before = gpu.event(true);
            GpuEvent after = gpu.event(true);
            GpuFunction function = gpu.module(CODE).function("scale");
            function.registers();
            function.allowSharedBytes(1000);
            function.blocksPerMultiprocessor(128, 0);
            stream.record(before);
            stream.waitFor(before);
            stream.copyToDevice(memory, 0, pinned.segment());
            stream.copy(other, 0, memory, 0, 64);
            stream.fill(memory, 0, 10, (byte) 1);
            try (KernelArguments arguments = KernelArguments.of().address(memory).int32(1).float32(2).int64(3)
                    .build()) {
                stream.launch(function, Grid.of(1, 32), arguments);
            }
            stream.copyToHost(arena.allocate(10), memory, 0);
            stream.record(after);
            stream.synchronize();
            after.isDone();
            after.millisSince(before);
            other.close();
        }
    }

    @Test
    void anErrorThatTheDriverDoesNotKnowIsTold() {
        try (Gpu gpu = open()) {
            fake.fail("cuStreamCreate", 4711);
            assertTrue(assertThrows(GpuException.class, gpu::stream).getMessage()
                    .contains("cuStreamCreate gave error 4711"));
        }
    }

    @Test
    void anErrorOfAKernelComesToLightWithWhatItMeans() {
        try (Gpu gpu = open(); GpuStream stream = gpu.stream()) {
            fake.kernelError = 700;
            String message = assertThrows(GpuException.class, stream::synchronize).getMessage();
            assertTrue(message.contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)") && message.contains(
                    "a kernel launched before went wrong, and this process cannot use the card any more"), message);
            fake.kernelError = 0;
        }
    }

    @Test
    void moreMemoryThanIsFreeIsRefusedBeforeTheDriverIsAsked() {
        try (Gpu gpu = open(); DeviceMemory held = gpu.allocate(1000)) {
            int before = Collections.frequency(fake.calls, "cuMemAlloc_v2");
            GpuOutOfMemory none = assertThrows(GpuOutOfMemory.class, () -> gpu.allocate(FakeDriver.TOTAL_BYTES));
            assertEquals(FakeDriver.TOTAL_BYTES, none.wanted());
            assertEquals(FakeDriver.TOTAL_BYTES - held.bytes(), none.free());
            assertTrue(none.getMessage().contains(none.free() + " bytes of memory free, " + none.wanted() + " are"));
            for (long bytes : new long[]{0, -1, Long.MIN_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> gpu.allocate(bytes));
                assertThrows(IllegalArgumentException.class, () -> gpu.pin(bytes));
            }
            assertEquals(before, Collections.frequency(fake.calls, "cuMemAlloc_v2"));
            fake.fail("cuMemAlloc_v2", 2);
            assertThrows(GpuOutOfMemory.class, () -> gpu.allocate(10), "free, but in pieces");
        }
    }

    @Test
    void bytesOutOfBoundsNeverReachTheDriver() {
        try (Gpu gpu = open();
                Gpu another = open();
                Arena arena = Arena.ofConfined();
                GpuStream stream = gpu.stream();
                DeviceMemory memory = gpu.allocate(100);
                DeviceMemory foreign = another.allocate(100);
                GpuEvent untimed = gpu.event(false)) {
            MemorySegment host = arena.allocate(60);
            int before = copies();
            for (long offset : new long[]{-1, 41, 100, 101, Long.MAX_VALUE, Long.MIN_VALUE}) {
                refused(() -> stream.copyToDevice(memory, offset, host));
                refused(() -> stream.copyToHost(host, memory, offset));
                refused(() -> stream.copy(memory, offset, memory, 0, 60));
                refused(() -> stream.copy(memory, 0, memory, offset, 60));
                refused(() -> stream.fill(memory, offset, 60, (byte) 0));
            }
            for (long bytes : new long[]{-1, 101, Long.MAX_VALUE, Long.MIN_VALUE}) {
                refused(() -> stream.fill(memory, 0, bytes, (byte) 0));
                refused(() -> stream.copy(memory, 0, memory, 0, bytes));
            }
            refused(() -> stream.copy(memory, 0, memory, 10, 20));
            refused(() -> stream.copyToDevice(foreign, 0, host));
            refused(() -> stream.copyToDevice(memory, 0, MemorySegment.ofArray(new byte[10])));
            refused(() -> stream.copyToHost(MemorySegment.ofArray(new byte[10]), memory, 0));
            refused(() -> stream.copyToHost(host.asReadOnly(), memory, 0));
            refused(() -> memory.address(-1));
            refused(() -> memory.address(101));
            refused(() -> untimed.millisSince(untimed));
            assertEquals(before, copies());
            assertEquals(memory.address() + 100, memory.address(100));
        }
    }

    private int copies() {
        return (int) fake.calls.stream().filter(c -> c.startsWith("cuMemcpy") || c.startsWith("cuMemset")).count();
    }

    private static void refused(Runnable body) {
        assertThrows(IllegalArgumentException.class, body::run);
    }

    @Test
    void whatIsClosedIsNotUsedAgainAndClosingAgainDoesNothing() {
        Gpu gpu = open();
        GpuStream stream = gpu.stream();
        GpuStream closedStream = gpu.stream();
        DeviceMemory memory = gpu.allocate(100);
        PinnedMemory pinned = gpu.pin(100);
        GpuEvent event = gpu.event(true);
        GpuFunction function = gpu.module(CODE).function("scale");
        KernelArguments arguments = KernelArguments.of().address(memory).int32(1).float32(1).int64(1).build();
        for (int i = 0; i < 2; i++) {
            memory.close();
            pinned.close();
            event.close();
            closedStream.close();
        }
        try (Arena arena = Arena.ofConfined()) {
            closed(() -> memory.address());
            closed(() -> stream.fill(memory, 0, 1, (byte) 0));
            closed(() -> stream.copyToHost(arena.allocate(1), memory, 0));
            closed(() -> stream.launch(function, Grid.of(1, 1), arguments));
            closed(() -> pinned.deviceAddress());
            closed(() -> pinned.segment().get(ValueLayout.JAVA_BYTE, 0));
            closed(() -> stream.record(event));
            closed(() -> stream.waitFor(event));
            closed(() -> event.synchronize());
            closed(() -> closedStream.synchronize());
        }
        gpu.close();
        gpu.close();
        for (Runnable use : List.<Runnable>of(gpu::freeMemory, () -> gpu.allocate(1), () -> gpu.pin(1), gpu::stream,
                () -> gpu.event(true), () -> gpu.module(CODE), stream::synchronize, () -> function.registers())) {
            closed(use);
        }
        stream.close();
        arguments.close();
        arguments.close();
        closed(() -> arguments.int32(1, 1));
        assertEquals("Fake H41", gpu.info().name());
    }

    private static void closed(Runnable use) {
        assertThrows(IllegalStateException.class, use::run);
    }

    @Test
    void codeIsCompiledOnceAndUnloadedWithTheCard() {
        try (Gpu gpu = open()) {
            GpuModule module = gpu.module(CODE);
            assertSame(module, gpu.module(new GpuCode(CODE.name(), CODE.ptx())));
            assertNotSame(module, gpu.module(new GpuCode(CODE.name(), CODE.ptx() + "// another")));
            assertSame(module.function("scale"), module.function("scale"));
            assertEquals("info: " + CODE.ptx().length() + " characters", module.log());
            assertEquals(2, Collections.frequency(fake.calls, "cuModuleLoadDataEx"));
        }
        assertEquals(2, Collections.frequency(fake.calls, "cuModuleUnload"));
    }

    @Test
    void whatTheCompilerSaysIsInTheMessage() {
        try (Gpu gpu = open()) {
            GpuException failed = assertThrows(GpuException.class, () -> gpu.module(new GpuCode("my.ptx", "wrong")));
            assertTrue(failed.getMessage().startsWith("my.ptx: the GPU's driver: cuModuleLoadDataEx gave"
                    + " CUDA_ERROR_INVALID_PTX (218)"), failed.getMessage());
            assertTrue(failed.getMessage().contains("\nptxas: line 7 is wrong\ninfo: "), failed.getMessage());
        }
    }

    @Test
    void aKernelThatIsNotThereIsNamed() {
        try (Gpu gpu = open()) {
            GpuModule module = gpu.module(CODE);
            IllegalArgumentException none = assertThrows(IllegalArgumentException.class,
                    () -> module.function("scales"));
            assertEquals("name: code.ptx has no kernel scales", none.getMessage());
            assertEquals(0, module.function("nothing").blocksPerMultiprocessor(1024, 300_000));
        }
        assertThrows(IllegalArgumentException.class, () -> new GpuCode("empty", " \n"));
        assertThrows(IllegalArgumentException.class, () -> new GpuCode("cut", ".version\0"));
        assertThrows(IllegalArgumentException.class, () -> GpuCode.resource("not-there.ptx"));
    }

    @Test
    void aKernelTellsWhatItTakesOfTheCard() {
        try (Gpu gpu = open()) {
            GpuFunction function = gpu.module(CODE).function("scale");
            assertEquals(List.of(1024, 512, 16, 40), List.of(function.maxThreads(), function.sharedBytes(),
                    function.localBytes(), function.registers()));
            assertEquals(16, function.blocksPerMultiprocessor(128, 0));
            assertEquals(2, function.blocksPerMultiprocessor(128, 100_000));
            function.allowSharedBytes(100_000);
            assertThrows(IllegalArgumentException.class, () -> function.allowSharedBytes(-1));
            assertThrows(IllegalArgumentException.class, () -> function.blocksPerMultiprocessor(0, 0));
        }
    }

    @Test
    void argumentsArriveInTheWidthsOfTheParametersAndCanBeSetAgain() {
        try (Gpu gpu = open();
                GpuStream stream = gpu.stream();
                DeviceMemory memory = gpu.allocate(100);
                KernelArguments arguments = KernelArguments.of().address(memory).int32(-5).float32(0.1f)
                        .int64(Long.MIN_VALUE + 3).build()) {
            GpuFunction function = gpu.module(CODE).function("scale");
            stream.launch(function, new Grid(7, 6, 5, 96, 1234), arguments);
            arguments.address(0, memory, 40).int32(1, 0xFFFF_FFFF).float32(2, Float.MIN_VALUE).int64(3, 9);
            stream.launch(function, Grid.of(1_000_000, 1024).withSharedBytes(5), arguments);
            arguments.address(0, 0xFFFF_FFFF_0000L);
            stream.launch(function, Grid.of(1, 1), arguments);
            List<Object> first = List.of(memory.address(), -5, 0.1f, Long.MIN_VALUE + 3);
            List<Object> second = List.of(memory.address() + 40, -1, Float.MIN_VALUE, 9L);
            assertEquals(first, fake.launches.get(0).arguments());
            assertEquals(List.of(7, 6, 5, 96, 1, 1), fake.launches.get(0).grid());
            assertEquals(1234, fake.launches.get(0).sharedBytes());
            assertEquals(second, fake.launches.get(1).arguments());
            assertEquals(List.of(1_000_000, 1, 1, 1024, 1, 1), fake.launches.get(1).grid());
            assertEquals(0xFFFF_FFFF_0000L, fake.launches.get(2).arguments().getFirst());
        }
    }

    @Test
    void argumentsOfOtherNumberOrKindAreRefusedBeforeTheDriverReadsThem() {
        try (Gpu gpu = open();
                Gpu another = open();
                GpuStream stream = gpu.stream();
                KernelArguments few = KernelArguments.of().address(0).int32(1).float32(1).build();
                KernelArguments many = KernelArguments.of().address(0).int32(1).float32(1).int64(1).int32(1).build();
                KernelArguments wide = KernelArguments.of().address(0).int64(1).float32(1).int64(1).build();
                KernelArguments none = KernelArguments.of().build()) {
            GpuFunction function = gpu.module(CODE).function("scale");
            for (KernelArguments wrong : List.of(few, many, wide, none)) {
                IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                        () -> stream.launch(function, Grid.of(1, 1), wrong));
                assertTrue(refused.getMessage().contains("kernel scale takes parameters of [8, 4, 4, 8] bytes, not "
                        + wrong), refused.getMessage());
            }
            stream.launch(gpu.module(CODE).function("nothing"), Grid.of(1, 1), none);
            refused(() -> stream.launch(another.module(CODE).function("nothing"), Grid.of(1, 1), none));
            refused(() -> few.int64(1, 1));
            refused(() -> few.float32(3, 1));
            refused(() -> few.int32(-1, 1));
            assertEquals(1, fake.launches.size());
            refused(() -> new Grid(0, 1, 1, 1, 0));
            refused(() -> new Grid(1, 65_536, 1, 1, 0));
            refused(() -> new Grid(1, 1, 0, 1, 0));
            refused(() -> new Grid(1, 1, 1, 1025, 0));
            refused(() -> new Grid(1, 1, 1, 1, -1));
        }
    }

    @Test
    void aStructIsReadAtEachLaunchAndMustBeAliveAndAsLongAsTheKernelSays() {
        try (Gpu gpu = open(); GpuStream stream = gpu.stream(); Arena arena = Arena.ofConfined()) {
            GpuFunction function = gpu.module(CODE).function("structured");
            for (long bytes : new long[]{0, 8, 156, 164, 1000}) {
                try (KernelArguments wrong = KernelArguments.of().struct(arena.allocate(bytes, 8)).int32(1).build()) {
                    refused(() -> stream.launch(function, Grid.of(1, 1), wrong));
                }
            }
            refused(() -> KernelArguments.of().struct(MemorySegment.ofArray(new long[20])).int32(1).build());
            Arena own = Arena.ofConfined();
            MemorySegment struct = own.allocate(160, 8);
            try (KernelArguments arguments = KernelArguments.of().struct(struct).int32(1).build()) {
                for (int i = 0; i < 2; i++) {
                    for (int j = 0; j < 40; j++) struct.setAtIndex(ValueLayout.JAVA_INT, j, 100 * i + j);
                    stream.launch(function, Grid.of(1, 1), arguments);
                }
                own.close();
                closed(() -> stream.launch(function, Grid.of(1, 1), arguments));
            }
            assertEquals(2, fake.launches.size());
            for (int i = 0; i < 2; i++) {
                int from = 100 * i;
                assertEquals(List.of(IntStream.range(from, from + 40).boxed().toList(), 1),
                        fake.launches.get(i).arguments());
            }
        }
    }

    @Test
    void anOlderDriverThatTellsNoParametersAndHasTheOldClockDoes() {
        fake.missing.addAll(List.of("cuFuncGetParamInfo", "cuEventElapsedTime_v2"));
        useEverything();
        assertTrue(fake.calls.contains("cuEventElapsedTime"));
        assertEquals(1, fake.launches.size());
    }

    @Test
    void theRateOfCopiesIsMeasuredByTheCardsClock() {
        try (Gpu gpu = open()) {
            double rate = gpu.copyBandwidth(1 << 20, Duration.ofMillis(5));
            assertEquals(2 * FakeDriver.COPY_BYTES_PER_MILLI * 1000, rate, rate * 1e-3);
            assertEquals(FakeDriver.TOTAL_BYTES, gpu.freeMemory());
        }
    }

    @Test
    void eventsTellWhetherTheyAreReached() {
        try (Gpu gpu = open(); GpuStream stream = gpu.stream(); GpuEvent event = gpu.event(false)) {
            stream.record(event);
            assertTrue(event.isDone());
            fake.eventsAreDone = false;
            assertFalse(event.isDone());
            event.synchronize();
        }
    }

    @Test
    void anyThreadMayCallAndClosingWaitsForThoseThatDo() throws InterruptedException {
        CountDownLatch within = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean finished = new AtomicBoolean();
        AtomicBoolean finishedBeforeClosed = new AtomicBoolean();
        Gpu gpu = open();
        GpuStream stream = gpu.stream();
        fake.whileSynchronizing = () -> {
            within.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            finished.set(true);
        };
        Thread caller = Thread.ofPlatform().start(stream::synchronize);
        assertTrue(within.await(300, TimeUnit.SECONDS));
        Thread closer = Thread.ofPlatform().start(() -> {
            gpu.close();
            finishedBeforeClosed.set(finished.get());
        });
        for (Thread.State state = closer.getState(); state != Thread.State.WAITING; state = closer.getState()) {
            assertTrue(closer.isAlive(), "closed beside a call");
            Thread.onSpinWait();
        }
        goOn.countDown();
        caller.join();
        closer.join();
        assertTrue(finishedBeforeClosed.get());
    }

    @Test
    void threadsThatWorkBesideEachOtherGetTheirOwnBytes() throws InterruptedException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        try (Gpu gpu = open()) {
            List<Thread> threads = List.of(1, 2, 3, 4).stream().map(number -> Thread.ofPlatform().start(() -> {
                try (GpuStream stream = gpu.stream();
                        PinnedMemory pinned = gpu.pin(8);
                        KernelArguments arguments = KernelArguments.of().build()) {
                    GpuFunction function = gpu.module(CODE).function("nothing");
                    for (int i = 0; i < 200; i++) {
                        try (DeviceMemory memory = gpu.allocate(8)) {
                            stream.fill(memory, 0, 8, number.byteValue());
                            stream.launch(function, Grid.of(1, 32), arguments);
                            stream.copyToHost(pinned.segment(), memory, 0);
                            stream.synchronize();
                            assertEquals(number * 0x01010101_01010101L, pinned.segment().get(ValueLayout.JAVA_LONG, 0));
                        }
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            })).collect(Collectors.toList());
            for (Thread thread : threads) thread.join();
        }
        assertEquals(List.of(), failures);
        assertEquals(800, fake.launches.size());
        assertEquals(1, Collections.frequency(fake.calls, "cuModuleLoadDataEx"));
    }
}
