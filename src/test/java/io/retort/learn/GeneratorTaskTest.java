package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.generate.Continuation;
import io.retort.generate.PromptChoice;
import io.retort.generate.PromptEncoder;
import io.retort.generate.PromptFormat;
import io.retort.generate.TextLanguageModel;
import io.retort.generate.TinyTeacher;
import io.retort.graph.Engine;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LowRank;
import io.retort.lm.Sequence;
import io.retort.lm.TinySeq2Seq;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTaskTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SMOLLM = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");
    private static final Map<String, String> TALKS = new LinkedHashMap<>();

    static {
        TALKS.put("any news", "no");
        TALKS.put("who is it", "me");
        TALKS.put("tea or milk", "tea");
        TALKS.put("how far", "ten miles");
    }

    @TempDir
    Path work;
    private Path model;
    private Path data;
    private final WorkerPool pool = new WorkerPool(2);
    private final Engine engine = Engine.simd(2);

    @BeforeEach
    void write() throws IOException {
        model = TinyTeacher.write(work.resolve("tiny"));
        // The tiny model's letters have no colon.
        Path tokenizer = model.resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"U\":48", "\":\":48"));
        List<String> lines = new ArrayList<>();
        TALKS.forEach((turn, reply) -> lines.add(
                "{\"id\":\"%s\",\"turns\":[{\"s\":\"x\",\"t\":\"%s\"},{\"s\":\"y\",\"t\":\"%s\"}]}".formatted(turn,
                        turn, reply)));
        data = Files.write(work.resolve("talks.jsonl"), lines);
    }

    @AfterEach
    void free() {
        pool.close();
    }

    private static GeneratorSettings settings(int tokensAtOnce) {
        return new GeneratorSettings(4, 40, 1, tokensAtOnce, ElementType.F32, 3, Optional.empty());
    }

    private GeneratorTask open(GeneratorSettings settings) throws IOException {
        return GeneratorTask.open(model, List.of(new WeightedFile(data, 1)), List.of(data), 100, settings, engine,
                pool);
    }

    private TrainingResult train(Path out, long steps, long stopAt) throws IOException {
        return train(out, settings(200), steps, stopAt);
    }

    private TrainingResult train(Path out, GeneratorSettings settings, long steps, long stopAt) throws IOException {
        TrainingSettings loop = new TrainingSettings(steps, new Optimizer.AdamW(Optimizer.Hyperparameters.withDecay(0)),
                1e-2,
                new Schedule.Cosine(5, steps), 1, steps / 2, 0, 4, Duration.ofHours(1), 2, 1);
        ObjectNode config = JSON.createObjectNode().put("seed", 3);
        try (GeneratorTask task = open(settings); RunFolder folder = RunFolder.resume(out, config, Set.of())) {
            TrainingRun[] run = new TrainingRun[1];
            TrainingListener listener = new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    if (report.number() == stopAt) run[0].stop();
                }
            };
            run[0] = new TrainingRun(task, loop, folder, pool, List.of(listener));
            return run[0].run(Map.of("made_by", "a test"));
        }
    }

    @Test
    void aTinyModelLearnsItsDialoguesByHeartAndTheWrittenTeacherRepeatsThem() throws IOException {
        TrainingResult result = train(work.resolve("out"), 200, -1);
        assertEquals(TrainingResult.Ending.DONE, result.ending());
        double perplexity = result.best().orElseThrow().metrics().get("perplexity");
        // What remains is which of four dialogues is to begin, in some twelve tokens a dialogue.
        assertTrue(perplexity < 1.25, "perplexity " + perplexity);
        try (TextLanguageModel teacher = TextLanguageModel.open(work.resolve("out"), engine)) {
            Continuation format = Continuation.plain(teacher.control());
            PromptEncoder encoder = new PromptEncoder(format, teacher.tokenizer(), 60);
            TALKS.forEach((turn, reply) -> assertEquals(" " + reply + "\n",
                    greedy(teacher, encoder.prompt(Context.of(turn)))));
        }
    }

    @Test
    void tunedAsAChatItAnswersWhenItIsAskedAsAChat() throws IOException {
        Path settings = model.resolve("tokenizer_config.json");
        Files.writeString(settings, Files.readString(settings).replace("{{ messages }}",
                "{% for m in messages %}{{ m['role'] + ':' + m['content'] + '\\\\n' }}{% endfor %}"
                        + "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"));
        PromptChoice chat = new PromptChoice(PromptChoice.Form.CHAT, Optional.of(""), List.of());
        GeneratorSettings tuned = new GeneratorSettings(4, 48, 1, 200, ElementType.F32, 3, Optional.empty(), chat);
        assertEquals(TrainingResult.Ending.DONE, train(work.resolve("out"), tuned, 250, -1).ending());
        try (TextLanguageModel teacher = TextLanguageModel.open(work.resolve("out"), engine)) {
            PromptEncoder encoder = new PromptEncoder(PromptFormat.of(chat, "", teacher.chatTemplate(),
                    teacher.control(), teacher.tokenizer()), teacher.tokenizer(), 60);
            TALKS.forEach((turn, reply) -> assertEquals(reply + "\n",
                    greedy(teacher, encoder.prompt(Context.of(turn)))));
        }
    }

    private static String greedy(TextLanguageModel teacher, int[] prompt) {
        try (KeyValueCache cache = teacher.model().cache()) {
            Sequence sequence = cache.begin();
            int[] next = prompt;
            StringBuilder text = new StringBuilder();
            while (text.length() < 20 && text.indexOf("\n") < 0) {
                float[] logits = cache.append(List.of(sequence), List.of(next))[0];
                int best = 0;
                for (int i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
                next = new int[]{best};
                text.append(teacher.tokenizer().decode(next));
            }
            return text.toString();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 12})
    void aStoppedRunGoesOnToTheSameBits(long at) throws IOException {
        train(work.resolve("whole"), 16, -1);
        assertEquals(TrainingResult.Ending.INTERRUPTED, train(work.resolve("parts"), 16, at).ending());
        assertFalse(Files.exists(work.resolve("parts/config.json")), "no model yet");
        train(work.resolve("parts"), 16, -1);
        assertArrayEquals(Files.readAllBytes(work.resolve("whole/model.safetensors")),
                Files.readAllBytes(work.resolve("parts/model.safetensors")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bart", "blenderbot", "blenderbot-small"})
    void anEncoderDecoderLearnsAndAStoppedRunGoesOnToTheSameBits(String family) throws IOException {
        model = TinySeq2Seq.of(family).folder();
        TrainingResult whole = train(work.resolve("whole"), 30, -1);
        assertEquals(TrainingResult.Ending.INTERRUPTED, train(work.resolve("parts"), 30, 7).ending());
        train(work.resolve("parts"), 30, -1);
        assertArrayEquals(Files.readAllBytes(work.resolve("whole/model.safetensors")),
                Files.readAllBytes(work.resolve("parts/model.safetensors")));
        double before, after = whole.best().orElseThrow().metrics().get("nats_per_token");
        try (GeneratorTask task = open(settings(200))) {
            before = task.validate().get("nats_per_token");
        }
        assertTrue(after < before - 1, before + " to " + after);
        model = work.resolve("whole");
        try (GeneratorTask task = open(settings(200))) {
            assertEquals(after, task.validate().get("nats_per_token"), 1e-3, "the written model is the best one");
        }
    }

    @Test
    void manyPassesGiveTheGradientsOfOne() throws IOException {
        try (GeneratorTask one = open(settings(400)); GeneratorTask many = open(settings(40))) {
            TrainingTask.Step step = one.step(0), same = many.step(0);
            assertEquals(step.loss(), same.loss(), 1e-6);
            for (int b = 0; b < one.buffers().size(); b++) {
                TrainableBuffer expected = one.buffers().get(b), actual = many.buffers().get(b);
                for (ParameterLayout.Entry entry : expected.layout().entries()) {
                    float[] gradient = expected.layout().slice(expected.gradients(), entry)
                            .toArray(ValueLayout.JAVA_FLOAT);
                    assertArrayEquals(gradient, actual.layout().slice(actual.gradients(), entry)
                            .toArray(ValueLayout.JAVA_FLOAT), 1e-5f, entry.name());
                }
            }
        }
    }

    @Test
    void validationCountsWhatTrainingCounts() throws IOException {
        try (GeneratorTask task = open(settings(400))) {
            double nats = task.validate().get("nats_per_token");
            // Other labels come first in a batch than in the validation, so the losses are near, not the same.
            assertEquals(task.step(0).loss(), nats, 0.1);
            assertNotEquals(0, nats);
            assertFalse(task.greaterIsBetter());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void aWrittenModelIsTheOneThatWasTrained(String type) throws IOException {
        GeneratorSettings settings = new GeneratorSettings(4, 40, 1, 400, ElementType.valueOf(type), 3,
                Optional.empty());
        Path out = work.resolve("out");
        try (GeneratorTask task = open(settings)) {
            task.save(out, JSON.createObjectNode().put("made_by", "a test"));
        }
        try (TextLanguageModel before = TextLanguageModel.open(model, engine);
                TextLanguageModel after = TextLanguageModel.open(out, engine)) {
            assertEquals(before.control(), after.control());
            assertEquals(before.endTokens(), after.endTokens());
            assertEquals(before.chatTemplate(), after.chatTemplate());
            int[] prompt = before.literalPrompt("A: any news\nB:");
            assertArrayEquals(prompt, after.literalPrompt("A: any news\nB:"));
            assertArrayEquals(logits(before, prompt), logits(after, prompt), type.equals("F32") ? 0 : 0.05f);
        }
    }

    private static float[] logits(TextLanguageModel teacher, int[] prompt) {
        try (KeyValueCache cache = teacher.model().cache()) {
            return cache.append(List.of(cache.begin()), List.of(prompt))[0];
        }
    }

    @Test
    @Tag("slow")
    void aGgufFilesTextSurvivesInTheFolder() throws IOException {
        assumeTrue(Files.exists(SMOLLM), SMOLLM + " is not here");
        model = SMOLLM;
        Path out = work.resolve("out");
        try (GeneratorTask task = open(settings(400))) {
            task.save(out, JSON.createObjectNode());
        }
        try (TextLanguageModel before = TextLanguageModel.open(model, engine);
                TextLanguageModel after = TextLanguageModel.open(out, engine)) {
            assertEquals(before.control(), after.control());
            assertEquals(before.endTokens(), after.endTokens());
            assertEquals(before.chatTemplate(), after.chatTemplate());
            assertEquals(before.model().contextLength(), after.model().contextLength());
            int[] prompt = before.literalPrompt("A: Hello! How's it going, 1234 <|im_end|>?\nB:");
            assertArrayEquals(prompt, after.literalPrompt("A: Hello! How's it going, 1234 <|im_end|>?\nB:"));
            assertArrayEquals(logits(before, prompt), logits(after, prompt), 0);
        }
    }

    @Test
    void adaptersLearnWhileTheWeightsStay() throws IOException {
        GeneratorSettings settings = new GeneratorSettings(4, 40, 1, 60, ElementType.F32, 3,
                Optional.of(new LowRank(8, 16)));
        Path out = work.resolve("out");
        double before;
        try (GeneratorTask whole = open(settings(400)); GeneratorTask adapted = open(settings)) {
            before = whole.validate().get("nats_per_token");
            assertEquals(before, adapted.validate().get("nats_per_token"), 1e-6, "nothing has changed yet");
            assertEquals(whole.step(0).loss(), adapted.step(0).loss(), 1e-5);
            assertEquals(1, adapted.buffers().size());
            assertEquals(2 * 2 * 7, adapted.buffers().getFirst().layout().entries().size());
        }
        TrainingResult result = train(out, settings, 60, -1);
        double learned = result.best().orElseThrow().metrics().get("nats_per_token");
        assertTrue(learned < before - 0.5, before + " to " + learned);
        try (TextLanguageModel teacher = TextLanguageModel.open(out, engine);
                TensorFile base = TensorFile.open(model.resolve("model.safetensors"));
                TensorFile merged = TensorFile.open(out.resolve("model.safetensors"));
                TensorFile adapter = TensorFile.open(out.resolve("adapter/adapter_model.safetensors"))) {
            assertEquals(50, teacher.model().vocabularySize());
            String name = "model.layers.1.mlp.up_proj";
            float[] w = base.read(name + ".weight").toFloats(), sum = merged.read(name + ".weight").toFloats();
            float[] a = adapter.read("base_model.model." + name + ".lora_A.weight").toFloats();
            float[] b = adapter.read("base_model.model." + name + ".lora_B.weight").toFloats();
            int in = 24, rank = 8;
            for (int i = 0; i < sum.length; i++) {
                double change = 0;
                for (int k = 0; k < rank; k++) change += 2.0 * b[i / in * rank + k] * a[k * in + i % in];
                assertEquals(w[i] + change, sum[i], 1e-5);
            }
            String embeddings = "model.embed_tokens.weight";
            assertArrayEquals(base.read(embeddings).toFloats(), merged.read(embeddings).toFloats(), "not adapted");
        }
        assertTrue(Files.readString(out.resolve("adapter/adapter_config.json")).contains("\"r\" : 8"));
    }

    @Test
    void aBatchIsNoLargerThanTheData() throws IOException {
        try (GeneratorTask task = open(new GeneratorSettings(5, 40, 1, 400, ElementType.F32, 3, Optional.empty()))) {
            assertEquals(List.of("a batch has 4 texts instead of 5: there are no more"), task.notes());
            assertEquals(4, task.step(0).examples());
        }
        try (GeneratorTask task = open(new GeneratorSettings(4, 40, 1, 400, ElementType.F32, 3, Optional.empty()))) {
            assertEquals(List.of(), task.notes());
        }
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        refused(() -> open(new GeneratorSettings(4, 8, 1, 400, ElementType.F32, 3, Optional.empty())),
                "at most 8 tokens");
        refused(() -> open(new GeneratorSettings(4, 40, 1, 39, ElementType.F32, 3, Optional.empty())),
                "39 tokens at once");
        refused(() -> open(new GeneratorSettings(4, 1000, 1, 1000, ElementType.F32, 3, Optional.empty())),
                "1000 tokens", "positions");
        Path ranking = Files.writeString(work.resolve("ranking.jsonl"),
                "{\"id\":\"1\",\"context\":[\"a\"],\"positive\":[\"b\"],\"random\":[\"c\"]}\n");
        data = ranking;
        refused(() -> open(settings(400)), "ranking.jsonl", "no dialogues");
        model = work.resolve("nothing");
        refused(() -> open(settings(400)), "nothing", "no such model");
    }

    private interface Work {
        Object run() throws IOException;
    }

    private static void refused(Work work, String... parts) {
        BadInput refusal = assertThrows(BadInput.class, work::run);
        for (String part : parts) assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
