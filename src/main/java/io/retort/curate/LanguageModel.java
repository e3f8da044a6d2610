package io.retort.curate;

import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * Tells languages apart by their script, by which characters follow which, and by their commonest words. What a
 * language pays for a character is minus the logarithm of how probable it is after up to three others; the language
 * that pays least is the text's. The numbers come from the resource that bench/language makes (decision 29). What is
 * found out about a word is kept for a while, since a few words are most of what people say. Any thread.
 */
final class LanguageModel {
    /** The one instance, read when it is first asked. */
    static final LanguageModel SHARED = read();
    private static final String RESOURCE = "languages.bin.gz";
    private static final String MAGIC = "RETORTLG";
    private static final int LONGEST_ROW = 4;
    /** Letters at the beginning of a text that are looked at: more tell nothing new. */
    private static final int MOST_LETTERS = 240;
    /** Units of cost in a nat. */
    private static final double STEP = 8;
    /** What a language gains by a word that is one of its commonest. */
    private static final int COMMON_WORD = (int) (2.5 * STEP);
    /** Costs of characters in a row are not independent: their sum is this much too sure of itself. */
    private static final double SURENESS = 0.5;
    /** A lead that makes the rest of a text needless: 20 nats. */
    private static final int CLEAR_LEAD = (int) (20 * STEP);
    private static final double LEAST_CONFIDENCE = 0.6;
    private static final int FEWEST_LETTERS = 2;
    /** Words of a script whose costs are kept; a power of two. They take some 250 bytes each. */
    private static final int WORDS_KEPT = 1 << 13;
    /** Letters of the longest word that is kept. */
    private static final int LONGEST_KEPT = 24;
    private static final Map<UnicodeScript, String> SCRIPTS_OF_ONE = Map.ofEntries(Map.entry(UnicodeScript.GREEK, "el"),
            Map.entry(UnicodeScript.HEBREW, "he"), Map.entry(UnicodeScript.THAI, "th"),
            Map.entry(UnicodeScript.HANGUL, "ko"), Map.entry(UnicodeScript.HIRAGANA, "ja"),
            Map.entry(UnicodeScript.KATAKANA, "ja"), Map.entry(UnicodeScript.HAN, "zh"),
            Map.entry(UnicodeScript.BENGALI, "bn"), Map.entry(UnicodeScript.TAMIL, "ta"),
            Map.entry(UnicodeScript.TELUGU, "te"), Map.entry(UnicodeScript.GUJARATI, "gu"),
            Map.entry(UnicodeScript.GURMUKHI, "pa"), Map.entry(UnicodeScript.KANNADA, "kn"),
            Map.entry(UnicodeScript.MALAYALAM, "ml"), Map.entry(UnicodeScript.ARMENIAN, "hy"),
            Map.entry(UnicodeScript.GEORGIAN, "ka"), Map.entry(UnicodeScript.ETHIOPIC, "am"),
            Map.entry(UnicodeScript.KHMER, "km"), Map.entry(UnicodeScript.LAO, "lo"),
            Map.entry(UnicodeScript.MYANMAR, "my"), Map.entry(UnicodeScript.SINHALA, "si"));

    private final Map<UnicodeScript, Group> groups;

    /**
     * Languages of one script.
     *
     * @param known words whose costs have been found out, by their hashes; threads may overwrite what others put there,
     *              since whatever stands there is right
     */
    private record Group(List<String> languages, Long2IntOpenHashMap rows, byte[][] costs,
            Object2IntOpenHashMap<String> words, Word[] known) {
    }

    /**
     * What each language pays for a word, which does not depend on the words around it.
     *
     * @param costs    by language; never changed
     * @param isCommon whether it is one of the commonest of some language
     */
    private record Word(String letters, int[] costs, boolean isCommon) {
        boolean isAt(String text, int start, int end) {
            return end - start == letters.length() && text.startsWith(letters, start);
        }
    }

    private LanguageModel(Map<UnicodeScript, Group> groups) {
        this.groups = groups;
    }

    private static LanguageModel read() {
        try (InputStream resource = LanguageModel.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) throw new IllegalStateException(RESOURCE + " is missing from the jar");
            DataInputStream in = new DataInputStream(
                    new java.io.ByteArrayInputStream(new GZIPInputStream(resource, 1 << 16).readAllBytes()));
            if (!new String(in.readNBytes(MAGIC.length()), StandardCharsets.US_ASCII).equals(MAGIC)) {
                throw new IllegalStateException(RESOURCE + " is damaged");
            }
            Map<UnicodeScript, Group> groups = new EnumMap<>(UnicodeScript.class);
            int count = in.readInt();
            for (int i = 0; i < count; i++) groups.put(UnicodeScript.valueOf(in.readUTF()), group(in));
            return new LanguageModel(groups);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
    }

    private static Group group(DataInputStream in) throws IOException {
        List<String> languages = List.of(in.readUTF().split(" "));
        int words = in.readInt();
        Object2IntOpenHashMap<String> common = new Object2IntOpenHashMap<>(words);
        for (int i = 0; i < words; i++) common.put(in.readUTF(), in.readInt());
        int rows = in.readInt();
        Long2IntOpenHashMap places = new Long2IntOpenHashMap(rows, 0.5f);
        places.defaultReturnValue(-1);
        for (int i = 0; i < rows; i++) places.put(key(in.readUTF()), i);
        // By row, so that one row's costs lie side by side; the file has them by language, which packs better.
        byte[][] costs = new byte[rows][languages.size()];
        for (int language = 0; language < languages.size(); language++) {
            for (int row = 0; row < rows; row++) costs[row][language] = in.readByte();
        }
        return new Group(languages, places, costs, common, new Word[WORDS_KEPT]);
    }

    /** Codes of all languages that are told, in order. */
    Set<String> languages() {
        Set<String> codes = new TreeSet<>(SCRIPTS_OF_ONE.values());
        groups.values().forEach(group -> codes.addAll(group.languages));
        return codes;
    }

    private static long key(String row) {
        long key = 0;
        for (int i = 0; i < row.length(); i++) key = key << 16 | row.charAt(i);
        return key;
    }

    LanguageGuess guess(String text) {
        Letters letters = Letters.of(text);
        if (letters.count < FEWEST_LETTERS && letters.script != UnicodeScript.HAN) return LanguageGuess.NONE;
        String only = SCRIPTS_OF_ONE.get(letters.script);
        if (only != null) {
            boolean isJapanese = only.equals("zh") && letters.hasKana;
            return new LanguageGuess(isJapanese ? "ja" : only, 1);
        }
        Group group = groups.get(letters.script);
        return group == null ? LanguageGuess.NONE : cheapest(group, costs(group, text, letters.end));
    }

    /** The letters at a text's beginning: how many, in which script most of them are, and where they end. */
    private record Letters(UnicodeScript script, int count, boolean hasKana, int end) {
        static Letters of(String text) {
            int[] counts = new int[UnicodeScript.values().length];
            int count = 0, at = 0;
            while (at < text.length() && count < MOST_LETTERS) {
                int c = text.codePointAt(at);
                at += Character.charCount(c);
                if (c < 0x80) {
                    if (c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
                        counts[UnicodeScript.LATIN.ordinal()]++;
                        count++;
                    }
                } else if (Character.isLetter(c) || Character.getType(c) == Character.NON_SPACING_MARK) {
                    counts[UnicodeScript.of(c).ordinal()]++;
                    count++;
                }
            }
            int most = UnicodeScript.LATIN.ordinal();
            for (int i = 0; i < counts.length; i++) if (counts[i] > counts[most]) most = i;
            boolean hasKana = counts[UnicodeScript.HIRAGANA.ordinal()] + counts[UnicodeScript.KATAKANA.ordinal()] > 0;
            return new Letters(UnicodeScript.values()[most], count, hasKana, at);
        }
    }

    /** Whether more letters would hardly change who pays least. */
    private static boolean isClear(int[] costs) {
        int least = Integer.MAX_VALUE, second = Integer.MAX_VALUE;
        for (int cost : costs) {
            second = Math.min(second, Math.max(cost, least));
            least = Math.min(least, cost);
        }
        return second - least > CLEAR_LEAD;
    }

    private static int[] costs(Group group, String text, int end) {
        int[] costs = new int[group.languages.size()];
        String lower = text.substring(0, end).toLowerCase(Locale.ROOT).replace('\u2019', '\'');
        int at = 0;
        while (at < lower.length()) {
            if (!isOfWord(lower, at)) {
                at++;
                continue;
            }
            int start = at, hash = 0;
            while (at < lower.length() && isOfWord(lower, at)) hash = 31 * hash + lower.charAt(at++);
            Word word = word(group, lower, start, at, hash);
            for (int i = 0; i < costs.length; i++) costs[i] += word.costs[i];
            if (word.isCommon && isClear(costs)) break;
        }
        return costs;
    }

    /** The word that stands at a place, as it was found out before or is now. */
    private static Word word(Group group, String text, int start, int end, int hash) {
        int place = (hash ^ hash >>> 16) & WORDS_KEPT - 1;
        Word known = group.known[place];
        if (known != null && known.isAt(text, start, end)) return known;
        Word word = word(group, text.substring(start, end));
        if (end - start <= LONGEST_KEPT) group.known[place] = word;
        return word;
    }

    private static Word word(Group group, String letters) {
        int[] costs = new int[group.languages.size()];
        long row = 0;
        for (int i = 0; i < letters.length(); i++) {
            char c = letters.charAt(i);
            if (c == '\'') row = 0;
            else add(group, row = row << 16 | c, i + 1, costs);
        }
        int speakers = group.words.getInt(letters);
        for (int rest = speakers; rest != 0; rest &= rest - 1) {
            costs[Integer.numberOfTrailingZeros(rest)] -= COMMON_WORD;
        }
        return new Word(letters, costs, speakers != 0);
    }

    /** A letter, a mark, or an apostrophe between letters. */
    private static boolean isOfWord(String text, int at) {
        char c = text.charAt(at);
        if (c < 0x80) {
            return c >= 'a' && c <= 'z' || c == '\'' && at > 0 && at + 1 < text.length()
                    && Character.isLetter(text.charAt(at - 1)) && Character.isLetter(text.charAt(at + 1));
        }
        return Character.isLetter(c) || Character.getType(c) == Character.NON_SPACING_MARK
                || Character.getType(c) == Character.COMBINING_SPACING_MARK;
    }

    /** Adds what a character costs after those before it, by the longest row that is known. */
    private static void add(Group group, long row, int length, int[] costs) {
        for (int n = Math.min(LONGEST_ROW, length); n >= 1; n--) {
            long key = n == LONGEST_ROW ? row : row & (1L << 16 * n) - 1;
            if (n > 1 && key >>> 16 * (n - 1) == 0) continue; // shorter than that since the apostrophe
            int place = group.rows.get(key);
            if (place < 0) continue;
            byte[] its = group.costs[place];
            for (int i = 0; i < costs.length; i++) costs[i] += its[i];
            return;
        }
    }

    private static LanguageGuess cheapest(Group group, int[] costs) {
        int best = 0;
        for (int i = 1; i < costs.length; i++) if (costs[i] < costs[best]) best = i;
        int least = costs[best];
        if (Arrays.stream(costs).allMatch(cost -> cost == least)) return LanguageGuess.NONE;
        double sum = 0;
        for (int cost : costs) sum += Math.exp(SURENESS * (least - cost) / STEP);
        double confidence = 1 / sum;
        return confidence < LEAST_CONFIDENCE
                ? LanguageGuess.NONE
                : new LanguageGuess(group.languages.get(best), confidence);
    }
}
