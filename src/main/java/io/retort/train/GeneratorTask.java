package io.retort.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.distill.DialogueBatches;
import io.retort.distill.DialogueTexts;
import io.retort.distill.WeightedFile;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.generate.PromptChoice;
import io.retort.generate.PromptFormat;
import io.retort.generate.TeacherFingerprint;
import io.retort.generate.TeacherFolder;
import io.retort.generate.TeacherText;
import io.retort.graph.Engine;
import io.retort.model.DecoderConfig;
import io.retort.model.LanguageModel;
import io.retort.model.LanguageModelFiles;
import io.retort.model.TrainableBuffer;
import io.retort.model.TrainableDecoder;
import io.retort.model.TrainingText;
import io.retort.simd.WorkerPool;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A teacher learns to talk: a language model is tuned on dialogues, in the form in which it is asked for replies and
 * judges them ({@link io.retort.generate.PromptFormat}), as the paper's teacher was (G2R section 4.2), and validated by its perplexity on
 * other dialogues.
 */
public final class GeneratorTask implements TrainingTask {
    private final LanguageModelFiles base;
    private final Tokenizer tokenizer; // with which batches are written
    private final GeneratorSettings settings;
    private final Engine engine;
    private final DialogueBatches batches;
    private final DialogueValidation validation;
    private final Sources sources;
    private final TrainableDecoder decoder;
    private final WorkerPool pool;
    private GradientMean mean; // only for those whose batch takes several passes

    private GeneratorTask(LanguageModelFiles base, Tokenizer tokenizer, DialogueBatches batches,
            DialogueValidation validation,
            Sources sources, GeneratorSettings settings, Engine engine, WorkerPool pool) {
        this.base = base;
        this.tokenizer = tokenizer;
        this.batches = batches;
        this.validation = validation;
        this.sources = sources;
        this.settings = settings;
        this.engine = engine;
        this.pool = pool;
        this.decoder = settings.adapters().map(adapters -> base.trainable(engine, adapters, settings.seed()))
                .orElseGet(() -> base.trainable(engine));
    }

    /**
     * Reads data and model.
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
            TuningMemory.of(base.config(), settings).requireRoom(base.path());
            TeacherText text = TeacherText.of(base);
            try {
                text.tokenizer().requireFits(base.config().vocabulary());
                PromptFormat format = PromptFormat.of(settings.prompt(), name(model), text.chatTemplate(),
                        text.control(),
                        text.tokenizer());
                DialogueTexts texts = new DialogueTexts(format, text.tokenizer(), settings.maxTokens(),
                        settings.history());
                DialogueBatches batches = DialogueBatches.read(data, texts, settings.batch(), settings.seed());
                DialogueValidation tests = new DialogueValidation(DialogueBatches.fixed(validation, texts, cases));
                return new GeneratorTask(base, text.tokenizer(), batches, tests,
                        sources(model, data, validation, settings), settings, engine, pool);
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

    private static Sources sources(Path model, List<WeightedFile> data, List<Path> validation,
            GeneratorSettings settings) throws IOException {
        List<Sources.Source> files = new ArrayList<>();
        for (WeightedFile file : data) files.add(new Sources.Source(file.toString(), Sha256.of(file.file()), ""));
        for (Path file : validation) files.add(new Sources.Source(file.toString(), Sha256.of(file), ""));
        return new Sources("A language model tuned on dialogues, to write and to judge replies as the teacher of G2R "
                + "(arXiv 2108.12582). " + form(settings.prompt()), files,
                List.of(new Sources.Source(name(model), TeacherFingerprint.of(model), "")));
    }

    private static String name(Path model) {
        return model.toAbsolutePath().normalize().getFileName().toString();
    }

    private static String form(PromptChoice prompt) {
        String header = prompt.header().isEmpty() ? "" : " after `" + String.join(" ", prompt.header()) + "`";
        return switch (prompt.form()) {
            case CONTINUATION -> "It goes on with a conversation of lines `A: …` and `B: …`" + header + ".";
            case CHAT -> "It speaks as the assistant of its chat template (prompt form `chat`)" + header + ".";
        };
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
        return new Step(losses, batch.size(), batch.stream().mapToInt(text -> text.tokens().length).sum(),
                3 * batch.stream().mapToDouble(text -> config.flop(text.tokens().length - 1, text.count())).sum());
    }

    /** Computes the batch in passes of so many tokens at most; the mean of the gradients is that over all targets of the batch. */
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
            if (text.tokens().length > room) {
                passes.add(new ArrayList<>());
                room = settings.tokensAtOnce();
            }
            passes.getLast().add(text);
            room -= text.tokens().length;
        }
        return passes;
    }

    @Override
    public SequencedMap<String, Double> validate() {
        if (validation.isEmpty()) return new LinkedHashMap<>();
        try (LanguageModel model = base.load(decoder.present(), engine)) {
            return validation.measure(model);
        }
    }

    @Override
    public boolean greaterIsBetter() {
        return false;
    }

    @Override
    public Sources sources() {
        return sources;
    }

    @Override
    public void save(Path folder, ObjectNode provenance) throws IOException {
        TeacherFolder.write(folder, base, decoder.weights(), settings.floats(), provenance);
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
}
