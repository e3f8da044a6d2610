package io.retort.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

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
 * @param types {@code token_type}: by id, see {@link Vocabulary#CONTROL}; empty if the file has none, all are ordinary then
 * @param merges {@code merges}: two tokens with a space between, the most urgent first
 * @param preTokenizer {@code pre}: how text is cut before it is merged, by llama.cpp's name; {@code default} if the
 * file has none
 */
public record BpeVocabulary(List<String> tokens, int[] types, List<String> merges, String preTokenizer)
        implements
            Vocabulary {
    private static final JsonMapper MAPPER = new JsonMapper();

    public BpeVocabulary {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
    }

    /** Makes a tokenizer; also refuses a pre-tokenizer that is unknown. */
    @Override
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
        return HuggingFaceTokenizer.parse(origin, Vocabulary.bytes(origin, json), letters);
    }

    /** Writes the bytes of a {@code tokenizer.json}, without merges of tokens that the vocabulary lacks. */
    @Override
    public byte[] file(Path origin, String opening) {
        Object2IntMap<String> ids = ids(origin);
        ObjectNode json = json(origin, ids);
        ((ObjectNode) json.get("model")).set("merges", merges(origin, ids));
        if (!opening.isEmpty()) json.set("post_processor", Vocabulary.postProcessor(opening, ids.getInt(opening)));
        return Vocabulary.bytes(origin, json);
    }

    @Override
    public boolean beginsText(Path origin) {
        return rule(origin).beginsText();
    }

    private ObjectNode json(Path origin, Object2IntMap<String> ids) {
        PreTokenizer rule = rule(origin);
        ObjectNode json = MAPPER.createObjectNode().put("version", "1.0");
        json.set("added_tokens", Vocabulary.addedTokens(tokens, types));
        json.set("pre_tokenizer", rule.json());
        json.set("decoder", PreTokenizer.byteLevel());
        ObjectNode model = json.putObject("model").put("type", "BPE").put("ignore_merges", rule.wholePieces());
        ObjectNode vocabulary = model.putObject("vocab");
        ids.object2IntEntrySet().forEach(token -> vocabulary.put(token.getKey(), token.getIntValue()));
        return json;
    }

    private Object2IntMap<String> ids(Path origin) {
        return Vocabulary.ids(origin, tokens, types);
    }

    private PreTokenizer rule(Path origin) {
        try {
            return PreTokenizer.named(preTokenizer);
        } catch (BadInput e) {
            throw BadInput.in(origin, e.getMessage(), "").causedBy(e);
        }
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
            throw BadInput.in(origin, "it has " + merges.size() + " merges", Vocabulary.ANOTHER);
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
                    Vocabulary.ANOTHER);
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
