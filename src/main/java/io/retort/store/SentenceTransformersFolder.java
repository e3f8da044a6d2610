package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.retrieval.DenseActivation;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.VectorHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A model folder as sentence-transformers writes it: {@code modules.json} names its modules in order, a Transformer, a
 * Pooling and what works on the pooled vector, each with a folder of its own. What would change a vector and is not known
 * here is refused by name, never passed over.
 *
 * @param transformer the folder of the Transformer module, with its configuration, tokenizer and weights
 * @param head what the other modules make of its outputs
 * @param dense the folders of the Dense modules, in order
 * @param longest the longest text in tokens, where a file says so
 * @param lowerCase whether texts are put into small letters first
 * @param queryPrompt written before contexts
 * @param documentPrompt written before replies
 */
public record SentenceTransformersFolder(Path transformer, VectorHead head, List<Path> dense, Similarity similarity,
        OptionalInt longest, boolean lowerCase, String queryPrompt, String documentPrompt, List<String> notes) {
    public static final String MODULES = "modules.json";
    private static final int MOST_POOLINGS = 16;
    private static final String OURS = "sentence_transformers.";
    private static final String REMEDY = "Retort reads a Transformer, a Pooling, and Dense, Normalize and Dropout after "
            + "them";

    static boolean is(Path folder) {
        return Files.isRegularFile(folder.resolve(MODULES));
    }

    /**
     * Reads the folder's modules and settings.
     *
     * @throws BadInput if a file is damaged, or asks for something that Retort does not do
     */
    public static SentenceTransformersFolder read(Path folder) throws IOException {
        return new Reader(folder).read();
    }

    /** The names that new versions have for poolings. */
    static final SequencedMap<String, Pooling> POOLINGS = new LinkedHashMap<>();
    /** The flags that old versions have for poolings, in the order in which they count. */
    static final SequencedMap<String, Pooling> POOLING_FLAGS = new LinkedHashMap<>();

    static {
        name(Pooling.FIRST, "cls", "cls_token");
        name(Pooling.MAXIMUM, "max", "max_tokens");
        name(Pooling.MEAN, "mean", "mean_tokens");
        name(Pooling.MEAN_SQRT, "mean_sqrt_len_tokens", "mean_sqrt_len_tokens");
        name(Pooling.WEIGHTED, "weightedmean", "weightedmean_tokens");
        name(Pooling.LAST, "lasttoken", "lasttoken");
    }

    private static void name(Pooling pooling, String name, String flag) {
        POOLINGS.put(name, pooling);
        POOLING_FLAGS.put("pooling_mode_" + flag, pooling);
    }

    /**
     * The names of the file with the Transformer module's settings; old versions named it after the model's family.
     */
    public static final List<String> SETTINGS = Stream
            .of("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
            .map(family -> "sentence_" + family + "_config.json").toList();

    /**
     * A module that {@code modules.json} lists.
     *
     * @param kind  the last part of its type, where that is one of sentence-transformers; else empty
     * @param type  its class as the file gives it
     * @param place its folder within the model's, empty for the model's own
     */
    public record Module(String kind, String type, String place) {
        /** Returns whether the module has files that Retort reads. */
        public boolean hasFiles() {
            return List.of("Transformer", "Pooling", "Dense").contains(kind);
        }
    }

    /**
     * Returns the modules that the file lists, in their order.
     *
     * @param file {@code modules.json}
     * @throws BadInput if it is damaged, or names a folder outside the model's
     */
    public static List<Module> modules(Path file) throws IOException {
        JsonNode modules = ConfigFields.read(file);
        if (!modules.isArray() || modules.isEmpty()) {
            throw BadInput.in(file, "lists no modules", "take the file that belongs to the model");
        }
        ConfigFields fields = new ConfigFields(file);
        List<Module> list = new ArrayList<>();
        for (JsonNode module : modules) {
            String type = fields.string(module, "type", "");
            String place = fields.string(module, "path", "");
            if (!place.matches("(?:[\\w-][\\w.-]{0,99}(?:/[\\w-][\\w.-]{0,99}){0,9})?")) {
                throw BadInput.in(file, "names the folder \"" + place + "\", which is no plain path within it",
                        "take the file that belongs to the model");
            }
            list.add(new Module(type.startsWith(OURS) ? type.substring(type.lastIndexOf('.') + 1) : "", type, place));
        }
        return list;
    }

    /** The state of one reading of one folder. */
    private static final class Reader {
        /** Options of loading and of PyTorch's models that leave all numbers as they are. */
        private static final Set<String> HARMLESS = Set.of("add_pooling_layer", "trust_remote_code",
                "attn_implementation",
                "torch_dtype", "dtype", "low_cpu_mem_usage", "use_safetensors", "use_fast", "revision", "token",
                "local_files_only", "subfolder", "use_cache", "clean_up_tokenization_spaces");

        private final Path folder;
        private final List<String> notes = new ArrayList<>();
        private final List<VectorHead.Layer> layers = new ArrayList<>();
        private final List<Path> dense = new ArrayList<>();
        private Path transformer;
        private List<Pooling> poolings;
        private boolean includesPrompt = true;

        Reader(Path folder) {
            this.folder = folder;
        }

        SentenceTransformersFolder read() throws IOException {
            Path file = folder.resolve(MODULES);
            for (Module module : modules(file)) add(module, file);
            if (poolings == null) throw BadInput.in(file, "has no Pooling, so that texts have no vector", REMEDY);
            boolean normalized = !layers.isEmpty() && layers.getLast() instanceof VectorHead.Normalize;
            if (normalized) layers.removeLast();
            return rest(normalized);
        }

        private void add(Module module, Path file) throws IOException {
            Path place = module.place.isEmpty() ? folder : folder.resolve(module.place);
            switch (module.kind) {
                case "Transformer" -> {
                    if (transformer != null) throw misplaced(module, file);
                    transformer = place;
                }
                case "Pooling" -> {
                    if (transformer == null || poolings != null) throw misplaced(module, file);
                    addPooling(place.resolve(ModelFolder.CONFIG));
                }
                case "Dense" -> {
                    if (poolings == null) throw misplaced(module, file);
                    layers.add(dense(place.resolve(ModelFolder.CONFIG)));
                    dense.add(place);
                }
                case "Normalize" -> {
                    if (poolings == null) throw misplaced(module, file);
                    Path settings = place.resolve(ModelFolder.CONFIG);
                    if (!place.equals(folder) && Files.isRegularFile(settings)) {
                        requireWholeTexts(ConfigFields.read(settings), new ConfigFields(settings), module.kind);
                    }
                    layers.add(new VectorHead.Normalize());
                }
                case "Dropout" -> {
                    // Does nothing outside of training.
                }
                default -> throw BadInput.in(file, "names the module \"" + module.type + "\", which is not supported",
                        REMEDY);
            }
        }

        private static BadInput misplaced(Module module, Path file) {
            return BadInput.in(file, "has a " + module.kind + " module where it is not supported", REMEDY);
        }

        private void addPooling(Path file) throws IOException {
            ConfigFields fields = new ConfigFields(file);
            JsonNode config = ConfigFields.read(file);
            List<Pooling> chosen = new ArrayList<>();
            JsonNode modes = config.path("pooling_mode");
            if (modes.isArray()) {
                for (JsonNode mode : modes) chosen.add(pooling(mode.asText(), file));
            } else if (config.hasNonNull("pooling_mode")) {
                chosen.add(pooling(fields.string(config, "pooling_mode", ""), file));
            } else {
                POOLING_FLAGS.forEach((key, pooling) -> {
                    if (fields.flag(config, key, false)) chosen.add(pooling);
                });
                // The mean is what sentence-transformers takes where nothing is said.
                if (POOLING_FLAGS.keySet().stream().noneMatch(config::has)) chosen.add(Pooling.MEAN);
            }
            for (String key : keys(config)) {
                boolean asks = !config.get(key).isNull() && !config.get(key).equals(BooleanNode.FALSE);
                if (asks && !POOLING_FLAGS.containsKey(key) && !Set.of("pooling_mode", "include_prompt",
                        "word_embedding_dimension", "embedding_dimension", "pooling_output_dimension").contains(key)) {
                    throw unknownPooling(file, key);
                }
            }
            if (chosen.isEmpty() || chosen.size() > MOST_POOLINGS) {
                throw BadInput.in(file, "chooses " + (chosen.isEmpty() ? "no pooling" : chosen.size() + " poolings"),
                        "take the file that belongs to the model");
            }
            poolings = List.copyOf(chosen);
            includesPrompt = fields.flag(config, "include_prompt", true);
        }

        private static Pooling pooling(String name, Path file) {
            if (!POOLINGS.containsKey(name)) throw unknownPooling(file, name);
            return POOLINGS.get(name);
        }

        private static BadInput unknownPooling(Path file, String name) {
            return BadInput.in(file, "asks for the pooling \"" + name + "\", which is not supported",
                    "Retort knows " + POOLINGS.keySet());
        }

        private static VectorHead.Dense dense(Path file) throws IOException {
            ConfigFields fields = new ConfigFields(file);
            JsonNode config = ConfigFields.read(file);
            requireKnown(config, file, Set.of("in_features", "out_features", "bias", "activation_function",
                    "module_input_name", "module_output_name", "use_residual"), "Dense");
            requireWholeTexts(config, fields, "Dense");
            if (fields.flag(config, "use_residual", false)) {
                throw BadInput.in(file, "is a Dense module with use_residual, which is not supported", REMEDY);
            }
            String path = fields.string(config, "activation_function", DenseActivation.TANH.torchPath());
            DenseActivation activation = DenseActivation.ofTorchPath(path).orElseThrow(() -> BadInput.in(file,
                    "is a Dense module with the activation_function \"" + path + "\", which is not supported",
                    "Retort knows " + DenseActivation.torchNames() + " of torch.nn"));
            try {
                return new VectorHead.Dense(fields.required(config, "in_features"),
                        fields.required(config, "out_features"), fields.flag(config, "bias", true), activation);
            } catch (IllegalArgumentException e) {
                throw BadInput.in(file, e.getMessage(), "take the file that belongs to the model").causedBy(e);
            }
        }

        /** Refuses a module after the pooling that is told to work on the vectors of tokens instead of the text's. */
        private static void requireWholeTexts(JsonNode config, ConfigFields fields, String what) {
            for (String key : List.of("module_input_name", "module_output_name")) {
                String value = fields.string(config, key, "sentence_embedding");
                if (!value.equals("sentence_embedding")) {
                    throw BadInput.in(fields.file(), "is a " + what + " module with " + key + " \"" + value
                            + "\", which is not supported", REMEDY);
                }
            }
        }

        private static List<String> keys(JsonNode node) {
            return node.properties().stream().map(Map.Entry::getKey).toList();
        }

        private static void requireKnown(JsonNode config, Path file, Set<String> known, String what) {
            for (String key : keys(config)) {
                if (!known.contains(key) && !config.get(key).isNull()) {
                    throw BadInput.in(file, "has \"" + key + "\" for a " + what + " module, which is not supported",
                            "Retort knows " + new TreeSet<>(known));
                }
            }
        }

        private SentenceTransformersFolder rest(boolean normalized) throws IOException {
            Path settings = SETTINGS.stream().map(transformer::resolve).filter(Files::isRegularFile).findFirst()
                    .orElse(null);
            OptionalInt longest = OptionalInt.empty();
            boolean lowerCase = false;
            if (settings != null) {
                ConfigFields fields = new ConfigFields(settings);
                JsonNode config = ConfigFields.read(settings);
                requireHarmless(config, fields);
                int tokens = fields.integer(config, "max_seq_length", 0);
                if (tokens < 0) throw fields.wrong("max_seq_length", config.get("max_seq_length"), "a length");
                if (tokens > 0) longest = OptionalInt.of(tokens);
                lowerCase = fields.flag(config, "do_lower_case", false);
            }
            Path file = folder.resolve("config_sentence_transformers.json");
            JsonNode whole = Files.isRegularFile(file)
                    ? ConfigFields.read(file)
                    : JsonNodeFactory.instance.objectNode();
            ConfigFields fields = new ConfigFields(file);
            requireSentences(whole, fields);
            Similarity similarity = similarity(whole, fields, normalized);
            String query = prompt(whole, fields, List.of("query"));
            String document = prompt(whole, fields, List.of("document", "passage", "corpus"));
            if (!includesPrompt && !(query + document).isEmpty()) {
                throw BadInput.in(folder, "pools without the tokens of its prompts (include_prompt is false), which is "
                        + "not supported", "use a model that pools over the whole text");
            }
            return new SentenceTransformersFolder(transformer, new VectorHead(poolings, layers, normalized), dense,
                    similarity, longest, lowerCase, query, document, notes);
        }

        /** Refuses options of the Transformer module that may change numbers in a way that is not known here. */
        private static void requireHarmless(JsonNode config, ConfigFields fields) {
            requireKnown(config, fields.file(),
                    Set.of("max_seq_length", "do_lower_case", "model_args", "tokenizer_args",
                            "config_args", "transformer_task", "module_output_name", "modality_config",
                            "processing_kwargs",
                            "unpad_inputs"),
                    "Transformer");
            String task = fields.string(config, "transformer_task", "feature-extraction");
            String output = fields.string(config, "module_output_name", "token_embeddings");
            JsonNode text = fields.object(fields.object(config, "modality_config"), "text");
            String method = fields.string(text, "method", "forward");
            String taken = fields.string(text, "method_output_name", "last_hidden_state");
            if (!List.of(task, method, taken, output)
                    .equals(List.of("feature-extraction", "forward", "last_hidden_state", "token_embeddings"))) {
                throw BadInput.in(fields.file(), "is a Transformer module for " + task + " that takes " + taken + " of "
                        + method + " as " + output + ", which is not supported", REMEDY);
            }
            for (String part : List.of("model_args", "tokenizer_args", "config_args", "processing_kwargs")) {
                for (String key : keys(fields.object(config, part))) {
                    if (!HARMLESS.contains(key)) {
                        throw BadInput.in(fields.file(), "has \"" + key + "\" among its " + part
                                + ", which is not supported", "Retort passes over " + new TreeSet<>(HARMLESS));
                    }
                }
            }
        }

        private static void requireSentences(JsonNode config, ConfigFields fields) {
            String type = fields.string(config, "model_type", "SentenceTransformer");
            if (!type.equals("SentenceTransformer")) {
                throw BadInput.in(fields.file(), "is of a " + type + ", which is not supported",
                        "only models that give a text one dense vector are");
            }
            if (config.hasNonNull("truncate_dim")) {
                throw BadInput.in(fields.file(), "cuts vectors to truncate_dim " + config.get("truncate_dim")
                        + ", which is not supported", "use a model with whole vectors");
            }
        }

        private Similarity similarity(JsonNode config, ConfigFields fields, boolean normalized) {
            String name = fields.string(config, "similarity_fn_name", "");
            return switch (name) {
                case "cosine" -> Similarity.COSINE;
                case "" -> {
                    if (!normalized) notes.add("no similarity_fn_name: replies are ranked by cosine, the default");
                    yield Similarity.COSINE;
                }
                // Of vectors of length 1 the dot product is the cosine.
                case "dot", "dot_product" -> normalized ? Similarity.COSINE : Similarity.DOT;
                default -> throw BadInput.in(fields.file(), "ranks by similarity_fn_name \"" + name
                        + "\", which is not supported", "only cosine and dot are");
            };
        }

        /** Returns the prompt of a side: the one with one of its names, else the default one, else none. */
        private String prompt(JsonNode config, ConfigFields fields, List<String> names) {
            JsonNode prompts = fields.object(config, "prompts");
            String standard = fields.string(config, "default_prompt_name", "");
            if (!standard.isEmpty() && !prompts.has(standard)) {
                throw BadInput.in(fields.file(), "has the default_prompt_name \"" + standard + "\", and no such prompt",
                        "take the file that belongs to the model");
            }
            String name = standard.isEmpty() ? names.stream().filter(prompts::has).findFirst().orElse("") : standard;
            return name.isEmpty() ? "" : fields.string(prompts, name, "");
        }
    }
}
