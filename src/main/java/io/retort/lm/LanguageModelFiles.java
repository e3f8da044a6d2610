package io.retort.lm;

import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.tensor.ElementType;
import io.retort.tensor.GgufFile;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A language model on disk: a GGUF file, or a folder of the Hugging Face Hub with {@code config.json} and safetensors,
 * whole or in shards. Opening reads configuration and tables of contents alone. What is loaded of it are copies, so that
 * the files may be closed; any thread.
 */
public final class LanguageModelFiles implements AutoCloseable {
    private static final String CONFIG = "config.json";

    private final Path path;
    private final DecoderConfig config;
    private final TensorFile file;

    private LanguageModelFiles(Path path, DecoderConfig config, TensorFile file) {
        this.path = path;
        this.config = config;
        this.file = file;
    }

    /**
     * Opens a model of one of the families that Retort knows.
     *
     * @param path a GGUF file or a model folder
     * @throws BadInput if it is neither, is damaged, or holds a model that Retort does not know
     */
    public static LanguageModelFiles open(Path path) throws IOException {
        return open(path, DecoderFamilies.KNOWN);
    }

    /**
     * Opens a model of one of the given families.
     *
     * @param path a GGUF file or a model folder
     * @param families the families that the model may be of
     * @throws BadInput if it is neither, is damaged, or holds a model of none of the families
     */
    public static LanguageModelFiles open(Path path, DecoderFamilies families) throws IOException {
        if (Files.isDirectory(path)) return folder(path, families);
        if (!Files.isRegularFile(path)) {
            throw BadInput.in(path, "there is no such model", "name a GGUF file or a folder with config.json");
        }
        GgufFile gguf = GgufFile.open(path, families.namings());
        try {
            return new LanguageModelFiles(path, DecoderConfigGguf.read(gguf, families), gguf);
        } catch (RuntimeException e) {
            gguf.close();
            throw e;
        }
    }

    private static LanguageModelFiles folder(Path folder, DecoderFamilies families) throws IOException {
        TensorFile.requireNoAdapters(folder);
        DecoderConfig config = DecoderConfigJson.read(folder.resolve(CONFIG), families);
        return new LanguageModelFiles(folder, config, TensorFile.open(folder));
    }

    /** Returns the GGUF file or the folder that the model was opened from. */
    public Path path() {
        return path;
    }

    public DecoderConfig config() {
        return config;
    }

    /**
     * Returns the GGUF file, whose metadata hold the tokenizer; empty for a folder, which has a {@code tokenizer.json}.
     */
    public Optional<GgufFile> gguf() {
        return file instanceof GgufFile gguf ? Optional.of(gguf) : Optional.empty();
    }

    /**
     * Loads the model to generate and score with it, in 32 bits.
     *
     * @throws BadInput if weights are damaged or do not fit the configuration
     */
    public LanguageModel load(Engine engine) {
        return load(engine, WeightStorage.F32);
    }

    /**
     * Loads the model to generate and score with it.
     *
     * @param storage how weights are kept, by an engine that can; others keep them in 32 bits
     * @throws BadInput if weights are damaged or do not fit the configuration
     */
    public LanguageModel load(Engine engine, WeightStorage storage) {
        return new CachedDecoder(config, weights(kept(engine, storage)), engine);
    }

    /**
     * Returns how weights are kept in effect: in 32 bits, whatever is asked for, by an engine that computes with
     * nothing else, and where the file has nothing else.
     */
    public WeightStorage kept(Engine engine, WeightStorage asked) {
        return asked == WeightStorage.FILE && engine.keepsBlocks() && memory().keepsAny()
                ? WeightStorage.FILE
                : WeightStorage.F32;
    }

    /**
     * Loads the model to train all of its weights.
     *
     * @throws BadInput where {@link #load} throws it
     */
    public TrainableDecoder trainable(Engine engine) {
        return new TrainableDecoder(config, weights(WeightStorage.F32), engine);
    }

    /**
     * Loads a model that was trained from these files, to generate and score with it.
     *
     * @param weights as {@link TrainableDecoder#present()} gives them; copied
     */
    public LanguageModel load(Map<String, ? extends ParameterValue> weights, Engine engine) {
        return new CachedDecoder(config, weights, engine);
    }

    /**
     * Writes a model that was trained from these files into a folder, its configuration last.
     *
     * @param folder  a folder that exists already
     * @param weights as {@link TrainableDecoder#weights()} names and shapes them
     * @param floats  in which they are stored
     */
    public void write(Path folder, SequencedMap<String, ? extends ParameterValue> weights, ElementType floats) throws IOException {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of("format", "pt"), floats);
        AtomicFile.write(folder.resolve(CONFIG), DecoderConfigJson.write(config, floats));
    }

    /**
     * Loads the model to train low-rank adapters, while its own weights stay as they are, in 32 bits.
     *
     * @param seed seed of the adapters' random first values
     * @throws BadInput where {@link #load} throws it, and for a model whose family takes no adapters
     */
    public TrainableDecoder trainable(Engine engine, LowRank adapters, long seed) {
        return trainable(engine, adapters, seed, WeightStorage.F32);
    }

    /**
     * Loads the model to train low-rank adapters, while its own weights stay as they are. The files must stay open as
     * long as what is loaded.
     *
     * @param seed    seed of the adapters' random first values
     * @param storage how the model's own weights are kept, by an engine that can; others keep them in 32 bits
     * @throws BadInput where {@link #load} throws it, and for a model whose family takes no adapters
     */
    public TrainableDecoder trainable(Engine engine, LowRank adapters, long seed, WeightStorage storage) {
        if (!config.family().takesAdapters()) {
            throw BadInput.in(path, "is of the family " + config.family().name() + ", which takes no adapters",
                    "train the whole model");
        }
        return new TrainableDecoder(config, weights(kept(engine, storage)), engine, adapters, seed);
    }

    /**
     * Checks all that {@link #load} checks, and loads nothing.
     *
     * @return how the weights fit
     * @throws BadInput where {@link #load} throws it
     */
    public WeightReport check() {
        return checked(WeightStorage.FILE).report();
    }

    private Map<String, ParameterValue> weights(WeightStorage storage) {
        return checked(storage).weights();
    }

    private DecoderWeights checked(WeightStorage storage) {
        DecoderWeights weights = DecoderWeights.of(config, file, storage);
        List<String> adapters = weights.report().unexpected().stream().filter(name -> name.contains(".lora_")).toList();
        if (!adapters.isEmpty()) {
            throw BadInput.in(path, "holds the weights of adapters, " + adapters.getFirst() + " and "
                    + (adapters.size() - 1) + " more, which Retort does not apply",
                    "merge them into the model, as PEFT's merge_and_unload does");
        }
        if (!weights.report().isUsable()) {
            throw BadInput.in(path, "the weights do not fit the configuration: " + weights.report().summary(),
                    "take weights and configuration of one model");
        }
        return weights;
    }

    /** Returns how much memory the model takes in either form of its weights. */
    public ModelMemory memory() {
        return ModelMemory.of(config, file);
    }

    /** Returns the weight file, or the shards seen as one; closing this object closes it. */
    public TensorFile weightFile() {
        return file;
    }

    @Override
    public void close() {
        file.close();
    }
}
