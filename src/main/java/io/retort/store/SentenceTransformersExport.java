package io.retort.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.retrieval.DenseActivation;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.VectorHead;
import io.retort.tensor.ElementType;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * Writes a bi-encoder as folders that sentence-transformers opens and that give the same vectors: one folder for a tied
 * model, otherwise {@value #CONTEXTS} and {@value #REPLIES} within one. Output scaling of a dot-product model becomes a
 * {@code Dense} module with a diagonal matrix, cosine similarity a {@code Normalize} module.
 */
public final class SentenceTransformersExport {
    static final String CONTEXTS = "context-encoder";
    static final String REPLIES = "reply-encoder";
    private static final String MODULES = "sentence_transformers.models.";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final ModelFolder model;
    private final ModelConfig config;

    private SentenceTransformersExport(ModelFolder model) {
        this.model = model;
        this.config = model.config();
    }

    /**
     * Writes the export, whole or not at all.
     *
     * @param target does not exist, or is an empty folder
     * @return the folders that are to be opened: one, or that of contexts and that of replies
     * @throws BadInput for a model that does not score by dot product, and for a target that holds something
     */
    public static List<Path> write(ModelFolder model, Path target) throws IOException {
        if (!model.config().form().isDotProduct()) {
            throw BadInput.in(model.path(), "is a " + model.config().form().kind().name()
                    + ", which is more than two encoders; sentence-transformers has no such model",
                    "export a bi-encoder: train one of the form tied or untied");
        }
        requireFree(target);
        Path absolute = target.toAbsolutePath().normalize();
        Files.createDirectories(absolute.getParent());
        Path part = Files.createDirectory(Folders.beside(absolute, "part"));
        try {
            List<String> folders = new SentenceTransformersExport(model).writeAll(part);
            Folders.replace(part, absolute);
            return folders.stream().map(target::resolve).toList();
        } finally {
            Folders.delete(part);
        }
    }

    static void requireFree(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) return;
        if (!Files.isDirectory(target)) throw BadInput.in(target, "is no folder", "choose another folder");
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw BadInput.in(target, "holds files already", "choose another folder, or delete it");
            }
        }
    }

    private List<String> writeAll(Path root) throws IOException {
        try (ModelParts.OpenWeights files = model.parts().open(); Tokenizer tokenizer = model.openTokenizer()) {
            ModelFolder.requireFit(tokenizer, model.path(), config);
            SequencedMap<String, Tensor> weights = model.weights(files);
            ExportedTokenizer text = ExportedTokenizer.of(model.tokenizer(), tokenizer, config);
            if (config.tied()) {
                write(root, "", weights, text, ExportedSide.BOTH);
                return List.of("");
            }
            write(root.resolve(CONTEXTS), config.contextPrefix(), weights, text, ExportedSide.CONTEXTS);
            write(root.resolve(REPLIES), config.replyPrefix(), weights, text, ExportedSide.REPLIES);
            return List.of(CONTEXTS, REPLIES);
        }
    }

    private void write(Path folder, String prefix, SequencedMap<String, Tensor> weights, ExportedTokenizer text,
            ExportedSide side) throws IOException {
        Files.createDirectories(folder);
        SequencedMap<String, Tensor> own = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) own.put(name.substring(prefix.length()), tensor);
        });
        SequencedMap<String, Tensor> encoder = new LinkedHashMap<>(own);
        encoder.keySet().removeIf(name -> name.startsWith("dense."));
        encoder = FusedWeights.joined(config.encoder().family(), encoder);
        SafetensorsWriter.write(folder.resolve(ModelFolder.WEIGHTS), encoder, Map.of("format", "pt"), ElementType.F32);
        AtomicFile.write(folder.resolve(ModelFolder.CONFIG), ModelConfigJson.write(config.as(config.form(), true)));
        text.write(folder, side);
        int longest = side.maxTokens(config.text());
        ObjectNode reading = object().put("max_seq_length", longest).put("do_lower_case", false);
        reading.putObject("model_args").put("add_pooling_layer", false);
        write(folder.resolve("sentence_bert_config.json"), reading);
        ObjectNode settings = object().put("similarity_fn_name",
                config.similarity() == Similarity.COSINE ? "cosine" : "dot");
        settings.putObject("prompts").put("query", config.text().contextPrefix()).put("document",
                config.text().replyPrefix());
        settings.put("default_prompt_name", side.promptName());
        write(folder.resolve("config_sentence_transformers.json"), settings);
        writeModules(folder, own);
        AtomicFile.write(folder.resolve("README.md"), side.card(config).getBytes(StandardCharsets.UTF_8));
    }

    private void writeModules(Path folder, Map<String, Tensor> weights) throws IOException {
        ArrayNode modules = JsonNodeFactory.instance.arrayNode();
        add(modules, "", "Transformer");
        write(add(modules, "_Pooling", "Pooling", folder), pooling());
        int dense = 0;
        for (VectorHead.Layer layer : config.head().layers()) {
            switch (layer) {
                case VectorHead.Dense it -> writeDense(add(modules, "_Dense", "Dense", folder), it,
                        VectorHead.parameter(dense++), weights);
                case VectorHead.Normalize _ -> addNormalize(modules, folder);
            }
        }
        if (config.head().normalized()) addNormalize(modules, folder);
        else if (config.outputScaling() != 1) writeScaling(add(modules, "_Dense", "Dense", folder));
        AtomicFile.write(folder.resolve("modules.json"), JSON.writeValueAsBytes(modules));
    }

    /** Adds a module that scales vectors to length 1; it has no settings, and so no file. */
    private static void addNormalize(ArrayNode modules, Path folder) throws IOException {
        Files.createDirectories(add(modules, "_Normalize", "Normalize", folder).getParent());
    }

    private static Path add(ArrayNode modules, String suffix, String type, Path folder) {
        String path = modules.size() + suffix;
        add(modules, path, type);
        return folder.resolve(path).resolve(ModelFolder.CONFIG);
    }

    private static void add(ArrayNode modules, String path, String type) {
        int place = modules.size();
        modules.addObject().put("idx", place).put("name", Integer.toString(place)).put("path", path).put("type",
                MODULES + type);
    }

    private ObjectNode pooling() {
        List<Pooling> poolings = config.head().poolings();
        ObjectNode pooling = object().put("word_embedding_dimension", config.encoder().dim());
        List<Pooling> byFlags = SentenceTransformersFolder.POOLING_FLAGS.values().stream().filter(poolings::contains)
                .toList();
        if (poolings.equals(byFlags)) {
            SentenceTransformersFolder.POOLING_FLAGS
                    .forEach((flag, kind) -> pooling.put(flag, poolings.contains(kind)));
        } else {
            // Versions from 6 on let the poolings stand in any order; older ones do not know this key.
            for (Pooling each : poolings) {
                SentenceTransformersFolder.POOLINGS.forEach((name, kind) -> {
                    if (kind == each) pooling.withArray("pooling_mode").add(name);
                });
            }
        }
        return pooling.put("include_prompt", true);
    }

    /**
     * Writes a linear module that multiplies the output by a number: a diagonal matrix, since there is no simpler
     * module.
     */
    private void writeScaling(Path file) throws IOException {
        int dim = config.dim();
        float[] diagonal = new float[Math.multiplyExact(dim, dim)];
        for (int i = 0; i < dim; i++) diagonal[i * dim + i] = (float) config.outputScaling();
        writeDense(file, new VectorHead.Dense(dim, dim, false, DenseActivation.IDENTITY), "scaling",
                Map.of("scaling.weight", Tensor.of(diagonal, dim, dim)));
    }

    /**
     * Writes the weights of a dense layer under the names that sentence-transformers has for them.
     *
     * @param name of the layer among the weights
     */
    private static void writeDense(Path file, VectorHead.Dense dense, String name, Map<String, Tensor> weights)
            throws IOException {
        write(file, object().put("in_features", dense.in()).put("out_features", dense.out()).put("bias", dense.bias())
                .put("activation_function", dense.activation().torchPath()));
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("linear.weight", weights.get(name + ".weight"));
        if (dense.bias()) tensors.put("linear.bias", weights.get(name + ".bias"));
        SafetensorsWriter.write(file.resolveSibling(ModelFolder.WEIGHTS), tensors, Map.of("format", "pt"),
                ElementType.F32);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static void write(Path file, ObjectNode json) throws IOException {
        AtomicFile.write(file, (JSON.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
