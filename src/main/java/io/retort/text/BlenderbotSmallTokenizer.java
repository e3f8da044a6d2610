package io.retort.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import io.retort.files.TextFile;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokenizer of Blender 90 M ({@code vocab.json} and {@code merges.txt}), which no {@code tokenizer.json} can hold:
 * words in lower case, marks apart, merged by BPE; a piece that its word goes on after ends in {@code @@}, and pieces
 * that the vocabulary lacks are unknown, whatever merges made of them. Immutable, so that closing does nothing.
 */
public final class BlenderbotSmallTokenizer implements Tokenizer {
    private static final int LARGEST = 64 << 20;
    /** The longest word that is merged as one; longer ones, which no dictionary has, are cut so that time is bounded. */
    private static final int LONGEST_WORD = 256;
    private static final String UNKNOWN = "__unk__";
    private static final String NEW_LINE = "__newln__";
    private static final List<String> SPECIAL = List.of("__null__", "__start__", "__end__", UNKNOWN);
    private static final String GOES_ON = "@@";
    private static final String WORD_END = "</w>";
    private static final String REMEDY = "download the model's vocab.json and merges.txt again";
    private static final Pattern WORD = Pattern.compile("[^\\s\\x1c-\\x1f]+\\n?", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern MARK = Pattern.compile("([.,!?()])");
    private static final Pattern SPACES = Pattern.compile("\\s{2,}", Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, Integer> ids;
    private final String[] tokens; // by id, null where there is none
    private final Map<Pair, Integer> ranks;
    private final SpecialTokens special;
    private final Set<Integer> specialIds;
    private final int unknown;

    /** Two neighbouring pieces of a word. */
    private record Pair(String first, String second) {
    }

    private BlenderbotSmallTokenizer(Map<String, Integer> ids, Map<Pair, Integer> ranks, int unknown) {
        this.ids = ids;
        this.ranks = ranks;
        this.unknown = unknown;
        this.tokens = new String[1 + ids.values().stream().max(Integer::compare).orElseThrow()];
        ids.forEach((token, id) -> tokens[id] = token);
        Map<String, Integer> named = new LinkedHashMap<>();
        SPECIAL.stream().filter(ids::containsKey).forEach(token -> named.put(token, ids.get(token)));
        this.special = new SpecialTokens(named);
        this.specialIds = special.ids();
    }

    /**
     * Reads the two files.
     *
     * @param vocabulary {@code vocab.json}, an object of ids by token
     * @param merges     {@code merges.txt}, a merge a line after a first line that tells the version
     * @throws BadInput if one is missing or damaged
     */
    public static BlenderbotSmallTokenizer open(Path vocabulary, Path merges) throws IOException {
        JsonNode json = JsonFile.read(vocabulary, LARGEST);
        Map<String, Integer> ids = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            JsonNode id = entry.getValue();
            boolean right = id.isInt() && id.intValue() >= 0 && id.intValue() < TokenizerJson.MAX_TOKENS;
            if (!right || !taken.add(id.intValue())) {
                throw BadInput.in(vocabulary, "`" + entry.getKey() + "` has the id " + id
                        + ", which is no number of its own from 0 to " + (TokenizerJson.MAX_TOKENS - 1), REMEDY);
            }
            ids.put(entry.getKey(), id.intValue());
        }
        Integer unknown = ids.get(UNKNOWN);
        if (unknown == null) throw BadInput.in(vocabulary, "has no token `" + UNKNOWN + "`", REMEDY);
        return new BlenderbotSmallTokenizer(ids, ranks(merges), unknown);
    }

    private static Map<Pair, Integer> ranks(Path merges) throws IOException {
        Map<Pair, Integer> ranks = new HashMap<>();
        String[] lines = TextFile.read(merges, LARGEST).split("\n");
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].strip();
            if (line.isEmpty()) continue;
            String[] parts = line.split(" ");
            if (parts.length != 2) {
                throw BadInput.atLine(merges, i + 1L, "`" + line + "` is no merge of two pieces", REMEDY);
            }
            ranks.putIfAbsent(new Pair(parts[0], parts[1]), ranks.size());
        }
        return ranks;
    }

    @Override
    public int[] encode(String text) {
        IntArrayList encoded = new IntArrayList();
        Matcher words = WORD.matcher(text);
        while (words.find()) {
            String apart = MARK.matcher(words.group()).replaceAll(" $1").replace("'", " ' ");
            apart = SPACES.matcher(apart).replaceAll(" ").replace("\n", " " + NEW_LINE);
            for (String word : apart.split(" ")) {
                if (!word.isEmpty()) addPieces(word.toLowerCase(Locale.ROOT), encoded);
            }
        }
        return encoded.toIntArray();
    }

    private void addPieces(String word, IntArrayList encoded) {
        int[] letters = word.codePoints().toArray();
        for (int from = 0; from < letters.length; from += LONGEST_WORD) {
            int to = Math.min(letters.length, from + LONGEST_WORD);
            for (String piece : pieces(new String(letters, from, to - from))) {
                int id = ids.getOrDefault(piece, unknown);
                encoded.add(specialIds.contains(id) ? unknown : id);
            }
        }
    }

    /** The pieces of a word as the vocabulary writes them. */
    private List<String> pieces(String word) {
        List<String> pieces = new ArrayList<>(word.codePoints().mapToObj(Character::toString).toList());
        if (pieces.size() == 1) return pieces;
        pieces.set(pieces.size() - 1, pieces.getLast() + WORD_END);
        for (Pair best = best(pieces); best != null; best = best(pieces)) pieces = merged(pieces, best);
        for (int i = 0; i < pieces.size() - 1; i++) pieces.set(i, pieces.get(i) + GOES_ON);
        String last = pieces.getLast();
        pieces.set(pieces.size() - 1, last.substring(0, last.length() - WORD_END.length()));
        return pieces;
    }

    private Pair best(List<String> pieces) {
        Pair best = null;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < pieces.size(); i++) {
            Pair pair = new Pair(pieces.get(i), pieces.get(i + 1));
            int rank = ranks.getOrDefault(pair, Integer.MAX_VALUE);
            if (rank >= least) continue;
            least = rank;
            best = pair;
        }
        return best;
    }

    private static List<String> merged(List<String> pieces, Pair pair) {
        List<String> merged = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            boolean here = i + 1 < pieces.size() && pieces.get(i).equals(pair.first)
                    && pieces.get(i + 1).equals(pair.second);
            merged.add(here ? pair.first + pair.second : pieces.get(i));
            if (here) i++;
        }
        return merged;
    }

    @Override
    public String decode(int[] tokenIds) {
        List<String> said = Arrays.stream(tokenIds).filter(id -> !specialIds.contains(id))
                .mapToObj(id -> id >= 0 && id < tokens.length && tokens[id] != null ? tokens[id] : UNKNOWN).toList();
        return String.join(" ", said).replace(GOES_ON + " ", "").strip();
    }

    @Override
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public SpecialTokens specialTokens() {
        return special;
    }

    @Override
    public int vocabularySize() {
        return tokens.length;
    }

    @Override
    public void close() {
        // Nothing is held outside the Java heap.
    }
}
