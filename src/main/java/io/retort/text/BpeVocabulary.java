package io.retort.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.ints.Int2ObjectMap;
import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.objects.Object2IntLinkedOpenHashMap;
import it.unimi.dsi.fastutil.objects.Object2IntMap;

/**
 * A byte-level BPE as a GGUF file holds it ({@code tokenizer.ggml.*} where {@code tokenizer.ggml.model} is
 * {@code gpt2}). It is run as a {@code tokenizer.json}. As there, a byte that no token stands for is left out of what
 * is encoded. What llama.cpp reads is read: tokens without text, types of more tokens than there are, merges of tokens
 * that were taken out. Immutable, if the caller leaves {@code types} alone.
 *
 * @param tokens {@code tokens}: by id, in the letters that byte-level BPE writes bytes with; each once
 * @param types {@code token_type}: by id, see {@link #CONTROL}; empty if the file has none, all are ordinary then
 * @param merges {@code merges}: two tokens with a space between, the most urgent first
 * @param preTokenizer {@code pre}: how text is cut before it is merged, by llama.cpp's name; {@code default} if the
 * file has none
 */
public record BpeVocabulary(List<String> tokens, int[] types, List<String> merges, String preTokenizer) {
    /** Type of the token for what a model does not know; text never becomes this token. */
    public static final int UNKNOWN = 2;
    /** Type of special tokens; text never becomes one of these. */
    public static final int CONTROL = 3;
    /** Type of tokens that text is searched for before anything else. */
    public static final int USER_DEFINED = 4;

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String ANOTHER = "download or convert the file again";

    public BpeVocabulary {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
    }

    /**
     * Makes a tokenizer of this vocabulary.
     *
     * @param origin where it comes from, for messages
     * @throws BadInput if it contradicts itself, or its pre-tokenizer is unknown
     */
    public HuggingFaceTokenizer tokenizer(Path origin) {
        Object2IntMap<String> ids = ids(origin);
        Object2IntMap<String> lost = lostTokens(origin, ids);
        Int2ObjectMap<int[]> letters = new Int2ObjectOpenHashMap<>();
        for (Object2IntMap.Entry<String> token : lost.object2IntEntrySet()) {
            letters.put(token.getIntValue(), token.getKey().codePoints().mapToObj(Character::toString)
                    .filter(ids::containsKey).mapToInt(ids::getInt).toArray());
        }
        ObjectNode json = json(origin, ids);
        ObjectNode model = (ObjectNode) json.get("model");
        lost.object2IntEntrySet().forEach(token -> ((ObjectNode) model.get("vocab")).put(token.getKey(),
                token.getIntValue()));
        ids.putAll(lost);
        model.set("merges", merges(origin, ids));
        return HuggingFaceTokenizer.parse(origin, bytes(origin, json), letters);
    }

    /**
     * Writes this vocabulary as the bytes of a {@code tokenizer.json}, without merges of tokens that the vocabulary
     * lacks.
     *
     * @param origin  where it comes from, for messages
     * @param opening the special token that stands before every text; empty for none
     * @throws BadInput as {@link #tokenizer}
     */
    public byte[] file(Path origin, String opening) {
        Object2IntMap<String> ids = ids(origin);
        ObjectNode json = json(origin, ids);
        ((ObjectNode) json.get("model")).set("merges", merges(origin, ids));
        if (!opening.isEmpty()) json.set("post_processor", postProcessor(opening, ids.getInt(opening)));
        return bytes(origin, json);
    }

    private static ObjectNode postProcessor(String opening, int id) {
        ObjectNode processor = MAPPER.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        single.addObject().putObject("SpecialToken").put("id", opening).put("type_id", 0);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        processor.set("pair", single.deepCopy().add(MAPPER.createObjectNode().set("Sequence",
                MAPPER.createObjectNode().put("id", "B").put("type_id", 1))));
        ObjectNode token = processor.putObject("special_tokens").putObject(opening).put("id", opening);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(opening);
        return processor;
    }

    /** Whether llama.cpp puts the begin token before every text where the file does not say. */
    public boolean beginsText(Path origin) {
        return rule(origin).beginsText();
    }

    private static byte[] bytes(Path origin, ObjectNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw BadInput.in(origin, "its vocabulary holds text that is not Unicode", ANOTHER).causedBy(e);
        }
    }

    private ObjectNode json(Path origin, Object2IntMap<String> ids) {
        PreTokenizer rule = rule(origin);
        ObjectNode json = MAPPER.createObjectNode().put("version", "1.0");
        json.set("added_tokens", addedTokens());
        json.set("pre_tokenizer", rule.json());
        json.set("decoder", PreTokenizer.byteLevel());
        ObjectNode model = json.putObject("model").put("type", "BPE").put("ignore_merges", rule.wholePieces());
        ObjectNode vocabulary = model.putObject("vocab");
        ids.object2IntEntrySet().forEach(token -> vocabulary.put(token.getKey(), token.getIntValue()));
        return json;
    }

    private Object2IntMap<String> ids(Path origin) {
        if (tokens.isEmpty() || tokens.size() > TokenizerJson.MAX_TOKENS) {
            throw BadInput.in(origin, "its vocabulary has " + tokens.size() + " tokens", ANOTHER);
        }
        if (types.length != 0 && types.length < tokens.size()) {
            throw BadInput.in(origin, "it has " + tokens.size() + " tokens, but types of " + types.length, ANOTHER);
        }
        Object2IntMap<String> ids = new Object2IntLinkedOpenHashMap<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = token(id);
            if (ids.containsKey(token)) {
                throw BadInput.in(origin, "tokens " + ids.getInt(token) + " and " + id + " are both `" + token + "`",
                        ANOTHER);
            }
            ids.put(token, id);
        }
        return ids;
    }

    /** The text of a token by its id. One without text gets the name that llama.cpp gives it, which no text becomes. */
    private String token(int id) {
        return tokens.get(id).isEmpty() ? "[EMPTY_" + id + "]" : tokens.get(id);
    }

    private PreTokenizer rule(Path origin) {
        try {
            return PreTokenizer.named(preTokenizer);
        } catch (BadInput e) {
            throw BadInput.in(origin, e.getMessage(), "").causedBy(e);
        }
    }

    private ArrayNode addedTokens() {
        ArrayNode added = MAPPER.createArrayNode();
        for (int id = 0; id < tokens.size(); id++) {
            int type = types.length == 0 ? 0 : types[id];
            // As in llama.cpp, a token whose name says that it ends a message is special, whatever the file says.
            boolean special = type == CONTROL || type == UNKNOWN || SpecialTokens.isEnd(tokens.get(id));
            if (!special && type != USER_DEFINED) continue;
            added.addObject().put("id", id).put("content", token(id)).put("special", special)
                    .put("normalized", false).put("single_word", false).put("lstrip", false).put("rstrip", false);
        }
        return added;
    }

    /** Merges whose tokens have ids; the others are left out. */
    private ArrayNode merges(Path origin, Object2IntMap<String> ids) {
        ArrayNode pairs = MAPPER.createArrayNode();
        for (int i = 0; i < merges.size(); i++) {
            Merge merge = merge(origin, i);
            if (merge.parts().allMatch(ids::containsKey)) pairs.addArray().add(merge.first()).add(merge.second());
        }
        return pairs;
    }

    /**
     * Tokens of merges that the vocabulary lacks, with ids after all others. As in llama.cpp such a merge is made, and
     * what comes of it and is no token falls apart into letters.
     */
    private Object2IntMap<String> lostTokens(Path origin, Object2IntMap<String> ids) {
        if (merges.size() > TokenizerJson.MAX_TOKENS) {
            throw BadInput.in(origin, "it has " + merges.size() + " merges", ANOTHER);
        }
        Object2IntMap<String> lost = new Object2IntLinkedOpenHashMap<>();
        for (int i = 0; i < merges.size(); i++) {
            merge(origin, i).parts().filter(token -> !ids.containsKey(token))
                    .forEach(token -> lost.putIfAbsent(token, tokens.size() + lost.size()));
        }
        return lost;
    }

    private Merge merge(Path origin, int place) {
        String merge = merges.get(place);
        int space = merge.indexOf(' ', 1);
        // Byte-level BPE writes a space as another letter.
        if (space <= 0 || space == merge.length() - 1 || merge.charAt(0) == ' ' || merge.indexOf(' ', space + 1) > 0) {
            throw BadInput.in(origin, "merge " + place + " (`" + merge + "`) is not of two tokens into a third",
                    ANOTHER);
        }
        return new Merge(merge.substring(0, space), merge.substring(space + 1));
    }

    private record Merge(String first, String second) {
        Stream<String> parts() {
            return Stream.of(first, second, first + second);
        }
    }

    /** Whether both hold the same vocabulary. */
    @Override
    public boolean equals(Object other) {
        return other instanceof BpeVocabulary that && tokens.equals(that.tokens) && Arrays.equals(types, that.types)
                && merges.equals(that.merges) && preTokenizer.equals(that.preTokenizer);
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }
}
