package io.retort.lm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the Hugging Face Hub's {@code config.json} as fields of a decoder's configuration, for a {@link DecoderFamily}
 * to interpret.
 */
public final class DecoderConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The names that PyTorch and {@code config.json} have for element types. */
    private static final Map<ElementType, String> DTYPES = Map.of(ElementType.F32, "float32", ElementType.BF16,
            "bfloat16", ElementType.F16, "float16");

    /** The kind of layers that see all of the text before them. */
    static final String FULL_ATTENTION = "full_attention";
    private static final String ORIGINAL = "original_max_position_embeddings";
    /** Keys that change what a model computes; a family that does not read one refuses models that set it. */
    private static final List<String> CHANGING = List.of("attention_bias", "attention_multiplier",
            "attn_logit_softcapping", "clip_qkv", "embedding_multiplier", "final_logit_softcapping", "layer_types",
            "logits_scaling", "mlp_bias", "no_rope_layers", "num_local_experts", "partial_rotary_factor",
            "query_pre_attn_scalar", "quantization_config", "residual_multiplier", "rope_scaling", "sliding_window",
            "use_bidirectional_attention", "use_qk_norm");

    private final Path file;
    private final ConfigFields fields;
    private final Set<String> read = new HashSet<>();
    private final JsonNode root;

    private DecoderConfigJson(Path file, JsonNode root) {
        this.file = file;
        this.fields = new ConfigFields(file);
        this.root = root;
    }

    /**
     * Reads the configuration of a model of one of the families from a file.
     *
     * @throws BadInput if the file is missing, is not JSON or describes a model of none of the families
     */
    static DecoderConfig read(Path file, DecoderFamilies families) throws IOException {
        return parse(file, ConfigFields.read(file), families);
    }

    /**
     * Reads the configuration of a model of one of the families from parsed JSON.
     *
     * @param file the file to name in error messages
     */
    static DecoderConfig parse(Path file, JsonNode root, DecoderFamilies families) {
        if (root == null || !root.isObject()) {
            throw BadInput.in(file, "does not hold a JSON object", "mend or replace the file");
        }
        DecoderConfigJson json = new DecoderConfigJson(file, root);
        String type = json.string("model_type", "");
        DecoderFamily family = families.byName(type).orElseThrow(() -> BadInput.in(file,
                "model_type \"" + type + "\" is not supported", families.remedy()));
        try {
            DecoderConfig config = family.config(json);
            json.refuseUnread();
            return config;
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "mend the configuration").causedBy(e);
        }
    }

    /**
     * Returns an integer that the file must have.
     *
     * @throws BadInput if there is none
     */
    public int required(String key) {
        read.add(key);
        return fields.required(root, key);
    }

    /**
     * Returns an integer that the file must have and that must be positive.
     *
     * @throws BadInput if there is none
     * @throws IllegalArgumentException if it is not positive
     */
    public int positive(String key) {
        int value = required(key);
        if (value < 1) throw new IllegalArgumentException(key + " must be positive");
        return value;
    }

    public int integer(String key, int absent) {
        read.add(key);
        return fields.integer(root, key, absent);
    }

    public double number(String key, double absent) {
        read.add(key);
        return fields.number(root, key, absent);
    }

    public boolean flag(String key, boolean absent) {
        read.add(key);
        return fields.flag(root, key, absent);
    }

    public String string(String key, String absent) {
        read.add(key);
        return fields.string(root, key, absent);
    }

    /**
     * Returns how positions turn queries and keys. Transformers 5 writes it into {@code rope_parameters}, for each kind
     * of layer if these differ, and earlier versions beside {@code rope_scaling}.
     *
     * @param kind        of layers, such as {@code full_attention}
     * @param absentTheta base where the file does not say
     * @param positions   the longest text in tokens, which LongRoPE's factors depend on
     * @throws BadInput for a scaling that Retort does not know, which it names
     */
    public Rope rope(String kind, double absentTheta, int positions) {
        read.addAll(List.of("rope_parameters", "rope_scaling", "rope_theta", "partial_rotary_factor"));
        JsonNode parameters = fields.object(root, "rope_parameters");
        if (parameters.path(kind).isObject()) parameters = parameters.get(kind);
        JsonNode scaling = fields.object(root, "rope_scaling");
        double theta = fields.number(parameters, "rope_theta", fields.number(root, "rope_theta", absentTheta));
        double turned = fields.number(parameters, "partial_rotary_factor",
                fields.number(root, "partial_rotary_factor", 1));
        RotaryScaling found = scaling(parameters, positions);
        return new Rope(theta, turned, found == RotaryScaling.NONE ? scaling(scaling, positions) : found);
    }

    /**
     * Returns how positions turn queries and keys in layers of one kind, where the file says so for this kind alone.
     *
     * @throws BadInput for a scaling that Retort does not know, which it names
     */
    public Optional<Rope> ropeOf(String kind, int positions) {
        return fields.object(root, "rope_parameters").path(kind).isObject()
                ? Optional.of(rope(kind, 10_000, positions))
                : Optional.empty();
    }

    /** Returns whether the file has a field at all, be it null. */
    public boolean says(String key) {
        return root.has(key);
    }

    /**
     * How positions turn queries and keys.
     *
     * @param theta  base of the frequencies
     * @param turned share of a head's dimensions that is turned
     */
    public record Rope(double theta, double turned, RotaryScaling scaling) {
        /** Returns how many dimensions of a head are turned. */
        public int turned(int headDim) {
            return (int) (headDim * turned);
        }
    }

    private RotaryScaling scaling(JsonNode node, int positions) {
        String type = fields.string(node, "rope_type", fields.string(node, "type", "default"));
        int original = fields.integer(node, ORIGINAL, fields.integer(root, ORIGINAL, positions));
        return switch (type) {
            case "default" -> RotaryScaling.NONE;
            case "linear" -> new RotaryScaling.Linear(number(node, "factor"));
            case "llama3" -> new RotaryScaling.Llama3(number(node, "factor"), number(node, "low_freq_factor"),
                    number(node, "high_freq_factor"), fields.required(node, ORIGINAL));
            case "longrope", "su" -> new RotaryScaling.Each(floats(node, "short_factor"), floats(node, "long_factor"),
                    original, amplitude(node, positions, original));
            default -> throw BadInput.in(file, "rope_type \"" + type + "\" is not supported",
                    "known are default, linear, llama3 and longrope");
        };
    }

    /** LongRoPE's factor of the turned coordinates, {@code √(1 + ln(stretch) / ln(original))} if the file has none. */
    private double amplitude(JsonNode node, int positions, int original) {
        double stretch = (double) positions / original;
        double usual = stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(original));
        return fields.number(node, "attention_factor", usual);
    }

    private double number(JsonNode node, String key) {
        if (!node.hasNonNull(key)) {
            throw BadInput.in(file, "lacks \"" + key + "\" of its rope_type", "take the config.json of the weights");
        }
        return fields.number(node, key, 0);
    }

    private List<Float> floats(JsonNode node, String key) {
        List<Float> floats = new ArrayList<>();
        for (JsonNode each : node.path(key)) {
            if (!each.isNumber()) throw fields.wrong(key, each, "a number");
            floats.add(each.floatValue());
        }
        if (floats.isEmpty()) throw fields.wrong(key, node.path(key), "a list of numbers");
        return floats;
    }

    /** Returns a list of strings; empty where the file has none. */
    public List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        for (JsonNode each : list(key)) {
            if (!each.isTextual()) throw fields.wrong(key, each, "a string");
            strings.add(each.textValue());
        }
        return strings;
    }

    /** Returns a list of whole numbers; empty where the file has none. */
    public List<Integer> integers(String key) {
        List<Integer> integers = new ArrayList<>();
        for (JsonNode each : list(key)) {
            if (!each.canConvertToInt()) throw fields.wrong(key, each, "a whole number");
            integers.add(each.intValue());
        }
        return integers;
    }

    private JsonNode list(String key) {
        read.add(key);
        JsonNode value = root.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isArray()) throw fields.wrong(key, value, "a list");
        return value;
    }

    /** Refuses a model with a setting that its family knows nothing of, unless the setting says that there is nothing. */
    private void refuseUnread() {
        for (String key : CHANGING) {
            JsonNode value = root.path(key);
            if (!read.contains(key) && !isNeutral(value)) {
                throw unsupported(key, value.toString());
            }
        }
    }

    /** Whether a setting says that there is nothing special: off, a factor of one, or layers all of the plain kind. */
    private static boolean isNeutral(JsonNode value) {
        if (value.isArray()) {
            for (JsonNode each : value) if (!each.asText().equals(FULL_ATTENTION)) return false;
            return true;
        }
        return value.isMissingNode() || value.isNull() || value.isBoolean() && !value.booleanValue()
                || value.isNumber() && (value.doubleValue() == 0 || value.doubleValue() == 1)
                || value.isObject() && value.isEmpty();
    }

    /** Makes the refusal, for the caller to throw, of a key whose value changes what the model computes. */
    public BadInput unsupported(String key, String value) {
        return BadInput.in(file, key + " " + value + " is not supported", "only models without it are");
    }

    /** Refuses a setting unless its value is the only one that Retort supports. */
    public void expect(String key, String value, String only) {
        if (!value.equals(only)) {
            throw BadInput.in(file, key + " \"" + value + "\" is not supported", "only \"" + only + "\" is");
        }
    }

    /** Refuses a flag that contradicts {@code only}; a flag that is absent is accepted. */
    public void require(String flag, boolean only) {
        if (flag(flag, only) != only) {
            throw BadInput.in(file, flag + " " + !only + " is not supported", "only " + only + " is");
        }
    }

    /** Refuses a flag that is set; one that is false or absent is accepted. */
    public void refuse(String flag) {
        if (flag(flag, false)) {
            throw BadInput.in(file, flag + " true is not supported", "only models without it are");
        }
    }

    /**
     * Returns the bytes of a {@code config.json} that reads back as the same configuration, here and in transformers.
     *
     * @param floats in which the weights are stored
     */
    static byte[] write(DecoderConfig config, ElementType floats) throws JsonProcessingException {
        ObjectNode root = JSON.valueToTree(config.family().json(config));
        root.put("vocab_size", config.vocabulary()).put("tie_word_embeddings", config.tied())
                .put("torch_dtype", DTYPES.get(floats));
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
