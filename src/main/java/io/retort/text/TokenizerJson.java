package io.retort.text;

import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.ints.Int2ObjectMap;
import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.ints.IntOpenHashSet;
import it.unimi.dsi.fastutil.ints.IntSet;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;

/**
 * A {@code tokenizer.json} made ready: its vocabulary is known to us, and the JSON handed on to the native library has
 * padding, truncation and the post-processor off (lengths and special tokens are decided by {@link InputBuilder}) and
 * no special token that could be found in text.
 *
 * <p>Special tokens are taken out of the list {@code added_tokens}, which alone is searched for in text, when the
 * model's vocabulary holds them too; the others keep their place in the list, which decides their id, under a random
 * name nobody can type. The result is that of {@code encode_special_tokens = True} of the Python library.
 */
final class TokenizerJson {
    /** Far above every tokenizer there is (Gemma has 262,144 tokens), far below where tables of that size hurt. */
    static final int MAX_TOKENS = 1 << 24;
    private static final JsonMapper MAPPER = mapper();

    private final Path file;
    private final ObjectNode root;
    private final Object2IntOpenHashMap<String> ids = new Object2IntOpenHashMap<>();
    private final IntOpenHashSet special = new IntOpenHashSet();
    private final List<String> placeholders = new ArrayList<>();
    private final List<Integer> placeholderIds = new ArrayList<>();
    private final Int2ObjectMap<String> added = new Int2ObjectOpenHashMap<>();
    private final Set<String> withSpaceBefore = new HashSet<>();
    private final Set<String> withSpaceAfter = new HashSet<>();
    private String opening = "";

    private TokenizerJson(Path file, ObjectNode root) {
        this.file = file;
        this.root = root;
        ids.defaultReturnValue(-1);
    }

    private static JsonMapper mapper() {
        var limits = StreamReadConstraints.builder().maxNestingDepth(64).maxNumberLength(100).build();
        JsonFactory factory = JsonFactory.builder().streamReadConstraints(limits)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();
        return JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    }

    static TokenizerJson parse(Path file, byte[] json) {
        if (!(read(file, json) instanceof ObjectNode root)) throw damaged(file, "not a JSON object");
        var parsed = new TokenizerJson(file, root);
        parsed.readVocabulary();
        parsed.opening = opening(root.path("post_processor"));
        parsed.hideSpecialTokens();
        parsed.check();
        // Dropout is left over from the tokenizer's training; with it the library would cut every text at random.
        if (root.path("model") instanceof ObjectNode model && model.has("dropout")) model.putNull("dropout");
        for (String setting : List.of("padding", "truncation", "post_processor")) root.putNull(setting);
        return parsed;
    }

    /** Parses the JSON; errors speak of a tokenizer to be fetched again, since nobody mends one by hand. */
    private static JsonNode read(Path file, byte[] json) {
        try {
            return JsonFile.parse(file, json);
        } catch (BadInput e) {
            String problem = e.getMessage().substring(file.toString().length());
            throw damaged(file, problem.replaceFirst("^:(\\d+): ", "line $1: ").replaceFirst("^: ", "")).causedBy(e);
        }
    }

    static BadInput damaged(Path file, String problem) {
        return BadInput.in(file, "is not a tokenizer.json (" + problem + ")", "download or convert it again");
    }

    private void readVocabulary() {
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary instanceof ObjectNode byToken) {
            byToken.properties().forEach(entry -> put(entry.getKey(), entry.getValue()));
        } else if (vocabulary instanceof ArrayNode pieces) {
            for (JsonNode piece : pieces) ids.putIfAbsent(piece.path(0).asText(), ids.size());
        } else {
            throw damaged(file, "it has no `model.vocab`");
        }
        if (ids.isEmpty() || ids.size() > MAX_TOKENS)
            throw damaged(file, "its vocabulary has " + ids.size() + " tokens");
    }

    /**
     * Refuses halves of surrogate pairs, which JSON can write and Unicode has not: read within a decoder, they would stop
     * the whole JVM inside the native library.
     */
    private void requireUnicode(JsonNode node) {
        if (node.isTextual()) requireUnicode(node.textValue());
        node.properties().forEach(entry -> requireUnicode(entry.getKey()));
        node.forEach(this::requireUnicode);
    }

    private void requireUnicode(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int type = Character.getType(text.codePointAt(i));
            if (type == Character.SURROGATE) throw damaged(file, "it holds text that is not Unicode");
        }
    }

    private void check() {
        // The vocabulary is left out: there the library itself refuses such text, and it is long.
        root.properties().forEach(part -> {
            if (!part.getKey().equals("model")) requireUnicode(part.getValue());
            requireUnicode(part.getKey());
        });
        NormalizerCheck.fault(root.path("normalizer")).ifPresent(fault -> {
            throw damaged(file, fault);
        });
        JsonNode model = root.path("model");
        String type = model.path("type").asText("");
        if (type.equals("BPE") && !model.path("continuing_subword_prefix").asText("").isEmpty()) {
            // Merges shorter than the prefix would stop the JVM inside the native library.
            throw damaged(file, "BPE with a `continuing_subword_prefix` is not supported");
        }
        // A BPE may never need the token: one that writes every byte meets nothing unknown.
        boolean needsUnknown = Set.of("WordPiece", "WordLevel", "Unigram").contains(type);
        if (needsUnknown && !ids.containsValue(unknown()))
            throw damaged(file, "its vocabulary lacks the unknown token");
    }

    private void put(String token, JsonNode id) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= MAX_TOKENS) {
            throw damaged(file, "token `" + token + "` has the id " + id);
        }
        ids.put(token, id.intValue());
    }

    private void hideSpecialTokens() {
        if (!root.hasNonNull("added_tokens")) return;
        if (!(root.get("added_tokens") instanceof ArrayNode list)) throw damaged(file, "`added_tokens` is not a list");
        ArrayNode kept = MAPPER.createArrayNode();
        for (JsonNode token : list) {
            if (!(token instanceof ObjectNode object) || !token.path("content").isTextual()) {
                throw damaged(file, "an added token without content");
            }
            String content = object.get("content").textValue();
            boolean inVocabulary = ids.containsKey(content);
            if (!inVocabulary) put(content, object.path("id"));
            boolean hidden = object.path("special").asBoolean();
            if (hidden) special.add(ids.getInt(content));
            else added.put(ids.getInt(content), content);
            if (hidden && token.path("lstrip").asBoolean()) withSpaceBefore.add(content);
            if (hidden && token.path("rstrip").asBoolean()) withSpaceAfter.add(content);
            if (hidden && !inVocabulary) disguise(object, ids.getInt(content));
            if (!hidden || !inVocabulary) kept.add(object);
        }
        root.set("added_tokens", kept);
    }

    /**
     * The special tokens that a post-processor writes before a text, one after the other: processors in a row each add
     * theirs before those of the one before.
     */
    private static String opening(JsonNode processor) {
        return switch (processor.path("type").asText("")) {
            case "Sequence" -> processor.path("processors").valueStream().map(TokenizerJson::opening)
                    .reduce("", (inner, outer) -> outer + inner);
            case "TemplateProcessing" -> opening(processor, processor.path("single"));
            case "BertProcessing", "RobertaProcessing" -> processor.path("cls").path(0).asText("");
            default -> "";
        };
    }

    private static String opening(JsonNode processor, JsonNode pieces) {
        var opening = new StringBuilder();
        for (JsonNode piece : pieces) {
            if (piece.has("Sequence")) break;
            String name = piece.path("SpecialToken").path("id").asText("");
            JsonNode tokens = processor.path("special_tokens").path(name).path("tokens");
            if (tokens.isEmpty()) opening.append(name);
            else tokens.forEach(token -> opening.append(token.asText("")));
        }
        return opening.toString();
    }

    private void disguise(ObjectNode token, int id) {
        String name = "\u0001" + UUID.randomUUID() + "\u0001";
        token.put("content", name).put("normalized", false).put("single_word", false);
        placeholders.add(name);
        placeholderIds.add(id);
    }

    /** The JSON made ready, for the native library. */
    byte[] bytes() {
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw damaged(file, "it holds text that is not Unicode").causedBy(e);
        }
    }

    Object2IntMap<String> ids() {
        return ids;
    }

    /** What makes tokens of ASCII text without the native library; empty where only the library can. */
    Optional<AsciiWordPiece> pieces() {
        return AsciiWordPiece.of(root, ids);
    }

    /** What the file's post-processor writes before a text; often nothing. */
    String opening() {
        return opening;
    }

    /** Tokens that text is searched for and that are not special, as they are written. */
    Int2ObjectMap<String> added() {
        return added;
    }

    /** Whether tokens are decoded as letters that stand for bytes. */
    boolean byteLevel() {
        return root.path("decoder").path("type").asText("").equals("ByteLevel");
    }

    /** Ids of all special tokens. */
    IntSet special() {
        return special;
    }

    /** The special tokens by name. */
    SpecialTokens specialTokens() {
        return new SpecialTokens(
                ids.object2IntEntrySet().stream().filter(entry -> special.contains(entry.getIntValue()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Object2IntMap.Entry::getIntValue)),
                withSpaceBefore, withSpaceAfter);
    }

    /**
     * Id of the token for what the model does not know; -1 if it has none. It is special, yet text may well become it.
     */
    int unknown() {
        JsonNode model = root.path("model");
        return model.path("unk_token").isTextual()
                ? ids.getInt(model.get("unk_token").textValue())
                : model.path("unk_id").asInt(-1);
    }

    /**
     * Names under which special tokens outside the model's vocabulary are hidden, to check that they kept their ids.
     */
    List<String> placeholders() {
        return placeholders;
    }

    /** The ids that the file gives to the tokens behind the {@link #placeholders}, in the same order. */
    List<Integer> placeholderIds() {
        return placeholderIds;
    }
}
