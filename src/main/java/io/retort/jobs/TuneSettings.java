package io.retort.jobs;

import io.retort.ingest.ReadingSettings;
import io.retort.learn.GeneratorSettings;
import io.retort.learn.WeightedFile;
import io.retort.lm.LowRank;
import io.retort.lm.WeightStorage;
import io.retort.settings.FormerSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.tensor.ElementType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a language model is tuned on dialogues, to write and to judge replies.
 *
 * @param model        a GGUF file or a folder of the Hugging Face Hub; empty while it is still to be named
 * @param data         what it learns and is validated on
 * @param batch        texts of a step, 1 or more
 * @param tokensAtOnce most tokens of one pass, at least a whole text
 * @param weights      how they are stored in the end
 * @param lora         rank of low-rank adapters that alone are trained, 0 to train the weights
 * @param loraAlpha    the adapters' factor times their rank; if empty twice the rank
 * @param baseWeights  how the weights that adapters belong to are kept; if empty in 32 bits
 * @param prompt       the form in which it learns dialogues, and is to be asked later
 * @param seed         of order, labels and new adapters
 * @param loop         how long it is tuned
 * @param optimizer    by which rule
 */
@FormerSettings({"task", "negatives-from", "method", "score", "alpha", "temperature", "form", "codes", "scale",
    "dropout", "context-tokens", "reply-tokens", "min-words", "most-of-a-reply", "candidates", "negatives", "in-batch",
    "hard-negatives", "negatives-each", "mine-every", "mine-from", "mine-skip", "length-window", "tokens-held"})
public record TuneSettings(
        @Setting(value = "A language model: a GGUF file, or a folder of the Hugging Face Hub.",
                label = "FILE|DIR") String model,
        Data data,
        @Setting(value = "Texts of a batch.", label = "N") int batch,
        @Setting(value = "Most tokens of one pass; larger batches take several passes.", label = "N") int tokensAtOnce,
        @Setting(value = "How its weights are stored in the end.", label = "TYPE") StoredType weights,
        @Setting(value = "Of the Llama family: train low-rank adapters of all matrices of its layers instead of its "
                + "weights; 0 for the weights.", label = "RANK") int lora,
        @Setting(value = "The adapters' factor times their rank.", label = "A",
                defaultText = "twice the rank") Optional<Double> loraAlpha,
        @Setting(
                value = "With adapters: how the model's own weights, which stay as they are, are kept in memory: f32 as "
                        + "32-bit numbers, file as they are stored, which takes the least memory.",
                label = "FORM", defaultText = "f32") Optional<WeightStorage> baseWeights,
        PromptSettings prompt,
        @Setting(value = "Of order, labels and new adapters.", label = "S") long seed,
        LoopSettings loop, OptimizerSettings optimizer) implements TaskSettings {

    /** The number types in which tuned weights can be stored. */
    public enum StoredType {
        /** Weights are stored in 32 bits. */
        F32(ElementType.F32),
        /** Weights are stored in 16 bits, with the range of 32 and fewer digits. */
        BF16(ElementType.BF16),
        /** Weights are stored in 16 bits as IEEE 754 binary16. */
        F16(ElementType.F16);

        private final ElementType type;

        StoredType(ElementType type) {
            this.type = type;
        }
    }

    public TuneSettings {
        InvalidSetting.unless(model != null, "model", model, "name one");
        InvalidSetting.unless(batch >= 1, "batch", batch, "use 1 or more");
        InvalidSetting.unless(tokensAtOnce >= data.maxTokens(), "tokensAtOnce", tokensAtOnce,
                "use " + data.maxTokens() + ", which \"max-tokens\" is, or more");
        InvalidSetting.unless(weights != null, "weights", weights, "name a type");
        InvalidSetting.unless(lora >= 0, "lora", lora, "use 1 or more, usually 8 to 64, or 0");
        if (lora == 0 && loraAlpha.isPresent()) {
            throw new InvalidSetting("loraAlpha", loraAlpha, "which only adapters have", "give their rank by \"lora\"");
        }
        if (lora == 0 && baseWeights.equals(Optional.of(WeightStorage.FILE))) {
            throw new InvalidSetting("baseWeights", "file", "whose matrices cannot be trained themselves",
                    "train adapters by \"lora\", or leave it out to train all weights in 32 bits");
        }
        loop.requireValidations(!data.validateOn().isEmpty(), optimizer);
    }

    /**
     * The usual settings: all weights, twelve texts of up to 160 tokens a step; model and data are still to be named.
     */
    public static TuneSettings defaults() {
        return new TuneSettings("", Data.defaults(), 12, 4096, StoredType.F32, 0, Optional.empty(), Optional.empty(),
                PromptSettings.defaults(),
                1, LoopSettings.defaults(), OptimizerSettings.defaults());
    }

    /** A copy of these settings that tunes another model. */
    public TuneSettings withModel(String model) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    /** A copy of these settings with other data. */
    public TuneSettings withData(Data data) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    /** A copy of these settings that trains low-rank adapters of a rank, or for 0 all weights. */
    public TuneSettings withLora(int rank) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, rank, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    /** A copy of these settings whose adapters belong to weights that are kept otherwise. */
    public TuneSettings withBaseWeights(WeightStorage storage) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, Optional.of(storage),
                prompt,
                seed, loop, optimizer);
    }

    /** A copy of these settings with another prompt. */
    public TuneSettings withPrompt(PromptSettings prompt) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    /** A copy of these settings with another length of the run. */
    public TuneSettings withLoop(LoopSettings loop) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    /** A copy of these settings with another optimiser. */
    public TuneSettings withOptimizer(OptimizerSettings optimizer) {
        return new TuneSettings(model, data, batch, tokensAtOnce, weights, lora, loraAlpha, baseWeights, prompt, seed,
                loop,
                optimizer);
    }

    @Override
    public Task task() {
        return Task.GENERATOR;
    }

    /**
     * What a language model learns and is validated on.
     *
     * @param data            dialogues, each file with its weight; no file twice
     * @param validateOn      dialogues
     * @param validationCases first dialogues of each of them that are used, 1 or more
     * @param history         turns that are read again where a long dialogue is cut, 1 or more
     * @param maxTokens       most tokens of a text, 2 or more
     * @param reading         how files are read
     */
    public record Data(
            @Setting(
                    value = "Dialogues in any form that is known. FILE@0.5 takes half of the file's texts in each epoch, "
                            + "others each time.",
                    label = "FILE[@WEIGHT]") List<WeightedFile> data,
            @Setting(value = "Dialogues; the loss tells the best checkpoint.", label = "FILE") List<Path> validateOn,
            @Setting(value = "The first dialogues of each file that are used.", label = "N") int validationCases,
            @Setting(value = "Turns that are read again where a long dialogue is cut.", label = "N") int history,
            @Setting(value = "Most tokens of a text; longer dialogues are cut between turns.",
                    label = "N") int maxTokens,
            ReadingSettings reading) {
        public Data {
            data = List.copyOf(data);
            validateOn = List.copyOf(validateOn);
            TaskSettings.requireDifferent(data);
            InvalidSetting.unless(validationCases >= 1, "validationCases", validationCases, "use 1 or more");
            InvalidSetting.unless(history >= 1, "history", history, "use 1 or more");
            InvalidSetting.unless(maxTokens >= 2, "maxTokens", maxTokens, "use 2 or more");
        }

        /** The usual data settings: texts of up to 160 tokens; files are still to be named. */
        public static Data defaults() {
            return new Data(List.of(), List.of(), 500, 4, 160, ReadingSettings.defaults());
        }

        /** A copy of these data settings that takes all dialogues of other files. */
        public Data of(Path... files) {
            return withFiles(List.of(files).stream().map(file -> new WeightedFile(file, 1)).toList());
        }

        /** A copy of these data settings that takes dialogues out of other files, by their weights. */
        public Data withFiles(List<WeightedFile> files) {
            return new Data(files, validateOn, validationCases, history, maxTokens, reading);
        }

        /** A copy of these data settings with other dialogues to validate on. */
        public Data withValidateOn(List<Path> dialogues) {
            return new Data(data, dialogues, validationCases, history, maxTokens, reading);
        }

        /** A copy of these data settings that reads files otherwise. */
        public Data withReading(ReadingSettings reading) {
            return new Data(data, validateOn, validationCases, history, maxTokens, reading);
        }

        /** A copy of these data settings with another greatest length of texts. */
        public Data withMaxTokens(int maxTokens) {
            return new Data(data, validateOn, validationCases, history, maxTokens, reading);
        }
    }

    /** The settings as {@link io.retort.learn.GeneratorTask} takes them. */
    GeneratorSettings generator() {
        Optional<LowRank> adapters = lora == 0
                ? Optional.empty()
                : Optional.of(new LowRank(lora, loraAlpha.orElse(2.0 * lora)));
        return new GeneratorSettings(batch, data.maxTokens, data.history, tokensAtOnce, weights.type, seed, adapters,
                prompt.choice(), data.reading, baseWeights.orElse(WeightStorage.F32));
    }
}
