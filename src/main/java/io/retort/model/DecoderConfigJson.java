package io.retort.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A decoder's configuration out of the Hugging Face Hub's {@code config.json}. What would compute otherwise is refused. */
final class DecoderConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** PyTorch's names. */
    private static final Map<ElementType, String> DTYPES = Map.of(ElementType.F32, "float32", ElementType.BF16,
            "bfloat16", ElementType.F16, "float16");

    private final Path file;
    private final ConfigFields fields;
    private final JsonNode root;

    private DecoderConfigJson(Path file, JsonNode root) {
        this.file = file;
        this.fields = new ConfigFields(file);
        this.root = root;
    }

    /**
     * @throws BadInput if the file is missing, is not JSON or describes a model that Retort does not know
     */
    static DecoderConfig read(Path file) throws IOException {
        return parse(file, ConfigFields.read(file));
    }

    /**
     * @param file named in errors
     */
    static DecoderConfig parse(Path file, JsonNode root) {
        if (root == null || !root.isObject()) {
            throw BadInput.in(file, "does not hold a JSON object", "mend or replace the file");
        }
        try {
            return new DecoderConfigJson(file, root).config();
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "mend the configuration").causedBy(e);
        }
    }

    private DecoderConfig config() {
        String type = fields.string(root, "model_type", "");
        return switch (type) {
            case "llama" -> llama();
            case "gpt2" -> gpt2();
            default -> throw BadInput.in(file, "model_type \"" + type + "\" is not supported",
                    "Retort knows the generators \"llama\" and \"gpt2\"");
        };
    }

    private DecoderConfig llama() {
        expect("hidden_act", fields.string(root, "hidden_act", "silu"), "silu");
        refuse("attention_bias");
        refuse("mlp_bias");
        int dim = fields.required(root, "hidden_size"), heads = fields.required(root, "num_attention_heads");
        if (heads < 1) throw new IllegalArgumentException("num_attention_heads must be positive");
        return new DecoderConfig(DecoderFamily.LLAMA, fields.required(root, "vocab_size"), dim,
                fields.required(root, "num_hidden_layers"), heads, fields.integer(root, "num_key_value_heads", heads),
                fields.integer(root, "head_dim", dim / heads), fields.required(root, "intermediate_size"),
                fields.required(root, "max_position_embeddings"), fields.number(root, "rms_norm_eps", 1e-6), theta(),
                fields.flag(root, "tie_word_embeddings", false));
    }

    /** Transformers 5 writes {@code rope_parameters}, earlier ones {@code rope_theta} and {@code rope_scaling}. */
    private double theta() {
        JsonNode parameters = fields.object(root, "rope_parameters");
        JsonNode scaling = fields.object(root, "rope_scaling");
        for (JsonNode node : new JsonNode[]{parameters, scaling}) {
            String type = fields.string(node, "rope_type", fields.string(node, "type", "default"));
            if (!type.equals("default")) {
                throw BadInput.in(file, "rope_type \"" + type + "\" is not supported",
                        "only models without rope scaling are");
            }
        }
        return fields.number(parameters, "rope_theta", fields.number(root, "rope_theta", 10_000));
    }

    private DecoderConfig gpt2() {
        String activation = fields.string(root, "activation_function", "gelu_new");
        if (!activation.equals("gelu_pytorch_tanh")) expect("activation_function", activation, "gelu_new");
        refuse("scale_attn_by_inverse_layer_idx");
        refuse("add_cross_attention");
        if (!fields.flag(root, "scale_attn_weights", true)) {
            throw BadInput.in(file, "scale_attn_weights false is not supported", "only true is");
        }
        int dim = fields.required(root, "n_embd"), heads = fields.required(root, "n_head");
        if (heads < 1 || dim % heads != 0) {
            throw new IllegalArgumentException("n_embd " + dim + " is not a multiple of n_head " + heads);
        }
        return new DecoderConfig(DecoderFamily.GPT2, fields.required(root, "vocab_size"), dim,
                fields.required(root, "n_layer"), heads, heads, dim / heads,
                fields.integer(root, "n_inner", Math.multiplyExact(4, dim)), fields.required(root, "n_positions"),
                fields.number(root, "layer_norm_epsilon", 1e-5), 0, fields.flag(root, "tie_word_embeddings", true));
    }

    private void expect(String key, String value, String only) {
        if (!value.equals(only)) {
            throw BadInput.in(file, key + " \"" + value + "\" is not supported", "only \"" + only + "\" is");
        }
    }

    private void refuse(String flag) {
        if (fields.flag(root, flag, false)) {
            throw BadInput.in(file, flag + " true is not supported", "only models without it are");
        }
    }

    /**
     * The content of a file that reads back as the configuration, for transformers as well.
     *
     * @param floats in which the weights are stored
     */
    static byte[] write(DecoderConfig config, ElementType floats) throws JsonProcessingException {
        ObjectNode root = JSON.createObjectNode();
        switch (config.family()) {
            case LLAMA -> llama(config, root);
            case GPT2 -> gpt2(config, root);
        }
        root.put("vocab_size", config.vocabulary()).put("tie_word_embeddings", config.tied())
                .put("torch_dtype", DTYPES.get(floats));
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void llama(DecoderConfig config, ObjectNode root) {
        root.putArray("architectures").add("LlamaForCausalLM");
        root.put("model_type", "llama").put("hidden_size", config.dim()).put("num_hidden_layers", config.layers())
                .put("num_attention_heads", config.heads()).put("num_key_value_heads", config.keyValueHeads())
                .put("head_dim", config.headDim()).put("intermediate_size", config.feedForward())
                .put("max_position_embeddings", config.positions()).put("rms_norm_eps", config.normEpsilon())
                .put("rope_theta", config.ropeTheta()).put("hidden_act", "silu");
    }

    private static void gpt2(DecoderConfig config, ObjectNode root) {
        root.putArray("architectures").add("GPT2LMHeadModel");
        root.put("model_type", "gpt2").put("n_embd", config.dim()).put("n_layer", config.layers())
                .put("n_head", config.heads()).put("n_inner", config.feedForward())
                .put("n_positions", config.positions()).put("layer_norm_epsilon", config.normEpsilon())
                .put("activation_function", "gelu_new");
    }
}
