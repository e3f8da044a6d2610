package io.retort.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;

/** A decoder's configuration out of the Hugging Face Hub's {@code config.json}. What would compute otherwise is refused. */
final class DecoderConfigJson {
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
}
