package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.reply.Responder;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings.EngineChoice;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What is left of Retort when it is closed: threads, memory and mapped files of a whole process. {@link RetortTest} starts
 * it as one, so that nothing else runs there while it counts; as a test of the build it would have to run alone.
 */
class RetortLeftovers {
    /** Rounds in which classes are loaded and the first code is compiled. */
    private static final int FIRST_ROUNDS = 10;
    /** Series of rounds, of which one must leave nothing: what leaks is left by each. */
    private static final int MOST_SERIES = 3;
    /** What the JVM itself may take in a series, while it compiles. */
    private static final long MOST_GROWTH = 16L << 20;

    @TempDir
    static Path folder;
    private static Path model;
    private static Path index;

    @BeforeAll
    static void make() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("model"), 1);
        model = made.path();
        try (Retort retort = Retort.open(RetortTest.TWO_THREADS); RetrievalModel open = retort.student(model).load()) {
            index = TinyIndex.write(folder.resolve("index"), made, open, RetortTest.REPLIES);
        }
    }

    @ParameterizedTest
    @CsvSource({"SIMD, 200, 16", "STOCK, 20, 16"})
    void nothingIsLeftOfManyRoundsOfOpeningAnsweringAndClosing(EngineChoice engine, int rounds, int contexts)
            throws Exception {
        RuntimeSettings settings = RetortTest.TWO_THREADS.withEngine(engine);
        Left.now(); // collects what other tests have left
        for (int i = 0; i < FIRST_ROUNDS; i++) round(settings, contexts);
        most = 0;
        Left before, after;
        int series = 0;
        do {
            before = Left.now();
            for (int i = 0; i < rounds; i++) round(settings, contexts);
            after = Left.now();
        } while (after.exceeds(before) && ++series < MOST_SERIES);
        assertFalse(after.exceeds(before), after + ", before " + before);
        long leaked = most * rounds; // if nothing were freed
        assertTrue(!NativeHeap.IS_KNOWN || leaked > 3 * MOST_GROWTH, leaked + " bytes would not be noticed");
        assertTrue(mostMapped > 0, "the index is seen where it is counted");
    }

    /** Bytes off the heap that a round holds, the most of all rounds: the collector frees ND4J's arrays meanwhile. */
    private static long most;
    /** Bytes of mapped files that a round holds, the most of all rounds: the collector may unmap others meanwhile. */
    private static long mostMapped;

    private static void round(RuntimeSettings settings, int count) throws IOException {
        long allocated = NativeHeap.allocated(), mapped = Left.mappedNow();
        try (Retort retort = Retort.open(settings); Responder responder = retort.student(model).responder(index)) {
            List<Context> contexts = Collections.nCopies(count, Context.of("hello", "i love tea"));
            assertEquals(count, responder.replyToAll(contexts, 3).size());
            mostMapped = Math.max(mostMapped, Left.mappedNow() - mapped);
            most = Math.max(most, NativeHeap.allocated() - allocated);
        }
    }

    /**
     * What a process holds.
     *
     * @param mapped    bytes of mapped files
     * @param allocated bytes off the heap; 0 where the system does not tell
     */
    private record Left(int threads, long ownThreads, long mapped, long allocated) {
        /** Whether there is more than before; engines of other tests may still have had their threads then. */
        boolean exceeds(Left before) {
            return ownThreads > before.ownThreads || threads > before.threads || mapped > before.mapped
                    || allocated > before.allocated + MOST_GROWTH;
        }

        static Left now() throws Exception {
            var threads = Thread.getAllStackTraces().keySet();
            long own = threads.stream().filter(thread -> thread.getName().startsWith("retort-")).count();
            return new Left(threads.size(), own, mappedNow(), collected());
        }

        /** Bytes off the heap once the collector has freed ND4J's arrays, which takes it some rounds. */
        private static long collected() throws InterruptedException {
            long least = Long.MAX_VALUE;
            for (int i = 0, unchanged = 0; i < 10 && unchanged < 3; i++) {
                System.gc();
                Thread.sleep(100);
                long allocated = NativeHeap.allocated();
                unchanged = allocated < least ? 0 : unchanged + 1;
                least = Math.min(least, allocated);
            }
            return least;
        }

        static long mappedNow() {
            return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(bean -> bean.getName().equals("mapped")).mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
        }
    }

    /** The C library's own count of what it has allocated, which arenas and ND4J take their memory from: glibc has one. */
    @SuppressWarnings("restricted") // The signature is glibc's, and the test runs with native access.
    private static final class NativeHeap {
        private static final MemoryLayout FIELDS = MemoryLayout.structLayout(
                MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));
        /** Bytes of blocks that were mapped one by one, and bytes of all others that are in use. */
        private static final int MAPPED = 4, IN_USE = 7;
        private static final MethodHandle MALLINFO2 = Linker.nativeLinker().defaultLookup().find("mallinfo2")
                .map(address -> Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(FIELDS)))
                .orElse(null);
        static final boolean IS_KNOWN = MALLINFO2 != null;

        static long allocated() {
            if (!IS_KNOWN) return 0;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment info = (MemorySegment) MALLINFO2.invokeExact((SegmentAllocator) arena);
                return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED) + info.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void whatIsOpenWhenRetortIsClosedRefusesToWorkAndCanBeClosed() throws IOException {
        Retort retort = Retort.open(RetortTest.TWO_THREADS);
        Student student = retort.student(model);
        Responder responder = student.responder(index);
        long mapped = Left.mappedNow();
        retort.close();
        retort.close();
        assertThrows(IllegalStateException.class, () -> responder.reply("hello"));
        assertThrows(IllegalStateException.class, student::load);
        responder.close();
        responder.close();
        assertTrue(Left.mappedNow() < mapped);
        assertThrows(IllegalStateException.class, () -> responder.reply("hello"));
        assertThrows(IllegalStateException.class, () -> responder.text(0));
    }

    @Test
    void anIndexOfAnotherModelIsRefusedAndNothingStaysOpen() throws Exception {
        ModelFolder other = TinyModel.biEncoder(folder.resolve("other"), 2);
        try (Retort retort = Retort.open(RetortTest.TWO_THREADS)) {
            long mapped = Left.now().mapped; // of what others have left, nothing is there to be collected any more
            String message = assertThrows(BadInput.class, () -> retort.student(other.path()).responder(index))
                    .getMessage();
            assertTrue(message.contains("index") && message.contains("other"), message);
            assertTrue(Left.mappedNow() <= mapped);
        }
    }

    /** Runs these tests and says how they went. */
    public static void main(String[] none) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(RetortLeftovers.class)).build(), listener);
        listener.getSummary().printFailuresTo(new PrintWriter(System.err, true), 50);
        System.out.println(listener.getSummary().getTestsSucceededCount() + " tests passed");
        System.exit(listener.getSummary().getTotalFailureCount() == 0 ? 0 : 1);
    }
}
