package io.retort.safety;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The words of a text as they are meant: look-alike letters, digits and signs for letters ("k1ll", "a$$"), letters apart
 * ("k i l l", "k.i.l.l", "fu ck"), repeated ("kiiill", "fuckk") or blotted out ("f*ck"). A word is only read otherwise than
 * it stands where that makes it one of the lexicon's, and the risky readings only where it makes one that people have
 * reason to disguise. One pass over the text with bounded steps for each character. Immutable; any thread.
 */
final class Disguises {
    private static final int FEWEST_LETTERS_APART = 3, FEWEST_SQUEEZED = 4, LONGEST_WORD = 40;
    /** Signs that stand for letters, and the letters, in the same order; some stand for either of two. */
    private static final String SIGNS = "013456789@$!|+\u20ac\u00a3", LETTERS_TOO = "oieasgtbgasiitel",
            LETTERS = "oleasgtbgaslltel";

    private final WordTrie vocabulary;
    private final Set<String> disguised;
    private final Map<String, String> squeezed = new HashMap<>();
    /** The same words by their lengths, to compare with what is blotted out. */
    private final Map<Integer, List<String>> byLength = new TreeMap<>();
    private final WordTrie hidden = new WordTrie();

    /**
     * @param vocabulary all words of the lexicon
     * @param disguised  those that people have reason to disguise
     */
    Disguises(WordTrie vocabulary, Set<String> disguised) {
        this.vocabulary = vocabulary;
        this.disguised = Set.copyOf(disguised);
        for (String word : disguised) {
            byLength.computeIfAbsent(word.length(), _ -> new ArrayList<>()).add(word);
            String form = squeezed(word, 1);
            squeezed.put(form, word);
            hidden.add(word, false, 1);
        }
        byLength.values().forEach(words -> words.sort(null));
    }

    /** The words of a text, without apostrophes. */
    List<String> words(String text) {
        String plain = LookAlikes.plain(text);
        List<String> words = new ArrayList<>(plain.length() / 4 + 1);
        int at = 0;
        while (at < plain.length()) {
            while (at < plain.length() && isSpace(plain.charAt(at))) at++;
            int start = at;
            while (at < plain.length() && !isSpace(plain.charAt(at))) at++;
            if (at > start) addPiece(plain, start, at, words);
        }
        return together(words);
    }

    private static boolean isSpace(char c) {
        return c <= ' ' || c >= 0x80 && (Character.isWhitespace(c) || Character.isSpaceChar(c));
    }

    private static boolean isApostrophe(char c) {
        return c == '\'' || c == '\u2019' || c == '\u2018' || c == '\u02bc' || c == '`' || c == '\u00b4';
    }

    private static boolean isOfWord(char c) {
        return WordTrie.isLetter(c) || c >= 0x80 && Character.isLetter(c);
    }

    /** Adds the words of what stands between two spaces. */
    private void addPiece(String text, int from, int to, List<String> words) {
        boolean isPlain = true;
        for (int i = from; i < to && isPlain; i++) {
            char c = text.charAt(i);
            isPlain = c >= 'a' && c <= 'z' || isApostrophe(c);
        }
        if (!isPlain) {
            int first = from, last = to;
            while (first < last && isOfEdge(text.charAt(first))) first++;
            while (last > first && isOfEdge(text.charAt(last - 1)) && text.charAt(last - 1) != '*') last--;
            String found = last - first > LONGEST_WORD ? null : undisguised(text.substring(first, last));
            if (found != null) {
                words.add(found);
                return;
            }
        }
        StringBuilder word = new StringBuilder();
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (isOfWord(c)) {
                word.append(c);
            } else if (!isApostrophe(c) && word.length() > 0) {
                words.add(meant(word.toString()));
                word.setLength(0);
            }
        }
        if (word.length() > 0) words.add(meant(word.toString()));
    }

    /** What stands around words rather than in them; an exclamation mark there is no letter. */
    private static boolean isOfEdge(char c) {
        return !isOfWord(c) && c != '@' && c != '$';
    }

    /** The one word that a piece with other signs than letters is meant as; null if it is meant as it stands. */
    private String undisguised(String piece) {
        int letters = 0, signs = 0, blots = 0, between = 0, longest = 0, run = 0;
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            run = c >= 'a' && c <= 'z' ? run + 1 : 0;
            longest = Math.max(longest, run);
            if (run > 0) letters++;
            else if (SIGNS.indexOf(c) >= 0) signs++;
            else if (c == '*' || c == '#' || c == '%') blots++;
            else if (!isApostrophe(c)) between++;
        }
        if (letters == 0) return null;
        if (blots > 0) return letters >= 2 ? blotted(piece) : null;
        boolean isApart = longest == 1 && between > 0 && letters > 2;
        if (signs == 0 && between == 0) return null;
        for (String alphabet : new String[]{LETTERS_TOO, LETTERS}) {
            String word = read(piece, alphabet);
            if (word.length() < 2) continue;
            boolean isMeant = between == 0 || isApart ? vocabulary.has(word) : isDisguised(word);
            if (isMeant) return word;
            String meant = meant(word);
            if (!meant.equals(word)) return meant;
        }
        return null;
    }

    private boolean isDisguised(String word) {
        return disguised.contains(word);
    }

    /** A piece with its signs read as letters, and without what is neither. */
    private static String read(String piece, String alphabet) {
        StringBuilder word = new StringBuilder(piece.length());
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            int sign = SIGNS.indexOf(c);
            if (sign >= 0) word.append(alphabet.charAt(sign));
            else if (isOfWord(c)) word.append(c);
        }
        return word.toString();
    }

    /** The disguised word of which a piece shows the first letter and others; null if there is none. */
    private String blotted(String piece) {
        for (String word : byLength.getOrDefault(piece.length(), List.of())) {
            boolean fits = piece.charAt(0) == word.charAt(0);
            for (int i = 1; i < piece.length() && fits; i++) {
                char c = piece.charAt(i);
                fits = c == word.charAt(i) || !isOfWord(c);
            }
            if (fits) return word;
        }
        return null;
    }

    /** A word whose letters may be repeated, as the lexicon has it; as it stands if the lexicon has none. */
    private String meant(String word) {
        if (word.length() > LONGEST_WORD || vocabulary.has(word)) return word;
        boolean twice = false, thrice = false;
        for (int i = 1; i < word.length(); i++) {
            boolean isSame = word.charAt(i) == word.charAt(i - 1);
            twice |= isSame;
            thrice |= isSame && i > 1 && word.charAt(i) == word.charAt(i - 2);
        }
        if (thrice) {
            for (int most = 2; most >= 1; most--) {
                String shorter = squeezed(word, most);
                if (vocabulary.has(shorter)) return shorter;
            }
        }
        if (!twice) return word;
        String shortest = squeezed(word, 1);
        // Few letters that are merely doubled may be another word; nobody writes one three times by chance.
        boolean isClear = thrice || shortest.length() >= FEWEST_SQUEEZED;
        return isClear ? squeezed.getOrDefault(shortest, word) : word;
    }

    /** A word without more than so many of a letter in a row. */
    private static String squeezed(String word, int most) {
        StringBuilder shorter = new StringBuilder(word.length());
        int run = 0;
        for (int i = 0; i < word.length(); i++) {
            run = i > 0 && word.charAt(i) == word.charAt(i - 1) ? run + 1 : 1;
            if (run <= most) shorter.append(word.charAt(i));
        }
        return shorter.toString();
    }

    /** Words whose letters were apart, put together. */
    private List<String> together(List<String> words) {
        List<String> whole = null; // made when there is something to put together
        int at = 0;
        while (at < words.size()) {
            int end = at;
            while (end < words.size() && words.get(end).length() == 1) end++;
            if (end - at >= FEWEST_LETTERS_APART) {
                if (whole == null) whole = new ArrayList<>(words.subList(0, at));
                spelt(read(String.join("", words.subList(at, end)), LETTERS_TOO), whole);
                at = end;
                continue;
            }
            String pair = at + 1 < words.size() ? pair(words.get(at), words.get(at + 1)) : null;
            if (pair != null) {
                if (whole == null) whole = new ArrayList<>(words.subList(0, at));
                whole.add(pair);
                at += 2;
                continue;
            }
            if (whole != null) whole.add(words.get(at));
            at++;
        }
        return whole == null ? words : whole;
    }

    /** Words that are spelt letter by letter: from the left, the longest of the lexicon each time. */
    private void spelt(String letters, List<String> words) {
        for (int i = 0; i < letters.length();) {
            int length = Math.max(vocabulary.longest(letters, i), hidden.longest(letters, i));
            if (length < 2) length = 1;
            words.add(letters.substring(i, i + length));
            i += length;
        }
    }

    /** The disguised word that two words make of which one cannot stand by itself; null if they make none. */
    private String pair(String one, String two) {
        if (one.length() + two.length() > LONGEST_WORD || hasVowel(one) && hasVowel(two)) return null;
        String both = one + two;
        return isDisguised(both) ? both : null;
    }

    private static boolean hasVowel(String word) {
        for (int i = 0; i < word.length(); i++) if ("aeiouy".indexOf(word.charAt(i)) >= 0) return true;
        return false;
    }
}
