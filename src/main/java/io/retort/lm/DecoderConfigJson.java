package io.retort.lm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
    /** Those keys of which a value of one changes nothing. */
    private static final Set<String> FACTORS = Set.of("attention_multiplier", "embedding_multiplier", "logits_scaling",
            "num_local_experts", "partial_rotary_factor", "residual_multiplier");

    private final Path file;
    private final ConfigFields fields;
    private final Set<String> read = new HashSet<>();
    private final Set<String> kinds = new HashSet<>(); // of layers whose rotation was read
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

    /** Returns how many layers the model has, checked, so that lists of that length may be made. */
    public int layers() {
        return DecoderConfig.requireLayers(required("num_hidden_layers"));
    }

    public int integer(String key, int absent) {
        read.add(key);
        return fields.integer(root, key, absent);
    }

    /**
     * Returns a whole number that a file may leave out or give as null, and the two differ.
     *
     * @param absent where the file does not have the key
     * @return 0 for null
     */
    public int integerOrNone(String key, int absent) {
        return integer(key, root.has(key) ? 0 : absent);
    }

    public double number(String key, double absent) {
        read.add(key);
        return fields.number(root, key, absent);
    }

    /**
     * Returns the id of a token that says how a model generates: of {@code generation_config.json} beside this file,
     * where transformers looks first, or of this file; empty where neither has it.
     */
    public OptionalInt ofGeneration(String key) {
        read.add(key);
        Path beside = file.resolveSibling("generation_config.json");
        JsonNode from = root;
        if (Files.isRegularFile(beside)) {
            try {
                JsonNode generation = ConfigFields.read(beside);
                if (generation.hasNonNull(key)) from = generation;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return from.hasNonNull(key) ? OptionalInt.of(fields.required(from, key)) : OptionalInt.empty();
    }

    /** Returns a number that a file may leave out or give as null, which counts as 0. */
    public double numberOrNone(String key, double absent) {
        return number(key, root.has(key) ? 0 : absent);
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
     * Returns how positions turn queries and keys in layers that see all of the text. Transformers 5 writes it into {@code
     * rope_parameters}, for each kind of layer if these differ, and earlier versions beside {@code rope_scaling}, which
     * comes first where a file has both.
     *
     * @param absentTheta base where the file does not say
     * @param lengths     on which a scaling may depend
     * @throws BadInput for a scaling that Retort does not know, which it names
     */
    public Rope rope(double absentTheta, Lengths lengths) {
        read.addAll(List.of("rope_parameters", "rope_scaling", "rope_theta", "partial_rotary_factor"));
        kinds.add(FULL_ATTENTION);
        JsonNode parameters = fields.object(root, "rope_parameters");
        if (parameters.path(FULL_ATTENTION).isObject()) parameters = parameters.get(FULL_ATTENTION);
        JsonNode scaling = fields.object(root, "rope_scaling");
        return new Rope(among(scaling, parameters, "rope_theta", absentTheta),
                among(scaling, parameters, "partial_rotary_factor", 1),
                scaling(scaling.isEmpty() ? parameters : scaling, lengths));
    }

    private double among(JsonNode scaling, JsonNode parameters, String key, double absent) {
        return fields.number(scaling, key, fields.number(parameters, key, fields.number(root, key, absent)));
    }

    /**
     * The lengths of texts that scalings of rotation depend on.
     *
     * @param longest  in tokens
     * @param original those that the model was first trained on, where the file does not say, for each kind of scaling
     * @param yarn     the kind of scaling that the family calls {@code yarn}
     */
    public record Lengths(int longest, int original, String yarn) {
        /** Lengths of a family that has no original length of its own. */
        public static Lengths upTo(int longest) {
            return new Lengths(longest, 0, "yarn");
        }
    }

    /**
     * Returns how positions turn queries and keys in layers of one kind, where the file says so for this kind alone.
     *
     * @throws BadInput for a scaling that Retort does not know, which it names
     */
    public Optional<Rope> ropeOf(String kind, double absentTheta, Lengths lengths) {
        kinds.add(kind);
        JsonNode own = fields.object(root, "rope_parameters").path(kind);
        return own.isObject()
                ? Optional.of(new Rope(fields.number(own, "rope_theta", absentTheta),
                        fields.number(own, "partial_rotary_factor", 1), scaling(own, lengths)))
                : Optional.empty();
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

    private RotaryScaling scaling(JsonNode node, Lengths lengths) {
        String type = fields.string(node, "rope_type", fields.string(node, "type", "default"));
        // The field beside comes before the one within, as in transformers, and a family's own length before that.
        int original = fields.integer(root, ORIGINAL, lengths.original > 0
                ? lengths.original
                : fields.integer(node, ORIGINAL, lengths.longest));
        return switch (type.equals("yarn") ? lengths.yarn : type) {
            case "default" -> RotaryScaling.NONE;
            case "linear" -> new RotaryScaling.Linear(number(node, "factor"));
            case "dynamic" -> new RotaryScaling.Dynamic(number(node, "factor"));
            case "llama3" -> new RotaryScaling.Llama3(number(node, "factor"), number(node, "low_freq_factor"),
                    number(node, "high_freq_factor"), original);
            case "longrope", "su" -> new RotaryScaling.Each(floats(node, "short_factor"), floats(node, "long_factor"),
                    original, amplitude(node, lengths.longest, original));
            case "yarn" -> yarn(node, lengths.longest, original);
            default -> throw BadInput.in(file, "rope_type \"" + type + "\" is not supported",
                    "known are default, linear, dynamic, llama3, longrope and yarn");
        };
    }

    private RotaryScaling yarn(JsonNode node, int longest, int original) {
        // A factor of null, not one that is missing, is the ratio of the two lengths.
        double factor = node.path("factor").isNull() ? (double) longest / original : number(node, "factor");
        double one = fields.number(node, "mscale", 0), all = fields.number(node, "mscale_all_dim", 0);
        double usual = one == 0 || all == 0
                ? RotaryScaling.Yarn.amplitude(factor, 1)
                : RotaryScaling.Yarn.amplitude(factor, one) / RotaryScaling.Yarn.amplitude(factor, all);
        double fast = fields.number(node, "beta_fast", 0), slow = fields.number(node, "beta_slow", 0);
        return new RotaryScaling.Yarn(factor, fast == 0 ? RotaryScaling.Yarn.FAST : fast,
                slow == 0 ? RotaryScaling.Yarn.SLOW : slow, original, fields.flag(node, "truncate", true),
                fields.number(node, "attention_factor", usual));
    }

    /**
     * LongRoPE's factor of the turned coordinates, {@code √(1 + ln(stretch) / ln(original))} if the file has none; the
     * stretch is the file's factor, or the ratio of the two lengths.
     */
    private double amplitude(JsonNode node, int longest, int original) {
        double stretch = fields.number(node, "factor", (double) longest / original);
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
            if (!read.contains(key) && !isNeutral(key, value)) {
                throw unsupported(key, value.toString());
            }
        }
        refuseOtherRotations();
    }

    /** Refuses a rotation that only some kind of layers has, unless the family asked for it or it is like the usual one. */
    private void refuseOtherRotations() {
        JsonNode parameters = root.path("rope_parameters");
        parameters.properties().forEach(kind -> {
            boolean other = kind.getValue().isObject() && !kinds.contains(kind.getKey())
                    && !kind.getValue().equals(parameters.path(FULL_ATTENTION));
            if (other) throw unsupported("rope_parameters of " + kind.getKey(), kind.getValue().toString());
        });
    }

    /** Whether a setting says that there is nothing special: off, a factor of one, or layers all of the plain kind. */
    private static boolean isNeutral(String key, JsonNode value) {
        if (value.isArray()) {
            for (JsonNode each : value) if (!each.asText().equals(FULL_ATTENTION)) return false;
            return true;
        }
        return value.isMissingNode() || value.isNull() || value.isBoolean() && !value.booleanValue()
                || value.isNumber() && (value.doubleValue() == 0 || value.doubleValue() == 1 && FACTORS.contains(key))
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
