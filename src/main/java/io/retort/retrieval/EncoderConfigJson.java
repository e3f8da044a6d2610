package io.retort.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The {@code config.json} of an encoder on the Hugging Face Hub, as a family reads it. It remembers which keys were
 * read, so that settings that change what a model computes and that nobody asked for are refused by name ({@link
 * #requireNothingElse}).
 */
public final class EncoderConfigJson {
    /**
     * Keys by which models of some family say that they compute something else, with the value (as JSON) at which they do
     * not; empty where any value does. A family that reads a key decides about it itself.
     */
    private static final Map<String, String> CHANGING = new LinkedHashMap<>();

    static {
        CHANGING.put("position_embedding_type", "\"absolute\"");
        for (String key : new String[]{"is_decoder", "is_encoder_decoder", "add_cross_attention", "relative_attention",
            "attention_bias", "mlp_bias", "norm_bias", "use_qkv_bias", "qkv_bias", "use_rms_norm", "use_rotary",
            "use_alibi", "alibi", "parallel_attn", "layer_norm_after_embeddings", "moe_every_n_layers"}) {
            CHANGING.put(key, "false");
        }
        for (String key : new String[]{"embedding_size", "rope_theta", "rope_scaling", "rope_parameters",
            "rotary_emb_base", "rotary_emb_fraction", "global_rope_theta", "local_rope_theta", "layer_types",
            "local_attention", "sliding_window", "global_attn_every_n_layers", "attention_window",
            "relative_attention_num_buckets", "max_relative_positions", "position_biased_input", "pos_att_type",
            "num_hidden_groups", "inner_group_num", "num_key_value_heads", "head_dim", "hidden_activation",
            "hidden_act", "activation", "activation_function", "norm_eps", "num_experts", "num_local_experts",
            "quantization_config"}) {
            CHANGING.put(key, "");
        }
        CHANGING.put("pruned_heads", "{}");
    }

    private final ConfigFields fields;
    private final JsonNode root;
    private final Set<String> read = new HashSet<>();

    /**
     * Wraps parsed JSON.
     *
     * @param fields with the file that errors name
     */
    public EncoderConfigJson(ConfigFields fields, JsonNode root) {
        this.fields = fields;
        this.root = root;
    }

    /** Returns a setting that must be there. */
    public int required(String key) {
        read.add(key);
        return fields.required(root, key);
    }

    public int integer(String key, int absent) {
        read.add(key);
        return fields.integer(root, key, absent);
    }

    public double number(String key, double absent) {
        read.add(key);
        return fields.number(root, key, absent);
    }

    public String string(String key, String absent) {
        read.add(key);
        return fields.string(root, key, absent);
    }

    /** Returns a setting that is an object or a list; a missing node if there is none. */
    public JsonNode node(String key) {
        read.add(key);
        return root.hasNonNull(key) ? root.get(key) : root.path("");
    }

    /** Returns an object within this one; its settings that nobody reads are not checked. */
    EncoderConfigJson within(String key, JsonNode object) {
        if (!object.isObject()) throw fields.wrong(key, object, "an object");
        return new EncoderConfigJson(fields, object);
    }

    /** Returns the non-linearity that a key names. */
    public EncoderConfig.Activation activation(String key) {
        String name = string(key, "gelu");
        return EncoderConfig.Activation.ofHubName(name).orElseThrow(() -> BadInput.in(fields.file(),
                key + " \"" + name + "\" is not supported", "Retort knows " + Arrays
                        .stream(EncoderConfig.Activation.values()).flatMap(each -> each.hubNames().stream()).toList()));
    }

    /**
     * Refuses a setting that must have a certain value for the family to compute what the model does.
     *
     * @param only the value that it may have, beside not being there
     */
    public void requireOnly(String key, Object only) {
        read.add(key);
        if (root.hasNonNull(key) && !root.get(key).asText().equals(only.toString())) throw unsupported(key, only + "");
    }

    /** Refuses settings that change what a model computes, and that the family has not read. */
    public void requireNothingElse() {
        CHANGING.forEach((key, harmless) -> {
            boolean set = root.hasNonNull(key) && !read.contains(key);
            if (set && !Objects.equals(root.get(key).toString(), harmless)) throw unsupported(key, harmless);
        });
    }

    /** Returns the error that says that a setting's value is not supported. */
    BadInput unsupported(String key, String only) {
        return BadInput.in(fields.file(), key + " " + root.get(key) + " is not supported",
                only.isEmpty() ? "use a model without it" : "only " + only + " is");
    }
}
