package io.retort.store.parlai;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ModelParameters;
import io.retort.store.ModelConfigJson;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import io.retort.tensor.WeightReport;
import io.retort.text.HuggingFaceTokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * ParlAI's bi-encoder and poly-encoder ({@code transformer/biencoder}, {@code transformer/polyencoder}) as a student:
 * BERT's graph, with two encoders. The factor that ParlAI puts on every output ({@code output_scaling}) is the model's
 * own for a bi-encoder; for a poly-encoder, whose codes attend over scaled outputs, it is put into the last norm's
 * weights, and scores are the same.
 */
final class ParlaiRanker {
    static final String BI = "transformer/biencoder", POLY = "transformer/polyencoder";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double NORM_EPSILON = 1e-5;
    /** Start and end token, which ParlAI puts around a context after it was cut. */
    private static final int FRAME = 2;
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final String TYPES = "embeddings.token_type_embeddings.weight";
    private static final String CODES = "poly_codes";
    /** Retort's names of what an encoder has, and ParlAI's, tried in this order. */
    private static final Map<String, String> NAMES = names();
    /** Copies of an encoder's own tensors, under the names of parts that hold them, too. */
    private static final Pattern COPIES = Pattern
            .compile("(cand_)?embeddings\\.weight|memory_transformer\\..*|.*\\.num_batches_tracked");

    private final ParlaiOptions options;
    private final ParlaiDictionary dictionary;
    private final ParlaiTokenizer tokenizer;
    private final boolean poly;
    private final double scaling;
    private final ModelConfig config;

    ParlaiRanker(ParlaiOptions options, ParlaiDictionary dictionary, ParlaiTokenizer tokenizer) {
        this.options = options;
        this.dictionary = dictionary;
        this.tokenizer = tokenizer;
        this.poly = options.string("model", "").equals(POLY);
        this.scaling = options.number("output_scaling", 1);
        if (!(scaling > 0)) throw options.unsupported("output_scaling", String.valueOf(scaling), "it must be positive");
        this.config = configure();
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("embeddings.word_embeddings.", "embeddings.");
        names.put("embeddings.position_embeddings.", "position_embeddings.");
        names.put("embeddings.token_type_embeddings.", "segment_embeddings.");
        names.put("embeddings.LayerNorm.", "norm_embeddings.");
        names.put("encoder.layer.", "layers.");
        names.put("attention.self.query.", "attention.q_lin.");
        names.put("attention.self.key.", "attention.k_lin.");
        names.put("attention.self.value.", "attention.v_lin.");
        names.put("attention.output.dense.", "attention.out_lin.");
        names.put("attention.output.LayerNorm.", "norm1.");
        names.put("intermediate.dense.", "ffn.lin1.");
        names.put("output.dense.", "ffn.lin2.");
        names.put("output.LayerNorm.", "norm2.");
        return names;
    }

    ModelConfig config() {
        return config;
    }

    /** Returns what a person should be told of how the files were understood. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("a " + config.form().kind().name() + " of ParlAI's, vocabulary of " + tokenizer.tokens()
                + " tokens, contexts of up to " + config.text().maxContextTokens() + " tokens, replies of up to "
                + config.text().maxReplyTokens());
        if (tokenizer.beyond() > 0) {
            notes.add(tokenizer.beyond() + " pieces that the encoding makes and the dictionary lacks have the "
                    + "embedding of " + dictionary.special().unknown() + ", as which ParlAI reads them");
        }
        if (poly && scaling != 1) {
            notes.add("output_scaling " + scaling + " is put into the weights of each encoder's last norm");
        }
        return notes;
    }

    private ModelConfig configure() {
        options.oneOf("variant", "aiayn", List.of("xlm", "bart"));
        String activation = options.oneOf("activation", "relu", List.of("gelu"));
        if (options.flag("share_encoders", !poly) && !poly) {
            throw options.unsupported("share_encoders", "true",
                    "candidates then have a layer of their own; train with --share-encoders False");
        }
        String pooling = options.oneOf("reduction_type", "mean", List.of("first", "mean"));
        boolean unit = !poly && options.flag("normalize_sent_emb", false);
        int positions = options.positions();
        ObjectNode root = JSON.createObjectNode().put("model_type", "bert").put("hidden_act", activation);
        int layers = options.integer("n_encoder_layers", -1);
        root.put("vocab_size", tokenizer.tokens() + tokenizer.beyond())
                .put("hidden_size", options.required("embedding_size"))
                .put("num_hidden_layers", layers > 0 ? layers : options.required("n_layers"))
                .put("num_attention_heads", options.required("n_heads"))
                .put("intermediate_size", options.required("ffn_size")).put("max_position_embeddings", positions)
                .put("type_vocab_size", Math.max(1, options.integer("n_segments", 0)))
                .put("layer_norm_eps", NORM_EPSILON);
        ObjectNode own = root.putObject("retort").put("kind", poly ? "poly-encoder" : "bi-encoder").put("tied", false)
                .put("pooling", pooling).put("similarity", unit ? "cosine" : "dot")
                .put("output_scaling", unit || poly ? 1 : scaling);
        if (poly) {
            options.oneOf("polyencoder_type", "codes", List.of("codes"));
            options.oneOf("poly_attention_type", "basic", List.of("basic"));
            options.oneOf("codes_attention_type", "basic", List.of("basic", "sqrt"));
            own.put("codes", options.integer("poly_n_codes", 64));
        }
        int context = options.truncation("text_truncate"), reply = options.truncation("label_truncate");
        ParlaiDictionary.Special special = dictionary.special();
        own.putObject("text").put("start_token", special.start()).put("end_token", special.end())
                .put("turn_separator", separator()).put("pad_token", special.padding())
                .put("max_context_tokens", Math.min(positions, context > 0 ? context + FRAME : positions))
                .put("max_reply_tokens", Math.min(positions, reply > 0 ? reply : positions));
        return ModelConfigJson.parse(root, options.file());
    }

    /** Returns the tokens of what ParlAI puts between turns, a line break unless told otherwise. */
    private String separator() {
        String delimiter = options.string("delimiter", "\n");
        try (HuggingFaceTokenizer opened = HuggingFaceTokenizer.parse(dictionary.file(), tokenizer.json())) {
            return tokenizer.pieces(opened.encode(delimiter));
        }
    }

    /** The parameters that were found, and how they fit. */
    record Mapped(SequencedMap<String, Tensor> weights, WeightReport report) {
    }

    /**
     * Finds the model's parameters in its file.
     *
     * @throws BadInput if the embeddings are of another vocabulary
     */
    Mapped map(TensorFile file) {
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        List<String> mapped = new ArrayList<>(), missing = new ArrayList<>(), mismatched = new ArrayList<>();
        List<String> notFinite = new ArrayList<>();
        Set<String> left = new LinkedHashSet<>(file.tensors().sequencedKeySet());
        ModelParameters.of(config).forEach((name, shape) -> {
            String source = source(name);
            TensorInfo info = file.tensors().get(source);
            if (info == null && name.endsWith(TYPES) && options.integer("n_segments", 0) < 1) {
                weights.put(name, Tensor.of(new float[(int) shape.size()], shape.toArray()));
                return;
            }
            left.remove(source);
            Shape stored = name.endsWith(WORDS) ? Shape.of(tokenizer.tokens(), shape.dim(1)) : shape;
            if (info == null) {
                missing.add(source);
            } else if (name.endsWith(WORDS) && info.shape().rank() == 2 && info.shape().dim(0) != tokenizer.tokens()) {
                throw BadInput.in(dictionary.file(), "has " + tokenizer.tokens() + " tokens, " + source + " in "
                        + file.path().getFileName() + " has " + info.shape().dim(0) + " rows",
                        "take the dictionary that belongs to the model");
            } else if (!info.shape().equals(stored) || !info.type().isFloating()) {
                mismatched.add(source + " is to be " + stored + ", the file has " + info);
            } else {
                Tensor tensor = file.read(source);
                if (tensor.allFinite()) {
                    mapped.add(source);
                    weights.put(name, adjusted(name, tensor, shape));
                } else {
                    notFinite.add(source + " (first at element " + tensor.firstNonFinite() + ")");
                }
            }
        });
        List<String> unused = left.stream().filter(name -> COPIES.matcher(name).matches()).toList();
        left.removeAll(unused);
        return new Mapped(weights,
                new WeightReport(mapped, unused, missing, List.copyOf(left), mismatched, notFinite));
    }

    private String source(String name) {
        if (name.equals(CODES)) return "codes";
        boolean context = name.startsWith(config.contextPrefix());
        String prefix = context
                ? poly ? "encoder_ctxt." : "context_encoder."
                : poly ? "encoder_cand." : "cand_encoder.";
        String translated = name.substring((context ? config.contextPrefix() : config.replyPrefix()).length());
        for (Map.Entry<String, String> each : NAMES.entrySet()) {
            int at = translated.indexOf(each.getKey());
            // Names of parts begin a name or a layer's part of it: output.dense is not attention.output.dense.
            if (at == 0 || at > 0 && Character.isDigit(translated.charAt(at - 2))) {
                translated = translated.substring(0, at) + each.getValue()
                        + translated.substring(at + each.getKey().length());
            }
        }
        return prefix + translated;
    }

    /** Puts what ParlAI computes with a tensor's values, and Retort's graph does not, into the values. */
    private Tensor adjusted(String name, Tensor tensor, Shape shape) {
        if (name.endsWith(WORDS)) return words(tensor, shape);
        double factor = 1;
        if (poly && lastNorm(name)) factor = scaling;
        if (name.equals(CODES) && options.string("codes_attention_type", "basic").equals("sqrt")) {
            factor = 1 / Math.sqrt(shape.dim(1));
        }
        if (factor == 1) return tensor;
        float[] values = tensor.toFloats().clone();
        for (int i = 0; i < values.length; i++) values[i] = (float) (values[i] * factor);
        return Tensor.of(values, shape.toArray());
    }

    private boolean lastNorm(String name) {
        String layer = "encoder.layer." + (config.encoder().layers() - 1) + ".output.LayerNorm.";
        return name.contains(layer);
    }

    private Tensor words(Tensor tensor, Shape shape) {
        double factor = options.flag("embeddings_scale", true) ? Math.sqrt(shape.dim(1)) : 1;
        if (factor == 1 && tokenizer.beyond() == 0) return tensor;
        int dim = shape.dim(1);
        float[] stored = tensor.toFloats(), values = new float[(int) shape.size()];
        for (int i = 0; i < stored.length; i++) values[i] = (float) (stored[i] * factor);
        int unknown = dictionary.unknownId() * dim;
        for (int row = stored.length; row < values.length; row += dim) {
            System.arraycopy(values, unknown, values, row, dim);
        }
        return Tensor.of(values, shape.toArray());
    }
}
