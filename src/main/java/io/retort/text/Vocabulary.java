package io.retort.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.objects.Object2IntLinkedOpenHashMap;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import java.nio.file.Path;
import java.util.List;

/**
 * A tokenizer's vocabulary as a GGUF file holds it ({@code tokenizer.ggml.*}), which is run as a {@code tokenizer.json}.
 * Immutable, if callers leave the arrays of types and scores alone.
 */
public sealed interface Vocabulary permits BpeVocabulary, SentencePieceVocabulary {
    /** Type of the token for what a model does not know; text never becomes this token. */
    int UNKNOWN = 2;
    /** Type of special tokens; text never becomes one of these. */
    int CONTROL = 3;
    /** Type of tokens that text is searched for before anything else. */
    int USER_DEFINED = 4;
    /** The remedy for a vocabulary that contradicts itself. */
    String ANOTHER = "download or convert the file again";

    /**
     * Makes a tokenizer of this vocabulary.
     *
     * @param origin where it comes from, for messages
     * @throws BadInput if it contradicts itself
     */
    HuggingFaceTokenizer tokenizer(Path origin);

    /**
     * Writes this vocabulary as the bytes of a {@code tokenizer.json}.
     *
     * @param origin  where it comes from, for messages
     * @param opening the special token that stands before every text; empty for none
     * @throws BadInput as {@link #tokenizer}
     */
    byte[] file(Path origin, String opening);

    /** Whether llama.cpp puts the begin token before every text where the file does not say. */
    boolean beginsText(Path origin);

    /**
     * The ids of tokens by their texts. A token without text gets the name that llama.cpp gives it, which no text
     * becomes.
     *
     * @throws BadInput if there are none or too many, two of one text, or types of fewer tokens
     */
    static Object2IntMap<String> ids(Path origin, List<String> tokens, int[] types) {
        if (tokens.isEmpty() || tokens.size() > TokenizerJson.MAX_TOKENS) {
            throw BadInput.in(origin, "its vocabulary has " + tokens.size() + " tokens", ANOTHER);
        }
        if (types.length != 0 && types.length < tokens.size()) {
            throw BadInput.in(origin, "it has " + tokens.size() + " tokens, but types of " + types.length, ANOTHER);
        }
        Object2IntMap<String> ids = new Object2IntLinkedOpenHashMap<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = text(tokens, id);
            if (ids.containsKey(token)) {
                throw BadInput.in(origin, "tokens " + ids.getInt(token) + " and " + id + " are both `" + token + "`",
                        ANOTHER);
            }
            ids.put(token, id);
        }
        return ids;
    }

    private static String text(List<String> tokens, int id) {
        return tokens.get(id).isEmpty() ? "[EMPTY_" + id + "]" : tokens.get(id);
    }

    /** The tokens that are special, and those that text is searched for, as {@code tokenizer.json} lists them. */
    static ArrayNode addedTokens(List<String> tokens, int[] types) {
        ArrayNode added = JsonNodeFactory.instance.arrayNode();
        for (int id = 0; id < tokens.size(); id++) {
            int type = types.length == 0 ? 0 : types[id];
            // As in llama.cpp, a token whose name says that it ends a message is special, whatever the file says.
            boolean special = type == CONTROL || type == UNKNOWN || SpecialTokens.isEnd(tokens.get(id));
            if (!special && type != USER_DEFINED) continue;
            added.addObject().put("id", id).put("content", text(tokens, id)).put("special", special)
                    .put("normalized", false).put("single_word", false).put("lstrip", false).put("rstrip", false);
        }
        return added;
    }

    /** The {@code post_processor} that puts a special token before every text. */
    static ObjectNode postProcessor(String opening, int id) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ObjectNode processor = nodes.objectNode().put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        single.addObject().putObject("SpecialToken").put("id", opening).put("type_id", 0);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        processor.set("pair", single.deepCopy().add(nodes.objectNode().set("Sequence",
                nodes.objectNode().put("id", "B").put("type_id", 1))));
        ObjectNode token = processor.putObject("special_tokens").putObject(opening).put("id", opening);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(opening);
        return processor;
    }

    /** The bytes of a {@code tokenizer.json}. */
    static byte[] bytes(Path origin, ObjectNode json) {
        try {
            return new JsonMapper().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw BadInput.in(origin, "its vocabulary holds text that is not Unicode", ANOTHER).causedBy(e);
        }
    }
}
