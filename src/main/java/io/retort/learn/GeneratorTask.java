package io.retort.learn;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.generate.PromptChoice;
import io.retort.generate.PromptFormat;
import io.retort.generate.TeacherFingerprint;
import io.retort.generate.TeacherFolder;
import io.retort.generate.TeacherText;
import io.retort.graph.Engine;
import io.retort.graph.TrainableBuffer;
import io.retort.lm.DecoderConfig;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.LowRank;
import io.retort.lm.TrainableDecoder;
import io.retort.lm.TrainingText;
import io.retort.simd.FlatSum;
import io.retort.simd.WorkerPool;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * A teacher learns to talk: a language model is tuned on dialogues, in the form in which it is asked for replies and
 * judges them ({@link io.retort.generate.PromptFormat}), as the paper's teacher was (G2R section 4.2), and validated by
 * its perplexity on other dialogues.
 */
public final class GeneratorTask implements TrainingTask {
    private final LanguageModelFiles base;
    private final Tokenizer tokenizer; // with which batches are written
    private final GeneratorSettings settings;
    private final Engine engine;
    private final DialogueBatches batches;
    private final DialogueValidation validation;
    private final TrainingSources sources;
    private final TrainableDecoder decoder;
    private final WorkerPool pool;
    private GradientMean mean; // only for those whose batch takes several passes

    private GeneratorTask(LanguageModelFiles base, Tokenizer tokenizer, DialogueBatches batches,
            DialogueValidation validation,
            TrainingSources sources, GeneratorSettings settings, Engine engine, WorkerPool pool) {
        this.base = base;
        this.tokenizer = tokenizer;
        this.batches = batches;
        this.validation = validation;
        this.sources = sources;
        this.settings = settings;
        this.engine = engine;
        this.pool = pool;
        this.decoder = settings.adapters()
                .map(adapters -> base.trainable(engine, adapters, settings.seed(), settings.base()))
                .orElseGet(() -> base.trainable(engine));
    }

    /**
     * Reads the dialogues, loads the model, and prepares the first step.
     *
     * @param model      a GGUF file or a folder of the Hub
     * @param validation dialogues; may be empty
     * @param cases      the first ones of each file that are used
     * @param pool       the caller's
     * @throws BadInput if settings, data and model do not fit each other, or all not into memory
     */
    public static GeneratorTask open(Path model, List<WeightedFile> data, List<Path> validation, int cases,
            GeneratorSettings settings, Engine engine, WorkerPool pool) throws IOException {
        LanguageModelFiles base = LanguageModelFiles.open(model);
        try {
            requireFits(base, settings);
            TuningMemory.of(base, settings, engine).requireRoom(base.path());
            TeacherText text = TeacherText.of(base);
            try {
                text.tokenizer().requireFits(base.config().vocabulary());
                PromptFormat format = PromptFormat.of(settings.prompt(), name(model), text);
                OptionalInt start = base.config().family().source().stream()
                        .mapToInt(source -> source.frame(base.config()).start()).findFirst();
                DialogueTexts texts = new DialogueTexts(format, text.tokenizer(), settings.maxTokens(),
                        settings.history(), start);
                DialogueBatches batches = DialogueBatches.read(data, texts, settings.batch(), settings.seed(),
                        settings.reading());
                DialogueValidation tests = new DialogueValidation(
                        DialogueBatches.fixed(validation, texts, cases, settings.reading()));
                return new GeneratorTask(base, text.tokenizer(), batches, tests,
                        sources(model, data, validation, settings, text.source().isPresent()), settings, engine,
                        pool);
            } catch (RuntimeException | IOException e) {
                text.tokenizer().close();
                throw e;
            }
        } catch (RuntimeException | IOException e) {
            base.close();
            throw e;
        }
    }

    private static void requireFits(LanguageModelFiles base, GeneratorSettings settings) {
        if (settings.maxTokens() > base.config().positions()) {
            throw BadInput.of("texts of " + settings.maxTokens() + " tokens", base.path() + " has "
                    + base.config().positions() + " positions");
        }
    }

    private static TrainingSources sources(Path model, List<WeightedFile> data, List<Path> validation,
            GeneratorSettings settings, boolean apart) throws IOException {
        List<TrainingSources.Source> files = new ArrayList<>();
        for (WeightedFile file : data)
            files.add(new TrainingSources.Source(file.toString(), Sha256.of(file.file()), ""));
        for (Path file : validation) files.add(new TrainingSources.Source(file.toString(), Sha256.of(file), ""));
        return new TrainingSources(
                "A language model tuned on dialogues, to write and to judge replies as the teacher of G2R "
                        + "(arXiv 2108.12582). " + form(settings.prompt(), apart),
                files,
                List.of(new TrainingSources.Source(name(model), TeacherFingerprint.of(model), "")));
    }

    private static String name(Path model) {
        return model.toAbsolutePath().normalize().getFileName().toString();
    }

    private static String form(PromptChoice prompt, boolean apart) {
        String header = prompt.header().isEmpty() ? "" : " after `" + String.join(" ", prompt.header()) + "`";
        if (apart) return "It reads a conversation" + header + " and writes the next turn.";
        return switch (prompt.form()) {
            case CONTINUATION -> "It goes on with a conversation of lines `A: …` and `B: …`" + header + ".";
            case CHAT -> "It speaks as the assistant of its chat template (prompt form `chat`)" + header + ".";
        };
    }

    /** What to know of the data before they are trained on, a sentence each: what few data change. */
    public List<String> notes() {
        return batches.size() == settings.batch()
                ? List.of()
                : List.of(String.format(Locale.ROOT, "a batch has %,d texts instead of %,d: there are no more",
                        batches.size(), settings.batch()));
    }

    @Override
    public List<TrainableBuffer> buffers() {
        return decoder.buffers();
    }

    @Override
    public Step step(long step) {
        List<TrainingText> batch = batches.batch(step);
        double loss = pass(batch);
        DecoderConfig config = decoder.config();
        SequencedMap<String, Double> losses = new LinkedHashMap<>();
        losses.put("loss", loss);
        return new Step(losses, batch.size(), batch.stream().mapToInt(TrainingText::size).sum(),
                3 * batch.stream().mapToDouble(text -> config.flop(text.tokens().length - 1, text.count())).sum());
    }

    /**
     * Computes a batch in passes that memory allows; the mean of their gradients is that over all targets of the batch.
     */
    private double pass(List<TrainingText> batch) {
        List<List<TrainingText>> passes = passes(batch);
        if (passes.size() == 1) return decoder.pass(batch).loss();
        if (mean == null) mean = new GradientMean(decoder.buffers(), pool);
        mean.clear();
        double targets = batch.stream().mapToInt(TrainingText::count).sum(), loss = 0;
        for (List<TrainingText> texts : passes) {
            TrainableDecoder.Pass pass = decoder.pass(texts);
            mean.add(pass.targets() / targets);
            loss += pass.loss() * pass.targets() / targets;
        }
        mean.finish();
        return loss;
    }

    private List<List<TrainingText>> passes(List<TrainingText> batch) {
        List<List<TrainingText>> passes = new ArrayList<>();
        int room = 0;
        for (TrainingText text : batch) {
            if (text.size() > room) {
                passes.add(new ArrayList<>());
                room = settings.tokensAtOnce();
            }
            passes.getLast().add(text);
            room -= text.size();
        }
        return passes;
    }

    @Override
    public SequencedMap<String, Double> validate() {
        if (validation.isEmpty()) return new LinkedHashMap<>();
        try (LanguageModel model = decoder.model(engine)) {
            return validation.measure(model);
        }
    }

    @Override
    public boolean greaterIsBetter() {
        return false;
    }

    @Override
    public TrainingSources sources() {
        return sources;
    }

    @Override
    public void save(Path folder, ObjectNode provenance) throws IOException {
        TeacherFolder.write(folder, base, decoder.published(), settings.floats(), provenance);
        if (settings.adapters().isEmpty()) return;
        String name = sources.parents().getFirst().name();
        AdapterFolder.write(folder.resolve("adapter"), name, settings.adapters().get(), decoder.trained());
    }

    @Override
    public void close() {
        if (mean != null) mean.close();
        decoder.close();
        tokenizer.close();
        base.close();
    }

    /** Writes adapters without the model that they belong to, as PEFT reads them. */
    private static final class AdapterFolder {
        private static final ObjectMapper JSON = new ObjectMapper();
        private static final List<String> TARGETS = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
                "up_proj",
                "down_proj");

        private AdapterFolder() {}

        /**
         * @param base  name of the model that the adapters belong to
         * @param values of the adapters by name
         */
        static void write(Path folder, String base, LowRank adapters, Map<String, Tensor> values) throws IOException {
            Files.createDirectories(folder);
            SequencedMap<String, Tensor> named = new LinkedHashMap<>();
            values.forEach((name, value) -> named.put("base_model.model." + name, value));
            SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), named, Map.of("format", "pt"));
            ObjectNode config = JSON.createObjectNode().put("peft_type", "LORA").put("task_type", "CAUSAL_LM")
                    .put("base_model_name_or_path", base).put("r", adapters.rank()).put("lora_alpha", adapters.alpha())
                    .put("lora_dropout", 0.0).put("bias", "none");
            TARGETS.forEach(config.putArray("target_modules")::add);
            AtomicFile.write(folder.resolve("adapter_config.json"),
                    (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n")
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * The weighted mean of the gradients of several passes, each of which overwrites the one before; takes as much
     * memory as the gradients themselves. One thread at a time.
     */
    private static final class GradientMean implements AutoCloseable {
        private static final long ALIGNMENT_BYTES = 64;

        private final List<TrainableBuffer> buffers;
        private final List<MemorySegment> sums;
        private final WorkerPool pool;
        private final Arena arena = Arena.ofShared();

        GradientMean(List<TrainableBuffer> buffers, WorkerPool pool) {
            this.buffers = buffers;
            this.pool = pool;
            try {
                this.sums = buffers.stream().map(buffer -> arena.allocate(buffer.layout().bytes(), ALIGNMENT_BYTES))
                        .toList();
            } catch (Throwable e) {
                arena.close();
                throw e;
            }
        }

        /** Forgets the gradients added so far and begins a new mean. */
        void clear() {
            sums.forEach(sum -> sum.fill((byte) 0));
        }

        /** Adds the gradients that are in the buffers now, multiplied by a weight. */
        void add(double weight) {
            for (int i = 0; i < sums.size(); i++) FlatSum.add(sums.get(i), buffers.get(i).gradients(), weight, pool);
        }

        /** Writes the mean into the buffers, over the gradients of the last pass. */
        void finish() {
            for (int i = 0; i < sums.size(); i++) buffers.get(i).gradients().copyFrom(sums.get(i));
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
