package io.retort.teacher.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.PromptChoice;
import io.retort.generate.RawReply;
import io.retort.teacher.Judgement;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.TeacherReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A teacher behind HTTP, with servers of each kind that answer, fail and lie. */
class RemoteTeacherTest {
    private static final Decoding SAMPLING = new Decoding.Sampling(0.8, 0, 0.9, 7);
    private static final Constraints SHORT = Constraints.atMost(20);
    private static final Context CONTEXT = Context.of("The boats are green.", "Why?", "They sing today.");

    static RemoteTeacherSettings settings(FakeServer server) {
        return RemoteTeacherSettings.of(server.address()).withPatience(Duration.ofSeconds(20), 5);
    }

    static RemoteTeacher open(RemoteTeacherSettings settings) {
        return RemoteTeacher.open(settings, Map.of(), Duration.ofMillis(4));
    }

    static RemoteTeacher open(FakeServer server) {
        return open(settings(server));
    }

    private static List<Optional<Judgement.Opinion>> judge(RemoteTeacher teacher, Context context,
            String... candidates) {
        List<Judgement> told = new ArrayList<>();
        teacher.judge(List.of(new JudgementRequest("one", context, List.of(candidates))).iterator(), told::add);
        return told.getFirst().opinions();
    }

    private static List<List<String>> replies(RemoteTeacher teacher, int contexts) {
        List<List<String>> told = new ArrayList<>();
        teacher.reply(SAMPLING, SHORT, IntStream.range(0, contexts)
                .mapToObj(i -> ReplyRequest.of("c" + i, Context.of("We run, " + "x".repeat(i + 1)), 2)).iterator(),
                said -> told.add(said.replies().stream().map(RawReply::text).toList()));
        return told;
    }

    @ParameterizedTest
    @EnumSource(value = FakeServer.Form.class, names = "WITHOUT", mode = EnumSource.Mode.EXCLUDE)
    void likelihoodsAreThoseOfTheServersModel(FakeServer.Form form) throws IOException {
        try (FakeServer server = new FakeServer(form); RemoteTeacher teacher = open(server)) {
            assertTrue(teacher.capabilities().judges(), teacher.sentence());
            assertTrue(teacher.sentence().contains("confirms"), teacher.sentence());
            List<Optional<Judgement.Opinion>> opinions = judge(teacher, CONTEXT, "Yes, we sing again.", "Tea?");
            List<String> prompt = FakeServer.tokens("A: The boats are green.\nB: Why?\nA: They sing today.\nB:");
            List<String> candidates = List.of(" Yes, we sing again.\n", " Tea?\n");
            for (int i = 0; i < candidates.size(); i++) {
                List<String> text = FakeServer.tokens(candidates.get(i));
                double given = 0, alone = 0;
                for (double nats : FakeServer.nats(prompt, text)) given += nats;
                for (double nats : FakeServer.nats(FakeServer.tokens("B:"), text)) alone += nats;
                Judgement.Opinion opinion = opinions.get(i).orElseThrow();
                assertEquals(text.size(), opinion.tokens());
                assertEquals(given / text.size(), opinion.logLikelihood(), 1e-9);
                assertEquals((given - alone) / text.size(), opinion.mutualInformation(), 1e-9);
            }
        }
    }

    @Test
    void valuesThatStandOnePlaceTooEarlyAreNotTaken() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.LLAMA_CPP_PYTHON);
                RemoteTeacher teacher = open(server)) {
            assertEquals("forced", teacher.provenance().get("likelihoods"));
        }
    }

    @Test
    void aServerWithoutLikelihoodsWritesAndSaysWhoCouldJudge() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT); RemoteTeacher teacher = open(server)) {
            assertEquals(3, replies(teacher, 3).size());
            assertFalse(teacher.capabilities().judges());
            String told = assertThrows(BadInput.class, teacher::requireJudges).getMessage();
            assertTrue(told.contains("does not echo") && told.contains("GGUF") && told.contains("vLLM"), told);
        }
    }

    @Test
    void repliesComeInOrderAndTheSameAgainHoweverManyAreUnderWay() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM)) {
            server.delay = 2;
            List<List<String>> one, many;
            try (RemoteTeacher teacher = open(settings(server).withRequests(1))) {
                one = replies(teacher, 12);
            }
            assertEquals(1, server.most.get());
            server.delay = 20; // or on a busy machine the first is done before the second comes
            try (RemoteTeacher teacher = open(settings(server).withRequests(3))) {
                many = replies(teacher, 12);
            }
            assertEquals(one, many);
            assertTrue(server.most.get() > 1 && server.most.get() <= 3, "at a time: " + server.most.get());
            assertEquals(2, one.getFirst().stream().distinct().count(), "each reply is drawn by itself");
        }
    }

    @Test
    void aChatBeginsWithTheUserAndSaysWhatWasLeftOut() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT);
                RemoteTeacher teacher = open(settings(server).withPrompt(
                        new PromptChoice(PromptChoice.Form.CHAT, Optional.of("Be kind."), List.of())))) {
            List<TeacherReplies> told = new ArrayList<>();
            teacher.reply(SAMPLING, SHORT, List.of(ReplyRequest.of("a", CONTEXT, 1),
                    ReplyRequest.of("b", Context.of("First.", "The boats are green.", "Why?", "They sing today."), 1))
                    .iterator(), told::add);
            assertTrue(told.get(0).wholeContext());
            assertFalse(told.get(1).wholeContext());
            String reason = assertThrows(BadInput.class, teacher::requireJudges).getMessage();
            assertTrue(reason.contains("continuation"), reason);
        }
    }

    @Test
    void aContextThatIsTooLongLosesItsOldestTurns() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.ECHO); RemoteTeacher teacher = open(server)) {
            server.longest = 12;
            List<TeacherReplies> told = new ArrayList<>();
            teacher.reply(SAMPLING, SHORT, List.of(ReplyRequest.of("a", CONTEXT, 1)).iterator(), told::add);
            assertFalse(told.getFirst().wholeContext());
            server.longest = 3;
            BadInput refused = assertThrows(BadInput.class, () -> replies(teacher, 1));
            assertTrue(refused.getMessage().contains("c0") && refused.getMessage().contains("too long"),
                    refused.getMessage());
            assertEquals(List.of(Optional.empty()), judge(teacher, CONTEXT, "Yes."), "nobody reads it");
        }
    }

    @Test
    void theFingerprintIsTheModelsAndNotTheAddresss() throws IOException {
        try (FakeServer one = new FakeServer(FakeServer.Form.VLLM);
                FakeServer other = new FakeServer(FakeServer.Form.VLLM);
                RemoteTeacher here = open(one);
                RemoteTeacher there = open(other)) {
            assertEquals(here.fingerprint(), there.fingerprint());
            assertEquals(here.provenance(), there.provenance());
            other.root = "weights-2";
            try (RemoteTeacher changed = open(other)) {
                assertNotEquals(here.fingerprint(), changed.fingerprint());
            }
        }
    }

    @Test
    void aModelThatIsNotThereIsToldWithThoseThatAre() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM)) {
            BadInput refused = assertThrows(BadInput.class, () -> open(settings(server).withModel("huge")));
            assertTrue(refused.getMessage().contains("huge") && refused.getMessage().contains("tiny"),
                    refused.getMessage());
        }
    }

    @Test
    void whatAServerDoesNotKnowIsRefusedByName() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.ECHO); RemoteTeacher teacher = open(server)) {
            for (Decoding decoding : List.of(Decoding.Beam.of(3), new Decoding.Sampling(1, 5, 1, 0))) {
                assertThrows(BadInput.class, () -> teacher.reply(decoding, SHORT,
                        List.<ReplyRequest>of().iterator(), _ -> {
                        }));
            }
            Constraints blocks = new Constraints(20, 0, 1,
                    List.of(new Constraints.NgramBlock(3, Constraints.Where.REPLY)));
            BadInput refused = assertThrows(BadInput.class, () -> teacher.reply(SAMPLING, blocks,
                    List.<ReplyRequest>of().iterator(), _ -> {
                    }));
            assertTrue(refused.getMessage().contains("n-grams"), refused.getMessage());
        }
    }

    @Test
    void requestsAndTokensAreCountedAndPriced() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT); RemoteTeacher teacher = open(server)) {
            RemoteUsage before = teacher.usage();
            replies(teacher, 3);
            RemoteUsage usage = teacher.usage().since(before);
            assertEquals(6, usage.requests());
            assertEquals(30, usage.written());
            assertTrue(usage.read() > 0);
            assertEquals((usage.read() * 2 + 30 * 10) / 1e6,
                    Price.parse("2/10").of(usage.read(), usage.written()), 1e-12);
            assertThrows(IllegalArgumentException.class, () -> Price.parse("2/x"));
            assertThrows(IllegalArgumentException.class, () -> Price.parse("-1"));
        }
    }

    @Test
    void likelihoodsThatCannotBeAreRefusedAndNotTaken() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.ECHO); RemoteTeacher teacher = open(server)) {
            record Lie(String told, java.util.function.Consumer<ObjectNode> way) {
            }
            List<Lie> lies = List.of(
                    new Lie("missing", logprobs -> ((ArrayNode) logprobs.get("token_logprobs")).removeAll().addAll(
                            IntStream.range(0,
                                    logprobs.get("tokens").size()).<com.fasterxml.jackson.databind.JsonNode>mapToObj(
                                            _ -> logprobs.nullNode())
                                    .toList())),
                    new Lie("tokens", logprobs -> ((ArrayNode) logprobs.get("token_logprobs")).remove(3)),
                    new Lie("another text", logprobs -> {
                        ArrayNode tokens = (ArrayNode) logprobs.get("tokens");
                        for (int i = 0; i < tokens.size(); i++) tokens.set(i, "Zz");
                    }),
                    new Lie("log-probability that is 4.0", logprobs -> {
                        ArrayNode values = (ArrayNode) logprobs.get("token_logprobs");
                        for (int i = 0; i < values.size(); i++) values.set(i, 4.0);
                    }));
            for (Lie lie : lies) {
                server.change = answer -> {
                    lie.way.accept((ObjectNode) answer.path("choices").path(0).path("logprobs"));
                    return answer;
                };
                String told = assertThrows(BadInput.class, () -> judge(teacher, CONTEXT, "Yes.")).getMessage();
                assertTrue(told.contains(lie.told) && told.contains("one: ") && told.contains("what is done is kept"),
                        told);
            }
        }
    }
}
