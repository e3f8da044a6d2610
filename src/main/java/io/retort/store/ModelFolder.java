package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.files.Folders;
import io.retort.files.KnownDigests;
import io.retort.files.Sha256;
import io.retort.graph.Engine;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ModelParameters;
import io.retort.retrieval.Objective;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.ScoringForms;
import io.retort.retrieval.TrainableStudent;
import io.retort.simd.WorkerPool;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import io.retort.text.InputBuilder;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * A model on disk: {@code config.json}, {@code tokenizer.json}, {@code model.safetensors}, named as on the Hugging Face
 * Hub, and {@code provenance.json}, which says where it came from. Immutable once written; any thread.
 */
public final class ModelFolder {
    public static final String CONFIG = "config.json";
    public static final String TOKENIZER = "tokenizer.json";
    public static final String WEIGHTS = "model.safetensors";
    static final String PROVENANCE = "provenance.json";
    private static final Set<String> FILES = Set.of(CONFIG, TOKENIZER, WEIGHTS, PROVENANCE);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final ModelParts parts;
    private final ModelConfig config;
    private String fingerprint; // hashing the weights takes a while: once

    private ModelFolder(Path path, ModelParts parts) {
        this.path = path;
        this.parts = parts;
        this.config = parts.config();
    }

    /**
     * Opens a model by reading its configuration and checking that its files are there; weights are not read. A folder
     * that another program wrote is understood as {@link ModelImport} understands it.
     *
     * @throws BadInput if a file is missing, or the configuration is none that Retort knows
     */
    public static ModelFolder open(Path path) throws IOException {
        return open(path, ScoringForms.KNOWN);
    }

    /**
     * Opens a model that scores by one of these forms, for a caller that brings its own.
     *
     * @throws BadInput if the files are not there, or the form is none of these
     */
    public static ModelFolder open(Path path, ScoringForms forms) throws IOException {
        if (!Files.isDirectory(path))
            throw BadInput.in(path, "there is no such model folder",
                    "name the folder of one that was trained, imported or pulled");
        boolean foreign = SentenceTransformersFolder.is(path);
        for (String file : new String[]{CONFIG, TOKENIZER, WEIGHTS}) {
            if (!foreign && !Files.isRegularFile(path.resolve(file))) {
                throw BadInput.in(path, "is no model folder: " + file + " is missing",
                        "make one with `retort import` or `retort pull`");
            }
        }
        return new ModelFolder(path, ModelParts.of(path, null, forms));
    }

    /**
     * Returns whether a folder's own files say that it is an encoder of texts rather than a language model. Whether
     * Retort can read that encoder is for {@link #open} to say.
     *
     * @throws BadInput if its configuration cannot be read
     */
    public static boolean isEncoder(Path folder) throws IOException {
        Path config = folder.resolve(CONFIG);
        if (SentenceTransformersFolder.is(folder) || !Files.isRegularFile(config)) return true;
        JsonNode json = ConfigFields.read(config);
        if (ModelConfigJson.isOfKnownFamily(json)) return true;
        return !json.path("architectures").path(0).asText("")
                .matches(".*(ForCausalLM|LMHeadModel|ForConditionalGeneration)");
    }

    public Path path() {
        return path;
    }

    /** Returns the folder's own name, for messages. */
    public String name() {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    public ModelConfig config() {
        return config;
    }

    /**
     * Returns what tells this model from every other: the SHA-256 of configuration, tokenizer and weights, in hex. An
     * index carries the fingerprint of the model that made its vectors, so that it is not searched with another.
     */
    public synchronized String fingerprint() throws IOException {
        if (fingerprint == null) fingerprint = hash();
        return fingerprint;
    }

    private String hash() throws IOException {
        Sha256 hash = new Sha256().update(ModelConfigJson.write(config));
        hash.update(new Sha256().update(parts.tokenizerJson()).hex().getBytes(StandardCharsets.US_ASCII));
        for (Path file : parts.weightFiles()) hash.update(KnownDigests.of(file).getBytes(StandardCharsets.US_ASCII));
        return hash.hex();
    }

    /**
     * Loads the model to encode and score with it.
     *
     * @throws BadInput if weights or tokenizer are damaged or do not fit the
     * configuration
     */
    public RetrievalModel load(Engine engine) throws IOException {
        // The tokenizer takes as long to open as the weights: one while the other.
        FutureTask<Tokenizer> opening = new FutureTask<>(this::openTokenizer);
        Thread.ofPlatform().daemon().name("retort-tokenizer").start(opening);
        try (ModelParts.OpenWeights files = parts.open()) {
            SequencedMap<String, Tensor> weights = weights(files);
            return load(config, opened(opening), weights, engine);
        } catch (RuntimeException | IOException | Error e) {
            closeWhenOpen(opening);
            throw e;
        }
    }

    private static Tokenizer opened(FutureTask<Tokenizer> opening) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return opening.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException failure) throw failure;
                    if (e.getCause() instanceof RuntimeException failure) throw failure;
                    if (e.getCause() instanceof Error failure) throw failure;
                    throw new IllegalStateException(e);
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Closes a tokenizer that nobody waits for any more, closed or not. */
    private static void closeWhenOpen(FutureTask<Tokenizer> opening) {
        try {
            opened(opening).close();
        } catch (IOException | RuntimeException | Error e) {
            return; // it did not open, and its failure is not the first
        }
    }

    /**
     * Checks all that {@link #load} checks, and loads nothing.
     *
     * @return how the weights fit
     * @throws BadInput where {@link #load} throws it
     */
    public WeightReport check() throws IOException {
        try (ModelParts.OpenWeights files = parts.open(); Tokenizer tokenizer = openTokenizer()) {
            requireFit(tokenizer, path, config);
            weights(files);
            return files.find(config).report();
        }
    }

    /** Returns what a person should be told about how a folder of another program was understood, a sentence each. */
    public List<String> notes() {
        return parts.notes();
    }

    /** Opens the encoder's weights, which the caller closes. */
    public TensorFile openWeights() throws IOException {
        return TensorFile.open(parts.weights());
    }

    /**
     * Makes the model ready to be trained from its weights, as it is or in another form: an encoder may become both of
     * an untied model, or get the parameters of another scoring form, which begin at random.
     *
     * @param as the student's configuration; {@link #config()} for the same
     * @param seed of weights that the folder does not have
     * @param pool threads that share the work outside of the engine; they stay the caller's
     * @throws BadInput if the weights are damaged or do not fit the configuration
     */
    public TrainableStudent trainable(ModelConfig as, long seed, Engine engine, WorkerPool pool,
            TrainableStudent.Settings settings, Objective objective) throws IOException {
        if (!as.head().isTrainable()) {
            throw BadInput.in(path, "pools by the maximum of all tokens, which cannot be trained",
                    "start from a model with another pooling");
        }
        try (ModelParts.OpenWeights files = parts.open()) {
            WeightImport found = files.find(as);
            Map<String, Tensor> weights = withFresh(as, found.weights(), seed);
            List<String> lacking = ModelParameters.of(as).keySet().stream().filter(name -> !weights.containsKey(name))
                    .toList();
            if (!lacking.isEmpty()) {
                throw BadInput.in(parts.weights(), "has no usable " + lacking.getFirst() + " (" + lacking.size()
                        + " weights lack)", "train a model of this form, or import the model again");
            }
            return new TrainableStudent(as, weights, engine, pool, settings, objective);
        }
    }

    /** Adds first values of the scoring form's parameters to weights that lack them. */
    private static Map<String, Tensor> withFresh(ModelConfig config, Map<String, Tensor> weights, long seed) {
        Map<String, Tensor> all = new LinkedHashMap<>(weights);
        Random random = new Random(seed);
        ModelParameters.ofForm(config).forEach((name, shape) -> {
            if (!weights.containsKey(name)) all.put(name, config.form().initial(name, shape, random));
        });
        return all;
    }

    /**
     * Loads a student that was trained from this folder, to encode and score with it.
     *
     * @param weights all that {@code as} has
     */
    public RetrievalModel load(ModelConfig as, Map<String, Tensor> weights, Engine engine) throws IOException {
        return load(as, openTokenizer(), weights, engine);
    }

    /** Loads with a tokenizer that is the model's from here on, and is closed if there is none. */
    private RetrievalModel load(ModelConfig as, Tokenizer tokenizer, Map<String, Tensor> weights, Engine engine) {
        try {
            requireFit(tokenizer, path, as);
            return new RetrievalModel(as, tokenizer, weights, engine);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Returns the bytes of the model's {@code tokenizer.json}. */
    public byte[] tokenizer() throws IOException {
        return parts.tokenizerJson().clone();
    }

    /** Opens a tokenizer of the caller's own, who closes it. */
    public Tokenizer openTokenizer() throws IOException {
        return parts.openTokenizer();
    }

    /** Returns all parameters of this model, or refuses files that lack some. */
    SequencedMap<String, Tensor> weights(ModelParts.OpenWeights files) {
        WeightImport weights = files.find(config);
        if (!weights.report().isUsable()) {
            throw BadInput.in(parts.weights(), "does not fit config.json: " + weights.report().summary(),
                    "import the model again");
        }
        return weights.weights();
    }

    ModelParts parts() {
        return parts;
    }

    /**
     * Checks that the tokenizer fits the model's vocabulary and text format.
     *
     * @param where the file to name in error messages
     */
    static void requireFit(Tokenizer tokenizer, Path where, ModelConfig config) {
        try {
            tokenizer.requireFits(config.encoder().vocabulary());
            new InputBuilder(tokenizer, config.text());
        } catch (BadInput e) {
            throw BadInput.in(where, e.getMessage(), "").causedBy(e);
        }
    }

    /**
     * Writes a model folder, whole or not at all. A folder of that name is replaced if it is a model folder.
     *
     * @param tokenizer the bytes of a {@code tokenizer.json}
     * @throws BadInput if {@code target} is something else than a model folder
     */
    public static ModelFolder write(Path target, ModelConfig config, byte[] tokenizer,
            SequencedMap<String, Tensor> weights,
            ObjectNode provenance) throws IOException {
        requireReplaceable(target);
        return place(target, config, tokenizer, weights, provenance);
    }

    /**
     * Writes this model once more with its matrices in 8 bits ({@link Int8Weights}): about a quarter of the size, and
     * vectors a little off. Such a folder serves wherever a model folder does; its fingerprint is its own.
     *
     * @param target does not exist, or is an empty folder
     */
    public ModelFolder writeInt8(Path target) throws IOException {
        SentenceTransformersExport.requireFree(target);
        try (ModelParts.OpenWeights files = parts.open()) {
            ObjectNode provenance = JSON.createObjectNode().put("weights", "int8").put("parent", name())
                    .put("parent_fingerprint", fingerprint());
            Path of = path.resolve(PROVENANCE);
            if (Files.isRegularFile(of)) provenance.set("parent_provenance", JSON.readTree(of.toFile()));
            return place(target, config, tokenizer(), Int8Weights.of(weights(files)), provenance);
        }
    }

    private static ModelFolder place(Path target, ModelConfig config, byte[] tokenizer,
            SequencedMap<String, Tensor> weights, ObjectNode provenance) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        Files.createDirectories(absolute.getParent());
        Path part = Files.createDirectory(Folders.beside(absolute, "part"));
        try {
            AtomicFile.write(part.resolve(TOKENIZER), tokenizer);
            SafetensorsWriter.write(part.resolve(WEIGHTS), weights, Map.of("format", "pt"));
            AtomicFile.write(part.resolve(PROVENANCE), pretty(provenance));
            AtomicFile.write(part.resolve(CONFIG), ModelConfigJson.write(config));
            Folders.replace(part, absolute);
        } finally {
            Folders.delete(part);
        }
        return open(target, ScoringForms.KNOWN.with(config.form().kind()));
    }

    /** Refuses to replace, and so to delete, a folder that holds anything but what Retort puts there. */
    private static void requireReplaceable(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) return;
        if (!Files.isRegularFile(target.resolve(CONFIG))) {
            throw BadInput.in(target, "exists and is no model folder", "choose another folder");
        }
        try (Stream<Path> entries = Files.list(target)) {
            Optional<String> stranger = entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !FILES.contains(name)).sorted().findFirst();
            if (stranger.isPresent()) {
                throw BadInput.in(target, "holds " + stranger.get() + ", which would be lost",
                        "choose another folder, or delete this one");
            }
        }
    }

    private static byte[] pretty(ObjectNode json) throws IOException {
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
