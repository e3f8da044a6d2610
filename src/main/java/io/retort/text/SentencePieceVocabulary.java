package io.retort.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A BPE of SentencePiece as a GGUF file holds it ({@code tokenizer.ggml.model} is {@code llama}): pieces with scores, of
 * which the two neighbours that make the piece of the highest score are joined first; a space is written {@code ▁}, and
 * what no piece stands for becomes bytes. It is run as the merges that transformers makes of such scores.
 *
 * @param tokens      {@code tokens}: pieces by id, each once
 * @param types       {@code token_type}: by id, see {@link Vocabulary#CONTROL}
 * @param scores      {@code scores}: by id; a piece of a higher score is made first
 * @param spacePrefix whether a space is put before text that begins or follows a special token
 */
public record SentencePieceVocabulary(List<String> tokens, int[] types, float[] scores, boolean spacePrefix)
        implements
            Vocabulary {
    /** Type of ordinary pieces. */
    private static final int NORMAL = 1;
    /** Type of pieces that text never becomes, though they have a place. */
    private static final int UNUSED = 5;
    private static final String SPACE = "▁";
    /** The most merges of a vocabulary, far above those of the largest. */
    private static final int MOST_MERGES = 1 << 23;
    /** The longest piece; all its cuts are tried, which takes the square of its length. */
    private static final int LONGEST_PIECE = 1 << 11;

    public SentencePieceVocabulary {
        tokens = List.copyOf(tokens);
    }

    @Override
    public HuggingFaceTokenizer tokenizer(Path origin) {
        return HuggingFaceTokenizer.parse(origin, Vocabulary.bytes(origin, json(origin)));
    }

    @Override
    public byte[] file(Path origin, String opening) {
        ObjectNode json = json(origin);
        if (!opening.isEmpty()) {
            json.set("post_processor", Vocabulary.postProcessor(opening, tokens.indexOf(opening)));
        }
        return Vocabulary.bytes(origin, json);
    }

    /** As in llama.cpp, which puts it before every text of this kind of vocabulary. */
    @Override
    public boolean beginsText(Path origin) {
        return true;
    }

    private ObjectNode json(Path origin) {
        if (scores.length < tokens.size()) {
            throw BadInput.in(origin, "it has " + tokens.size() + " tokens, but scores of " + scores.length, ANOTHER);
        }
        Object2IntMap<String> ids = Vocabulary.ids(origin, tokens, types);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        json.set("added_tokens", Vocabulary.addedTokens(tokens, types));
        ArrayNode normalizers = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (spacePrefix) normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
        normalizers.add(replace(" ", SPACE));
        json.set("decoder", decoder());
        ObjectNode model = json.putObject("model").put("type", "BPE").put("byte_fallback", true).put("fuse_unk", true);
        String unknown = unknown();
        if (unknown != null) model.put("unk_token", unknown);
        ObjectNode vocabulary = model.putObject("vocab");
        ids.object2IntEntrySet().forEach(token -> vocabulary.put(token.getKey(), token.getIntValue()));
        model.set("merges", merges(origin, ids));
        return json;
    }

    private static ObjectNode replace(String what, String by) {
        ObjectNode step = JsonNodeFactory.instance.objectNode().put("type", "Replace").put("content", by);
        step.putObject("pattern").put("String", what);
        return step;
    }

    private ObjectNode decoder() {
        ObjectNode decoder = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        ArrayNode steps = decoder.putArray("decoders").add(replace(SPACE, " "));
        steps.addObject().put("type", "ByteFallback");
        steps.addObject().put("type", "Fuse");
        if (spacePrefix) steps.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
        return decoder;
    }

    private String unknown() {
        for (int id = 0; id < types.length && id < tokens.size(); id++) {
            if (types[id] == UNKNOWN) return tokens.get(id);
        }
        return null;
    }

    /** Two pieces that make a third, which is as urgent as that one's score. */
    private record Merge(String first, String second, float score, int firstId, int secondId) {
    }

    /** Every way in which two pieces make a third, the most urgent first. */
    private ArrayNode merges(Path origin, Object2IntMap<String> ids) {
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (!isOrdinary(id)) continue;
            String piece = tokens.get(id);
            if (piece.length() > LONGEST_PIECE) {
                throw BadInput.in(origin, "token " + id + " is of " + piece.length() + " letters, more than "
                        + LONGEST_PIECE, ANOTHER);
            }
            for (int cut = piece.offsetByCodePoints(0, piece.isEmpty() ? 0 : 1); cut < piece.length(); cut = piece
                    .offsetByCodePoints(cut, 1)) {
                String first = piece.substring(0, cut), second = piece.substring(cut);
                if (!ids.containsKey(first) || !ids.containsKey(second)) continue;
                if (merges.size() == MOST_MERGES) {
                    throw BadInput.in(origin, "its pieces can be made in more than " + MOST_MERGES + " ways", ANOTHER);
                }
                merges.add(new Merge(first, second, scores[id], ids.getInt(first), ids.getInt(second)));
            }
        }
        merges.sort(Comparator.comparing(Merge::score, Comparator.reverseOrder()).thenComparing(Merge::firstId)
                .thenComparing(Merge::secondId));
        ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
        for (Merge merge : merges) pairs.addArray().add(merge.first).add(merge.second);
        return pairs;
    }

    /** Whether text may become a piece by merges. */
    private boolean isOrdinary(int id) {
        int type = types.length == 0 ? NORMAL : types[id];
        return type == NORMAL || type == USER_DEFINED || type == UNUSED;
    }

    /** Whether both hold the same vocabulary. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SentencePieceVocabulary that && tokens.equals(that.tokens)
                && Arrays.equals(types, that.types) && Arrays.equals(scores, that.scores)
                && spacePrefix == that.spacePrefix;
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }
}
