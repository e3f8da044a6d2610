package io.retort.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.retrieval.DenseActivation;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.EncoderConfigJson;
import io.retort.retrieval.EncoderFamilies;
import io.retort.retrieval.EncoderFamily;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.ScoringForm;
import io.retort.retrieval.ScoringForms;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.VectorHead;
import io.retort.text.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes a model's {@code config.json}. The encoder has the keys of the Hugging Face Hub, the rest is in an
 * object {@code "retort"}. Without that object the model is a tied bi-encoder with mean pooling and cosine similarity,
 * as sentence-transformers would use it.
 */
public final class ModelConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final ScoringForms forms;
    private final ConfigFields fields;

    private ModelConfigJson(Path file, ScoringForms forms) {
        this.file = file;
        this.forms = forms;
        this.fields = new ConfigFields(file);
    }

    /**
     * Reads the configuration of a model that scores by one of the known forms.
     *
     * @throws BadInput if the file is missing, is not JSON or describes a model that Retort does not know
     */
    public static ModelConfig read(Path file) throws IOException {
        return read(file, ScoringForms.KNOWN);
    }

    /**
     * Reads the configuration of a model that scores by one of the given forms.
     *
     * @throws BadInput if the file is missing, is not JSON or describes a model that Retort does not know, or a form
     *     that is none of these
     */
    static ModelConfig read(Path file, ScoringForms forms) throws IOException {
        return parse(ConfigFields.read(file), file, forms);
    }

    /** Returns whether a configuration is that of an encoder whose family is read here. */
    static boolean isOfKnownFamily(JsonNode root) {
        return EncoderFamilies.ofModelType(root.path("model_type").asText("bert")).isPresent();
    }

    /**
     * Reads the configuration of a model that scores by one of the known forms, from parsed JSON.
     *
     * @param file the file to name in error messages
     */
    public static ModelConfig parse(JsonNode root, Path file) {
        return parse(root, file, ScoringForms.KNOWN);
    }

    /**
     * Reads the configuration of a model that scores by one of the given forms, from parsed JSON.
     *
     * @param file the file to name in error messages
     * @param forms the scoring forms that the model may have
     */
    static ModelConfig parse(JsonNode root, Path file, ScoringForms forms) {
        if (root == null || !root.isObject())
            throw BadInput.in(file, "does not hold a JSON object", "mend or replace the file");
        return new ModelConfigJson(file, forms).model(root);
    }

    private ModelConfig model(JsonNode root) {
        JsonNode own = fields.object(root, "retort");
        try {
            ScoringForm form = form(own);
            Similarity similarity = choice(own, "similarity", Similarity.class, form.usualSimilarity());
            EncoderConfig encoder = encoder(root);
            return new ModelConfig(form, encoder, fields.flag(own, "tied", true), head(own, similarity), similarity,
                    fields.number(own, "output_scaling", 1), text(fields.object(own, "text"), encoder));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "mend the configuration");
        }
    }

    private ScoringForm form(JsonNode own) {
        String name = fields.string(own, "kind", DotScoring.KIND.name());
        ScoringForm.Kind kind = forms.byName(name).orElseThrow(() -> unknown("kind", name, forms.names()));
        return kind.read().apply(new ScoringForm.Settings(fields, own));
    }

    private VectorHead head(JsonNode own, Similarity similarity) {
        List<Pooling> poolings = new ArrayList<>();
        if (own.path("pooling") instanceof ArrayNode several) {
            for (JsonNode one : several) poolings.add(choice("pooling", one.asText(), Pooling.class));
        } else {
            poolings.add(choice(own, "pooling", Pooling.class, Pooling.MEAN));
        }
        List<VectorHead.Layer> layers = new ArrayList<>();
        JsonNode listed = own.path("layers");
        if (!listed.isMissingNode() && !listed.isArray()) throw fields.wrong("layers", listed, "an array");
        for (JsonNode layer : listed) layers.add(layer(layer));
        return new VectorHead(poolings, layers, fields.flag(own, "normalize", similarity == Similarity.COSINE));
    }

    private VectorHead.Layer layer(JsonNode layer) {
        String type = fields.string(layer, "type", "");
        return switch (type) {
            case "dense" -> new VectorHead.Dense(fields.required(layer, "in"), fields.required(layer, "out"),
                    fields.flag(layer, "bias", true),
                    choice(layer, "activation", DenseActivation.class, DenseActivation.IDENTITY));
            case "normalize" -> new VectorHead.Normalize();
            default -> throw BadInput.in(file, "layer \"" + type + "\" is not known", "use dense or normalize");
        };
    }

    private EncoderConfig encoder(JsonNode root) {
        String type = fields.string(root, "model_type", "bert");
        EncoderFamily family = EncoderFamilies.ofModelType(type).orElseThrow(() -> BadInput.in(file, "model_type \""
                + type + "\" is not supported", "Retort reads " + EncoderFamilies.modelTypes()));
        EncoderConfigJson json = new EncoderConfigJson(fields, root);
        EncoderConfig config = family.config(json);
        json.requireNothingElse();
        return config;
    }

    private TextFormat text(JsonNode own, EncoderConfig encoder) {
        TextFormat usual = encoder.family().usualText();
        try {
            return new TextFormat(fields.string(own, "start_token", usual.startToken()),
                    fields.string(own, "end_token", usual.endToken()),
                    fields.string(own, "turn_separator", usual.turnSeparator()),
                    fields.string(own, "pad_token", usual.padToken()),
                    fields.integer(own, "max_context_tokens", Math.min(usual.maxContextTokens(), encoder.maxTokens())),
                    fields.integer(own, "max_reply_tokens", Math.min(usual.maxReplyTokens(), encoder.maxTokens())),
                    fields.string(own, "context_prefix", ""), fields.string(own, "reply_prefix", ""));
        } catch (BadInput e) {
            if (e.getMessage().startsWith(file.toString())) throw e;
            throw BadInput.in(file, e.getMessage(), "").causedBy(e);
        }
    }

    /** Returns the bytes of a {@code config.json} that {@link #read} reads back as an equal configuration. */
    public static byte[] write(ModelConfig config) throws IOException {
        EncoderConfig encoder = config.encoder();
        ObjectNode root = JSON.createObjectNode();
        encoder.family().json(encoder).forEach((key, value) -> root.set(key, node(value)));
        ObjectNode own = root.putObject("retort");
        own.put("kind", config.form().kind().name()).put("tied", config.tied());
        VectorHead head = config.head();
        // One pooling is a string, as it always was: fingerprints of older models stay.
        if (head.poolings().size() == 1) own.put("pooling", lower(head.poolings().getFirst()));
        else head.poolings().forEach(pooling -> own.withArray("pooling").add(lower(pooling)));
        own.put("similarity", lower(config.similarity())).put("output_scaling", config.outputScaling());
        putSettings(config.form(), own);
        for (VectorHead.Layer layer : head.layers()) {
            ObjectNode object = own.withArray("layers").addObject();
            switch (layer) {
                case VectorHead.Dense dense -> object.put("type", "dense").put("in", dense.in()).put("out", dense.out())
                        .put("bias", dense.bias()).put("activation", lower(dense.activation()));
                case VectorHead.Normalize _ -> object.put("type", "normalize");
            }
        }
        if (head.normalized() != (config.similarity() == Similarity.COSINE)) own.put("normalize", head.normalized());
        TextFormat text = config.text();
        own.putObject("text").put("start_token", text.startToken()).put("end_token", text.endToken())
                .put("turn_separator", text.turnSeparator()).put("pad_token", text.padToken())
                .put("max_context_tokens", text.maxContextTokens()).put("max_reply_tokens", text.maxReplyTokens())
                .put("context_prefix", text.contextPrefix()).put("reply_prefix", text.replyPrefix());
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(json).setPrettyPrinter(new DefaultPrettyPrinter())) {
            root.serialize(generator, JSON.getSerializerProviderInstance()); // the mapper itself looks at classes first
        }
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The JSON of a setting, which is mostly a number or a word, of which the mapper need not be asked. */
    private static JsonNode node(Object value) {
        if (value instanceof String text) return TextNode.valueOf(text);
        if (value instanceof Integer number) return IntNode.valueOf(number);
        if (value instanceof Double number) return DoubleNode.valueOf(number);
        if (value instanceof Boolean flag) return BooleanNode.valueOf(flag);
        return JSON.valueToTree(value);
    }

    /**
     * Writes the form's settings. Every model has the key {@code codes}, 0 for most, since fingerprints are hashes of
     * what is written here and must stay.
     */
    private static void putSettings(ScoringForm form, ObjectNode own) {
        Map<String, Object> settings = new TreeMap<>(form.settings());
        own.set("codes", node(settings.getOrDefault("codes", 0)));
        settings.remove("codes");
        settings.forEach((key, value) -> {
            if (own.has(key) || List.of("text", "layers", "normalize").contains(key)) {
                throw new IllegalArgumentException("form: its setting " + key + " has a name that the model has");
            }
            own.set(key, node(value));
        });
    }

    private <E extends Enum<E>> E choice(JsonNode node, String key, Class<E> type, E absent) {
        return choice(key, fields.string(node, key, lower(absent)), type);
    }

    private <E extends Enum<E>> E choice(String key, String value, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (lower(constant).equals(value)) return constant;
        }
        throw unknown(key, value, Arrays.stream(type.getEnumConstants()).map(ModelConfigJson::lower).toList());
    }

    private BadInput unknown(String key, String value, List<String> known) {
        return BadInput.in(file, key + " \"" + value + "\" is not known", "use one of " + known);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
