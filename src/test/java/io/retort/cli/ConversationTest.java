package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.reply.ChatSession;
import io.retort.reply.ModelResponder;
import io.retort.reply.FixedAnswers;
import io.retort.reply.Responder;
import io.retort.reply.ResponsePolicy;
import io.retort.reply.ScoreCalibration;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.ExactSearch;
import io.retort.search.ResponseIndex;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {
    private static final List<String> REPLIES = TinyIndex.replies(8);

    @TempDir
    static Path folder;
    private static RetrievalModel model;
    private static ResponseIndex index;
    private static WorkerPool pool;

    @BeforeAll
    static void open() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("model"), 1);
        model = made.load(Engine.stock());
        index = ResponseIndex.open(TinyIndex.write(folder.resolve("i"), made, model, REPLIES));
        pool = new WorkerPool(1);
    }

    @AfterAll
    static void close() {
        model.close();
        index.close();
        pool.close();
    }

    @Test
    void eachLineGetsOneReplyUntilTheInputEnds() throws IOException {
        List<String> lines = talk("hello", "", "   ", "i love tea").lines().toList();
        assertEquals(2, lines.size());
        assertTrue(REPLIES.containsAll(lines), lines.toString());
        assertEquals("", talk());
    }

    @Test
    void quitEndsItAndWhatFollowsIsNotRead() throws IOException {
        assertEquals(1, talk("hello", " /quit ", "hello").lines().count());
    }

    @Test
    void whyShowsTheCandidatesTheReplyFirst() throws IOException {
        assertEquals("(nothing was said yet)", talk("/why").strip());
        List<String> lines = talk("hello", "/why").lines().toList();
        assertEquals(1 + 5 + 1, lines.size());
        assertTrue(lines.get(1).matches(" +1 +-?\\d+\\.\\d{4}  " + lines.getFirst()), lines.toString());
        assertTrue(lines.getLast().matches(" +tokenise [\\d.]+, encode [\\d.]+, search [\\d.]+ ms"), lines.toString());
    }

    @Test
    void historyShowsTheContextAndResetEmptiesIt() throws IOException {
        List<String> lines = talk("hello", "/history", "/reset", "/history", "hello").lines().toList();
        assertEquals(List.of(lines.get(0), "  hello", "  " + lines.get(0), lines.get(0)), lines);
    }

    @Test
    void anUnknownCommandIsNotTakenForATurn() throws IOException {
        List<String> lines = talk("/nope at all", "/history").lines().toList();
        assertEquals("(there is no /nope)", lines.getFirst());
        assertTrue(lines.get(1).contains("/why") && lines.size() == 2, lines.toString());
        assertTrue(talk("/help").contains("/reset"));
    }

    @Test
    void emojiAndTurnsWithoutEndAreAnswered() throws IOException {
        assertEquals(3, talk("🦄🦄", "a".repeat(1_000_000), "tea ".repeat(100_000)).lines().count());
    }

    @Test
    void whoIsNotListenedToStopsTalking() throws IOException {
        StringReader in = new StringReader("hello\n".repeat(1000));
        PrintStream gone = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("broken pipe");
            }
        }, true, StandardCharsets.UTF_8);
        BufferedReader reader = new BufferedReader(in);
        new Conversation(session(), "Hi.", reader, gone, false).run();
        assertTrue(reader.readLine() != null, "there was more to answer");
    }

    @Test
    void onlyAPersonGetsAPrompt() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Conversation(session(), "Hi.", new BufferedReader(new StringReader("hello\n")),
                new PrintStream(out, true, StandardCharsets.UTF_8), true).run();
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("> "));
    }

    private static ChatSession session() {
        ExactSearch search = new ExactSearch(index, Kernels.best(), pool);
        return ModelResponder.over(model, index, search).session(3);
    }

    private static ChatSession careful(double floor) {
        ExactSearch search = new ExactSearch(index, Kernels.best(), pool);
        return ModelResponder.over(model, index, search).session(3,
                new ResponsePolicy(FixedAnswers.standard(), OptionalDouble.of(floor), List.of("Pardon?"),
                        Optional.of(new ScoreCalibration(floor, 10, 0.9, 0.1, 100))));
    }

    @Test
    void whyTellsOfFixedAnswersFallbacksAndConfidence() throws IOException {
        assertEquals(List.of("You are welcome!", "     a fixed answer, \"thanks\", to \"thanks\""),
                talk(careful(0), "Thanks!", "/why").lines().toList());
        List<String> fallback = talk(careful(1e6), "i love tea", "/why").lines().toList();
        assertEquals("Pardon?", fallback.getFirst());
        assertTrue(fallback.get(1).matches(" +a fallback: the best reply scores -?[\\d.]+, less than 1000000.0000; "
                + "confidence 0 %"), fallback.toString());
        assertTrue(fallback.get(2).matches(" +1 .*"), "what was not said is shown, too: " + fallback);
        List<String> found = talk(careful(-1e6), "i love tea", "/why").lines().toList();
        assertTrue(found.get(1).matches(" +the best reply, score -?[\\d.]+; confidence 100 %"), found.toString());
    }

    @Test
    void aMistypedCommandIsAnsweredWithTheOneThatIsNear() throws IOException {
        assertTrue(talk("/wyh").startsWith("(there is no /wyh; did you mean /why?)"), talk("/wyh"));
        for (String name : List.of("/why", "/history", "/reset", "/help", "/quit")) {
            assertTrue(talk("/help").contains(name));
        }
    }

    @Test
    void onlyAPersonIsGreeted() throws IOException {
        assertEquals("", talk());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Conversation(session(), "Hi.", new BufferedReader(new StringReader("")),
                new PrintStream(out, true, StandardCharsets.UTF_8), true).run();
        assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("Hi."));
    }

    private static String talk(String... lines) throws IOException {
        return talk(session(), lines);
    }

    private static String talk(ChatSession session, String... lines) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BufferedReader in = new BufferedReader(new StringReader(String.join("\n", lines)));
        new Conversation(session, "Hi.", in, new PrintStream(out, true, StandardCharsets.UTF_8), false).run();
        return out.toString(StandardCharsets.UTF_8);
    }
}
