package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.text.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The settings of a tokenizer in the files of transformers, besides the tokens themselves: what stands around a text
 * ({@code post_processor}), which token pads, how long texts may be, and whether words are put into small letters.
 */
final class ForeignTokenizer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LARGEST = 256L << 20;
    /** The least length that counts as no limit, which transformers writes as a number larger than any text. */
    private static final double NO_LIMIT = 1e9;

    private final Path file;
    private final byte[] bytes;
    private final JsonNode root;
    private final JsonNode settings;
    private final ConfigFields fields;
    private final List<String> notes = new ArrayList<>();

    private ForeignTokenizer(Path file, byte[] bytes, JsonNode root, JsonNode settings, Path settingsFile) {
        this.file = file;
        this.bytes = bytes;
        this.root = root;
        this.settings = settings;
        this.fields = new ConfigFields(settingsFile);
    }

    /**
     * Reads the tokenizer's settings from a folder.
     *
     * @param folder with {@code tokenizer.json} and, usually, {@code tokenizer_config.json}
     * @throws BadInput if they cannot be read
     */
    static ForeignTokenizer read(Path folder) throws IOException {
        Path file = folder.resolve(ModelFolder.TOKENIZER);
        if (!Files.isRegularFile(file)) {
            throw BadInput.in(file, "there is no such file", "save the tokenizer as a fast one of transformers, whose "
                    + "save_pretrained writes tokenizer.json");
        }
        if (Files.size(file) > LARGEST) throw BadInput.in(file, "is larger than a tokenizer can be", "check the path");
        Path config = folder.resolve("tokenizer_config.json");
        JsonNode settings = Files.isRegularFile(config) ? ConfigFields.read(config) : JSON.createObjectNode();
        byte[] bytes = Files.readAllBytes(file);
        return new ForeignTokenizer(file, bytes, ConfigFields.parse(file, bytes), settings, config);
    }

    /** Returns the {@code tokenizer.json}. */
    Path file() {
        return file;
    }

    /**
     * Returns the length of the longest text that the tokenizer's makers allow, special tokens included; empty where
     * they set no limit.
     */
    OptionalInt longest() {
        double limit = fields.number(settings, "model_max_length", NO_LIMIT);
        return limit >= 1 && limit < NO_LIMIT ? OptionalInt.of((int) limit) : OptionalInt.empty();
    }

    /** Returns what a person should be told about how these files were understood. */
    List<String> notes() {
        return notes;
    }

    /** Returns whether the files say which special tokens stand around a text. */
    boolean saysFrame() {
        return root.hasNonNull("post_processor");
    }

    /**
     * Returns how these files have texts written.
     *
     * @throws BadInput if they put more around a text than one token at either end
     */
    TextFormat format(int contextTokens, int replyTokens) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        frame(root.path("post_processor"), before, after);
        if (before.size() > 1 || after.size() > 1) {
            throw BadInput.in(file, "puts " + before + " before a text and " + after + " after it",
                    "only one token at either end is supported");
        }
        String start = before.isEmpty() ? "" : before.getFirst();
        String end = after.isEmpty() ? "" : after.getFirst();
        return new TextFormat(start, end, end, padding(start, end), contextTokens, replyTokens, "", "");
    }

    private void frame(JsonNode processor, List<String> before, List<String> after) {
        if (processor.isMissingNode() || processor.isNull()) return;
        String type = processor.path("type").asText();
        switch (type) {
            case "ByteLevel" -> {
                // Moves offsets, not tokens.
            }
            case "Sequence" -> processor.path("processors").forEach(each -> frame(each, before, after));
            case "BertProcessing", "RobertaProcessing" -> {
                before.add(processor.path("cls").path(0).asText());
                after.add(processor.path("sep").path(0).asText());
            }
            case "TemplateProcessing" -> {
                List<String> side = before;
                for (JsonNode piece : processor.path("single")) {
                    if (piece.has("Sequence")) side = after;
                    else side.add(piece.path("SpecialToken").path("id").asText());
                }
            }
            default -> throw BadInput.in(file, "has the post-processor \"" + type + "\", which is not supported",
                    "only TemplateProcessing, BertProcessing and RobertaProcessing are");
        }
    }

    /**
     * Returns the padding token to write down. Padding is masked, so that any token serves, but the model's own is
     * preferred.
     */
    private String padding(String start, String end) {
        JsonNode named = settings.path("pad_token");
        String own = named.isObject() ? named.path("content").asText() : named.asText("");
        return Stream.of(own, root.path("padding").path("pad_token").asText(""), "[PAD]", "<pad>", end, start)
                .filter(token -> !token.isEmpty() && has(token)).findFirst()
                .orElseThrow(() -> BadInput.in(file, "has no token to fill batches up with",
                        "name one of its tokens as pad_token in tokenizer_config.json"));
    }

    private boolean has(String token) {
        for (JsonNode added : root.path("added_tokens")) if (added.path("content").asText().equals(token)) return true;
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isObject()) return vocabulary.has(token);
        for (JsonNode piece : vocabulary) if (piece.path(0).asText().equals(token)) return true;
        return false;
    }

    /**
     * Returns the bytes of a {@code tokenizer.json} that does alone what these files ask for together.
     *
     * @param lowerCase whether texts are put into small letters before anything else
     */
    byte[] json(boolean lowerCase) throws IOException {
        JsonNode normalizer = root.path("normalizer");
        boolean bert = normalizer.path("type").asText().equals("BertNormalizer");
        boolean lowers = bert && normalizer.path("lowercase").asBoolean(true);
        ObjectNode changed = root.deepCopy();
        // transformers' tokenizers for WordPiece set their normaliser up anew where this setting says otherwise.
        boolean asked = fields.flag(settings, "do_lower_case", lowers);
        boolean own = fields.string(settings, "tokenizer_class", "").matches("(Bert|DistilBert|MPNet)Tokenizer(Fast)?");
        if (bert && own && asked != lowers) {
            lowers = asked;
            changed.withObject("/normalizer").put("lowercase", asked);
            notes.add("do_lower_case of tokenizer_config.json is " + asked + " and replaces what tokenizer.json says");
        }
        if (lowerCase && !lowers) lowers(changed, normalizer);
        return changed.equals(root) ? bytes : JSON.writeValueAsBytes(changed);
    }

    private static void lowers(ObjectNode changed, JsonNode normalizer) {
        ArrayNode sequence = JSON.createArrayNode();
        sequence.addObject().put("type", "Lowercase");
        if (normalizer.isObject()) sequence.add(normalizer.deepCopy());
        changed.putObject("normalizer").put("type", "Sequence").set("normalizers", sequence);
    }
}
