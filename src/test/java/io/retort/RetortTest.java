package io.retort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.dialogue.Context;
import io.retort.files.Progress;
import io.retort.gpu.Gpu;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReply;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponderSettings;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings.EngineChoice;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the facade opens, and what is left when it is closed. */
class RetortTest {
    static final RuntimeSettings TWO_THREADS = RuntimeSettings.defaults().withThreads(2);
    static final List<String> REPLIES = TinyIndex.replies(500);

    @TempDir
    static Path folder;
    private static Path model;
    private static Path index;

    @BeforeAll
    static void make() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("model"), 1);
        model = made.path();
        try (Retort retort = Retort.open(TWO_THREADS); RetrievalModel open = retort.student(model).load()) {
            index = TinyIndex.write(folder.resolve("index"), made, open, REPLIES);
        }
    }

    /** What is left is counted over a whole process: {@link RetortLeftovers} has one, where nothing else runs. */
    @Test
    void nothingIsLeftWhenItIsClosed() throws Exception {
        List<String> flags = List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-Xmx2g", "-XX:+UseSerialGC");
        Path work = Files.createDirectory(folder.resolve("process"));
        String said = DocumentedCode.run(RetortLeftovers.class.getName(), flags, work, work, work);
        assertTrue(said.contains("4 tests passed"), said);
    }

    @ParameterizedTest
    @EnumSource
    void everySearchGivesTheSameReplies(SearchChoice search) throws IOException {
        assumeTrue(search != SearchChoice.GPU || Gpu.obstacle().isEmpty(), () -> Gpu.obstacle().orElseThrow());
        Context context = Context.of("hello", "i love tea");
        try (Retort retort = Retort.open(TWO_THREADS)) {
            Student student = retort.student(model);
            List<RankedReply> expected;
            try (Responder exact = student.responder(index)) {
                expected = exact.reply(context, 20).ranked();
            }
            for (Searches searches : Searches.values()) {
                try (Responder responder = student.responder(index, new ResponderSettings(search, searches))) {
                    List<RankedReply> found = responder.reply(context, 20).ranked();
                    if (searches == Searches.MANY) assertEquals(expected, found);
                    else assertSameButForRounding(expected, found);
                }
            }
        }
    }

    /** First answers come from plain loops (decision 37), whose sums may differ in their last digits. */
    private static void assertSameButForRounding(List<RankedReply> expected, List<RankedReply> found) {
        assertEquals(expected.stream().map(RankedReply::row).toList(), found.stream().map(RankedReply::row).toList());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).score(), found.get(i).score(), 1e-5 * Math.abs(expected.get(i).score()));
        }
    }

    @Test
    void closingWhileOthersAnswerIsSafe() throws Exception {
        for (int round = 0; round < 10; round++) {
            Retort retort = Retort.open(TWO_THREADS);
            Responder responder = retort.student(model).responder(index);
            CountDownLatch begun = new CountDownLatch(4);
            AtomicInteger refused = new AtomicInteger();
            List<Thread> askers = IntStream.range(0, 4).mapToObj(i -> Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        responder.reply("i love tea");
                        begun.countDown();
                    }
                } catch (IllegalStateException e) {
                    refused.incrementAndGet();
                }
            })).toList();
            begun.await();
            if (round % 2 == 0) responder.close();
            retort.close();
            responder.close();
            for (Thread asker : askers) asker.join();
            assertEquals(4, refused.get(), "each ends with a refusal and with nothing else");
        }
    }

    @Test
    void mistakesOfProgrammersNameTheParameter() throws IOException {
        assertParameter("settings", () -> Retort.open(null));
        try (Retort retort = Retort.open(TWO_THREADS)) {
            assertParameter("name", () -> retort.student((String) null));
            assertParameter("folder", () -> retort.student((Path) null));
            assertParameter("model", () -> retort.teacher(null));
            assertParameter("index", () -> retort.student(model).responder((Path) null));
            assertParameter("progress", () -> retort.student(model).responder((Progress) null));
            try (Responder responder = retort.student(model).responder(index)) {
                assertParameter("k is 0", () -> responder.reply(Context.of("hello"), 0));
                assertParameter("history", () -> responder.session(0));
            }
        }
        assertParameter("runtime", () -> ModelResponder.open(new Strange(), ModelFolder.open(model), index));
    }

    private static void assertParameter(String name, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.startsWith(name), message);
    }

    /** A runtime that Retort did not open. */
    private record Strange() implements RetortRuntime {
        @Override
        public int threads() {
            return 1;
        }

        @Override
        public String engineName() {
            return "strange";
        }

        @Override
        public String description() {
            return "strange";
        }

        @Override
        public void close() {}
    }

    @Test
    void theRuntimeTellsWhatItIs() {
        try (Retort retort = Retort.open(new RuntimeSettings(EngineChoice.SIMD, 3))) {
            assertEquals(3, retort.runtime().threads());
            assertEquals("simd", retort.runtime().engineName());
            assertTrue(retort.runtime().description().contains("3 threads"), retort.runtime().description());
        }
    }

    @Test
    void aStudentThatIsLoadedGivesTheVectorsOfItsResponder() throws IOException {
        try (Retort retort = Retort.open(TWO_THREADS);
                RetrievalModel loaded = retort.student(model).load();
                Responder responder = retort.student(model).responder(index)) {
            float[][] vectors = loaded.encodeReplies(REPLIES.subList(0, 5), Progress.NONE);
            float[][] same = ((ModelResponder) responder).model().encodeReplies(REPLIES.subList(0, 5), Progress.NONE);
            for (int i = 0; i < vectors.length; i++) assertArrayEquals(vectors[i], same[i]);
        }
    }
}
