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
import java.util.Map;

/**
 * Reads the Hugging Face Hub's {@code config.json} as fields of a decoder's configuration, for a {@link DecoderFamily}
 * to interpret.
 */
public final class DecoderConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The names that PyTorch and {@code config.json} have for element types. */
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
            return family.config(json);
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
        return fields.integer(root, key, absent);
    }

    public double number(String key, double absent) {
        return fields.number(root, key, absent);
    }

    public boolean flag(String key, boolean absent) {
        return fields.flag(root, key, absent);
    }

    public String string(String key, String absent) {
        return fields.string(root, key, absent);
    }

    /**
     * Returns the base of rotary positions, 10,000 where the file does not say. Transformers 5 writes it into {@code
     * rope_parameters}, earlier versions beside {@code rope_scaling}. A model that scales its positions is refused.
     */
    public double unscaledRopeTheta() {
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

    /** Refuses a setting unless its value is the only one that Retort supports. */
    public void expect(String key, String value, String only) {
        if (!value.equals(only)) {
            throw BadInput.in(file, key + " \"" + value + "\" is not supported", "only \"" + only + "\" is");
        }
    }

    /** Refuses a flag that contradicts {@code only}; a flag that is absent is accepted. */
    public void require(String flag, boolean only) {
        if (fields.flag(root, flag, only) != only) {
            throw BadInput.in(file, flag + " " + !only + " is not supported", "only " + only + " is");
        }
    }

    /** Refuses a flag that is set; one that is false or absent is accepted. */
    public void refuse(String flag) {
        if (fields.flag(root, flag, false)) {
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
