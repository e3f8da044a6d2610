package io.retort.store.parlai;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ModelParameters;
import io.retort.store.ModelConfigJson;
import io.retort.store.ModelFolder;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * ParlAI's bi-encoder and poly-encoder ({@code transformer/biencoder}, {@code transformer/polyencoder}) as a student:
 * BERT's graph, with two encoders. The factor that ParlAI puts on every output ({@code output_scaling}) is the model's
 * own for a bi-encoder; for a poly-encoder, whose codes attend over scaled outputs, it is put into the last norm's
 * weights, and scores are the same.
 */
final class ParlaiRanker implements ParlaiModel {
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

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("a " + config.form().kind().name() + " of ParlAI's, vocabulary of " + tokenizer.tokens()
                + " tokens, contexts of up to " + config.text().maxContextTokens() + " tokens, replies of up to "
                + config.text().maxReplyTokens());
        if (tokenizer.beyond() > 0) {
            notes.add(beyond(tokenizer, dictionary));
        }
        if (poly && scaling != 1) {
            notes.add("output_scaling " + scaling + " is put into the weights of each encoder's last norm");
        }
        return notes;
    }

    static String beyond(ParlaiTokenizer tokenizer, ParlaiDictionary dictionary) {
        return tokenizer.beyond() + " pieces that the encoding makes and the dictionary lacks have the embedding of "
                + dictionary.special().unknown() + ", as which ParlAI reads them";
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

    @Override
    public ParlaiWeights.Mapped map(TensorFile file) {
        ParlaiWeights weights = new ParlaiWeights(file, dictionary, tokenizer);
        ModelParameters.of(config).forEach((name, shape) -> {
            String source = source(name);
            if (name.endsWith(WORDS)) {
                int dim = shape.dim(1);
                weights.takeWords(name, source, dim, options.flag("embeddings_scale", true) ? Math.sqrt(dim) : 1);
            } else if (name.endsWith(TYPES) && options.integer("n_segments", 0) < 1) {
                weights.put(name, Tensor.of(new float[(int) shape.size()], shape.toArray()));
            } else {
                weights.take(name, source, shape, tensor -> ParlaiWeights.times(tensor, factor(name, shape)));
            }
        });
        return weights.mapped(COPIES);
    }

    @Override
    public ParlaiImport.Written write(Path target, ParlaiWeights.Mapped mapped, ObjectNode provenance)
            throws IOException {
        ModelFolder written = ModelFolder.write(target, config, tokenizer.json(), mapped.weights(), provenance);
        return new ParlaiImport.Written(written.path(), written.fingerprint());
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

    /** Returns the factor by which ParlAI, and not Retort's graph, multiplies what a parameter gives. */
    private double factor(String name, Shape shape) {
        String last = "encoder.layer." + (config.encoder().layers() - 1) + ".output.LayerNorm.";
        if (poly && name.contains(last)) return scaling;
        boolean scaled = options.string("codes_attention_type", "basic").equals("sqrt");
        return name.equals(CODES) && scaled ? 1 / Math.sqrt(shape.dim(1)) : 1;
    }
}
