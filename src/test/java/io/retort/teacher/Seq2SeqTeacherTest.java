package io.retort.teacher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding;
import io.retort.generate.PromptChoice;
import io.retort.generate.TextLanguageModel;
import io.retort.graph.ComputeRuntime;
import io.retort.graph.Engine;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.TinySeq2Seq;
import io.retort.lm.TrainableDecoder;
import io.retort.runtime.RuntimeSettings;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Tiny encoder–decoders as teachers, and what of their files is refused. */
class Seq2SeqTeacherTest {
    private static final List<String> NAMES = TinySeq2Seq.NAMES;

    @TempDir
    Path work;
    private ComputeRuntime runtime;

    @BeforeEach
    void open() {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void itRepliesAndJudgesLikeAnyTeacherWhateverIsAskedBesides(String name) throws IOException {
        Context talk = Context.of("do you want tea", "yes, with milk", "and sugar");
        Context longer = Context.of("tea ".repeat(200).strip(), "milk");
        Constraints paper = new Constraints(30, 20, 1,
                List.of(new NgramBlock(3, Where.REPLY), new NgramBlock(3, Where.PROMPT)));
        try (LocalTeacher teacher = LocalTeacher.open(TinySeq2Seq.of(name).folder(),
                LocalTeacherSettings.defaults(), runtime)) {
            List<TeacherReplies> alone = new ArrayList<>(), together = new ArrayList<>();
            Decoding beam = new Decoding.Beam(10, 0.65, Decoding.Patience.HEURISTIC);
            ReplyRequest first = new ReplyRequest("a", List.of(), talk, 3),
                    second = new ReplyRequest("b", List.of(), longer, 3);
            teacher.reply(beam, paper, List.of(first).iterator(), alone::add);
            teacher.reply(beam, paper, List.of(second, first).iterator(), together::add);
            assertEquals(alone.getFirst().replies(), together.getLast().replies());
            assertTrue(alone.getFirst().wholeContext());
            assertFalse(together.getFirst().wholeContext(), "200 words fit into 64 tokens");
            assertEquals(3, alone.getFirst().replies().size());

            List<Judgement> judged = new ArrayList<>();
            List<String> candidates = List.of("a little", "no", "tea ".repeat(90));
            teacher.judge(List.of(new JudgementRequest("a", talk, candidates),
                    new JudgementRequest("b", longer, candidates)).iterator(), judged::add);
            for (Judgement each : judged) {
                assertTrue(each.opinions().getLast().isEmpty(), "a candidate of 90 words fits");
                Judgement.Opinion opinion = each.opinions().getFirst().orElseThrow();
                assertTrue(opinion.logLikelihood() < 0 && Double.isFinite(opinion.mutualInformation()));
            }
            assertNotEquals(judged.get(0).opinions().getFirst(), judged.get(1).opinions().getFirst());
        }
    }

    @Test
    void aPersonaIsReadBeforeTheTurnsAndAChatTemplateIsAskedForInVain() throws IOException {
        Path folder = TinySeq2Seq.of("blenderbot").folder();
        Context talk = Context.of("tea");
        List<Judgement> judged = new ArrayList<>();
        for (PromptChoice choice : List.of(PromptChoice.usual(),
                PromptChoice.usual().withLines(List.of("i like milk")))) {
            try (LocalTeacher teacher = LocalTeacher.open(folder, LocalTeacherSettings.defaults().withPrompt(choice),
                    runtime)) {
                teacher.judge(List.of(new JudgementRequest("a", talk, List.of("yes"))).iterator(), judged::add);
            }
        }
        assertNotEquals(judged.get(0).opinions(), judged.get(1).opinions());
        PromptChoice chat = new PromptChoice(PromptChoice.Form.CHAT, Optional.empty(), List.of());
        try (LocalTeacher teacher = LocalTeacher.open(folder, LocalTeacherSettings.defaults().withPrompt(chat),
                runtime)) {
            BadInput none = assertThrows(BadInput.class, () -> teacher
                    .judge(List.of(new JudgementRequest("a", talk, List.of("yes"))).iterator(), _ -> {
                    }));
            assertTrue(none.getMessage().contains("has no chat template"), none.getMessage());
        }
    }

    private Path copy(String name) throws IOException {
        Path target = Files.createDirectory(work.resolve(name));
        try (Stream<Path> files = Files.list(TinySeq2Seq.of(name).folder())) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().startsWith("golden")) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
        }
        return target;
    }

    private static void replace(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(from), from);
        Files.writeString(file, text.replace(from, to));
    }

    private String refusal(Path folder) {
        try (Engine engine = Engine.simd(1)) {
            return assertThrows(BadInput.class, () -> TextLanguageModel.open(folder, engine).close()).getMessage();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bart|\"activation_function\": \"gelu\"|\"activation_function\": \"relu\"|activation_function \"relu\" is not supported",
        "bart|\"bos_token_id\": 0|\"bos_token_id\": 0, \"normalize_before\": true|normalize_before true is not supported",
        "bart|\"bos_token_id\": 0|\"bos_token_id\": 0, \"static_position_embeddings\": true|static_position_embeddings true",
        "blenderbot|\"bos_token_id\": 1|\"bos_token_id\": 1, \"sliding_window\": 5|sliding_window 5 is not supported",
        "blenderbot|\"tie_word_embeddings\": true|\"tie_word_embeddings\": false|tie_word_embeddings false is not supported",
        "bart|\"max_position_embeddings\": 64|\"max_position_embeddings\": 128|embed_positions.weight is [130, 16], the file has",
        "bart|\"decoder_layers\": 3|\"decoder_layers\": 4|missing: model.decoder.layers.3.self_attn.q_proj.weight",
        "blenderbot|\"decoder_attention_heads\": 4|\"decoder_attention_heads\": 3|is not a multiple of decoder_attention_heads 3",
        "blenderbot|\"vocab_size\": 300|\"vocab_size\": 299|the tokenizer has 300 tokens",
        "blenderbot|\"d_model\": 16|\"d_model\": 2000000000|more than 65536",
        "bart|\"model_type\": \"bart\"|\"model_type\": \"t5\"|model_type \"t5\" is not supported"})
    void aConfigurationThatChangesTheResultIsRefusedByName(String name, String from, String to, String reason)
            throws IOException {
        Path folder = copy(name);
        replace(folder.resolve("config.json"), from, to);
        String refusal = refusal(folder);
        assertTrue(refusal.contains(reason) && refusal.contains(folder.toString()), refusal);
    }

    @ParameterizedTest
    @CsvSource({"vocab.json,\"__unk__\": 3,\"__unk__\": 4,has the id 4",
        "vocab.json,__unk__,__nothing__,no token `__unk__`",
        "merges.txt,'\n','\na\n',is no merge of two pieces", "vocab.json,__end__,__fin__,no special token `__end__`"})
    void damagedVocabulariesAreRefused(String file, String from, String to, String reason) throws IOException {
        Path folder = copy("blenderbot-small");
        replace(folder.resolve(file), from, to);
        String refusal = refusal(folder);
        assertTrue(refusal.contains(reason), refusal);
    }

    private Path without(String name, Predicate<String> dropped) throws IOException {
        Path folder = copy(name);
        try (Engine engine = Engine.simd(1);
                LanguageModelFiles files = LanguageModelFiles.open(folder);
                TrainableDecoder model = files.trainable(engine)) {
            SequencedMap<String, Tensor> weights = new LinkedHashMap<>(model.weights());
            weights.keySet().removeIf(dropped);
            files.write(Files.createDirectory(work.resolve("less")), weights, ElementType.F32);
            Files.copy(work.resolve("less/model.safetensors"), folder.resolve("model.safetensors"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    @Test
    void aDecoderWithoutAttentionAcrossIsRefusedByTheNamesOfItsTensors() throws IOException {
        String refusal = refusal(without("bart", tensor -> tensor.contains("encoder_attn")));
        assertTrue(refusal.contains("encoder_attn.") && refusal.contains("missing"), refusal);
    }

    @Test
    void aBareModelHasNoBiasOfLogitsAndNeedsNone() throws IOException {
        Path folder = without("bart", "final_logits_bias"::equals);
        try (Engine engine = Engine.simd(1); LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            assertTrue(files.check().isUsable());
            files.load(engine).close();
        }
    }

    @Test
    void bytesOfBlendersVocabularyInTwoFilesAreThoseOfItsTokenizerJson() throws IOException {
        Path folder = copy("blenderbot");
        ObjectMapper json = new ObjectMapper();
        JsonNode model = json.readTree(folder.resolve("tokenizer.json").toFile()).get("model");
        json.writeValue(folder.resolve("vocab.json").toFile(), model.get("vocab"));
        StringBuilder merges = new StringBuilder("#version: 0.2\n");
        model.get("merges").forEach(pair -> merges.append(pair.get(0).textValue()).append(' ')
                .append(pair.get(1).textValue()).append('\n'));
        Files.writeString(folder.resolve("merges.txt"), merges);
        Files.delete(folder.resolve("tokenizer.json"));
        try (Engine engine = Engine.simd(1);
                TextLanguageModel two = TextLanguageModel.open(folder, engine);
                TextLanguageModel one = TextLanguageModel.open(TinySeq2Seq.of("blenderbot").folder(), engine)) {
            for (TinySeq2Seq.Text text : TinySeq2Seq.of("blenderbot").texts()) {
                String turn = " " + text.text();
                assertEquals(List.of(box(one.tokenizer().encode(turn))), List.of(box(two.tokenizer().encode(turn))));
            }
        }
    }

    private static String box(int[] ids) {
        return Arrays.toString(ids);
    }
}
