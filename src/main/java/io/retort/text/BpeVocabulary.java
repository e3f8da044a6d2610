package io.retort.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;

/**
 * A byte-level BPE as a GGUF file holds it ({@code tokenizer.ggml.*} where {@code tokenizer.ggml.model} is
 * {@code gpt2}). It is run as a {@code tokenizer.json}. As there, a byte that no token stands for is left out of what
 * is encoded. Immutable, if the caller leaves {@code types} alone.
 *
 * @param tokens {@code tokens}: by id, in the letters that byte-level BPE writes bytes with; each once
 * @param types {@code token_type}: by id, see {@link #CONTROL}; empty if the file has none, all are ordinary then
 * @param merges {@code merges}: two tokens with a space between, the most urgent first
 * @param preTokenizer {@code pre}: how text is cut before it is merged, by llama.cpp's name; {@code default} if the
 * file has none
 */
public record BpeVocabulary(List<String> tokens, int[] types, List<String> merges, String preTokenizer) {
    /** Type of the token for what a model does not know. Never comes from text. */
    public static final int UNKNOWN = 2;
    /** Type of special tokens. Never come from text. */
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
     * Makes a tokenizer of it.
     *
     * @param origin where it comes from, for messages
     * @throws BadInput if it contradicts itself, or its pre-tokenizer is unknown
     */
    public HuggingFaceTokenizer tokenizer(Path origin) {
        return HuggingFaceTokenizer.parse(origin, file(origin));
    }

    /**
     * The same as the bytes of a {@code tokenizer.json}.
     *
     * @param origin where it comes from, for messages
     * @throws BadInput as {@link #tokenizer}
     */
    public byte[] file(Path origin) {
        try {
            return MAPPER.writeValueAsBytes(json(origin));
        } catch (JsonProcessingException e) {
            throw BadInput.in(origin, "its vocabulary holds text that is not Unicode", ANOTHER).causedBy(e);
        }
    }

    private ObjectNode json(Path origin) {
        Object2IntMap<String> ids = ids(origin);
        PreTokenizer rule = rule(origin);
        ObjectNode json = MAPPER.createObjectNode().put("version", "1.0");
        json.set("added_tokens", addedTokens());
        json.set("pre_tokenizer", rule.json());
        json.set("decoder", PreTokenizer.byteLevel());
        ObjectNode model = json.putObject("model").put("type", "BPE").put("ignore_merges", rule.wholePieces());
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) vocabulary.put(tokens.get(id), id);
        model.set("merges", merges(origin, ids));
        return json;
    }

    private Object2IntMap<String> ids(Path origin) {
        if (tokens.isEmpty() || tokens.size() > TokenizerJson.MAX_TOKENS) {
            throw BadInput.in(origin, "its vocabulary has " + tokens.size() + " tokens", ANOTHER);
        }
        if (types.length != 0 && types.length != tokens.size()) {
            throw BadInput.in(origin, "it has " + tokens.size() + " tokens, but types of " + types.length, ANOTHER);
        }
        Object2IntMap<String> ids = new Object2IntOpenHashMap<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (token.isEmpty()) throw BadInput.in(origin, "token " + id + " is empty", ANOTHER);
            if (ids.containsKey(token)) {
                throw BadInput.in(origin, "tokens " + ids.getInt(token) + " and " + id + " are both `" + token + "`",
                        ANOTHER);
            }
            ids.put(token, id);
        }
        return ids;
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
        for (int id = 0; id < types.length; id++) {
            boolean special = types[id] == CONTROL || types[id] == UNKNOWN;
            if (!special && types[id] != USER_DEFINED) continue;
            added.addObject().put("id", id).put("content", tokens.get(id)).put("special", special)
                    .put("normalized", false).put("single_word", false).put("lstrip", false).put("rstrip", false);
        }
        return added;
    }

    private ArrayNode merges(Path origin, Object2IntMap<String> ids) {
        if (merges.size() > TokenizerJson.MAX_TOKENS) {
            throw BadInput.in(origin, "it has " + merges.size() + " merges", ANOTHER);
        }
        ArrayNode pairs = MAPPER.createArrayNode();
        for (int i = 0; i < merges.size(); i++) {
            String merge = merges.get(i);
            int space = merge.indexOf(' ', 1);
            boolean known = space > 0 && ids.containsKey(merge.substring(0, space))
                    && ids.containsKey(merge.substring(space + 1))
                    && ids.containsKey(merge.substring(0, space) + merge.substring(space + 1));
            if (!known) {
                throw BadInput.in(origin, "merge " + i + " (`" + merge + "`) is not of two tokens into a third",
                        ANOTHER);
            }
            pairs.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
        }
        return pairs;
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
