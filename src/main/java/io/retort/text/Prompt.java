package io.retort.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import it.unimi.dsi.fastutil.ints.IntArrayList;

/**
 * What a generator reads before it writes: pieces of text, each trusted or not. In trusted text (a template's) special
 * tokens are recognised; in any other (a user's, a data set's) never, nor where the two meet. Immutable.
 *
 * @param pieces in order; neighbours differ in trust, none is empty
 */
public record Prompt(List<Piece> pieces) {
    private static final Prompt EMPTY = new Prompt(List.of());

    /**
     * A run of text.
     *
     * @param trusted whether special tokens are recognised in it
     */
    public record Piece(String text, boolean trusted) {}

    public Prompt {
        pieces = joined(pieces);
    }

    private static List<Piece> joined(List<Piece> pieces) {
        List<Piece> joined = new ArrayList<>();
        int from = 0;
        while (from < pieces.size()) {
            boolean trusted = pieces.get(from).trusted();
            var run = new StringBuilder();
            int to = from;
            while (to < pieces.size() && (pieces.get(to).trusted() == trusted || pieces.get(to).text().isEmpty())) {
                run.append(pieces.get(to++).text());
            }
            if (!run.isEmpty()) joined.add(new Piece(run.toString(), trusted));
            from = to;
        }
        return List.copyOf(joined);
    }

    /** A prompt without any text. */
    public static Prompt empty() {
        return EMPTY;
    }

    /** A prompt of one text in which special tokens are recognised. */
    public static Prompt trusted(String text) {
        return new Prompt(List.of(new Piece(text, true)));
    }

    /** A prompt of one text in which special tokens are never recognised. */
    public static Prompt untrusted(String text) {
        return new Prompt(List.of(new Piece(text, false)));
    }

    /** This prompt with another after it. */
    public Prompt then(Prompt next) {
        List<Piece> both = new ArrayList<>(pieces);
        both.addAll(next.pieces);
        return new Prompt(both);
    }

    /** The characters from one place of {@link #text()} to another. */
    public Prompt slice(int from, int to) {
        List<Piece> kept = new ArrayList<>();
        int start = 0;
        for (Piece piece : pieces) {
            int first = Math.clamp(from - start, 0, piece.text().length());
            int last = Math.clamp(to - start, first, piece.text().length());
            kept.add(new Piece(piece.text().substring(first, last), piece.trusted()));
            start += piece.text().length();
        }
        return new Prompt(kept);
    }

    /** Changes the text of every piece; each is trusted as before. */
    public Prompt map(UnaryOperator<String> change) {
        return new Prompt(
                pieces.stream().map(piece -> new Piece(change.apply(piece.text()), piece.trusted())).toList());
    }

    /** How many characters {@link #text()} has. */
    public int length() {
        return pieces.stream().mapToInt(piece -> piece.text().length()).sum();
    }

    /** The text of all pieces. */
    public String text() {
        var text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text()));
        return text.toString();
    }

    /**
     * Token ids of the prompt. Text is cut at special tokens alone and encoded run by run, whatever pieces it comes
     * from, so that merges cross their borders as if the prompt had been written as one string. A special token that
     * takes in the white space beside it takes it from any piece.
     */
    public int[] encode(Tokenizer tokenizer) {
        SpecialTokens special = tokenizer.specialTokens();
        var ids = new IntArrayList();
        var run = new StringBuilder();
        boolean skipsSpace = false;
        for (Piece piece : pieces) {
            String text = piece.text();
            int place = 0;
            while (place < text.length()) {
                int length = piece.trusted() ? special.lengthAt(text, place, text.length()) : 0;
                if (length == 0) {
                    char letter = text.charAt(place++);
                    skipsSpace &= isSpace(letter);
                    if (!skipsSpace) run.append(letter);
                } else {
                    String token = text.substring(place, place + length);
                    if (special.takesSpaceBefore(token)) stripEnd(run);
                    flush(run, tokenizer, ids);
                    ids.add(special.id(token).orElseThrow());
                    skipsSpace = special.takesSpaceAfter(token);
                    place += length;
                }
            }
        }
        flush(run, tokenizer, ids);
        return ids.toIntArray();
    }

    private static void stripEnd(StringBuilder run) {
        int end = run.length();
        while (end > 0 && isSpace(run.charAt(end - 1))) end--;
        run.setLength(end);
    }

    /** Whether a character is white space as Unicode defines it, which the tokenizers library goes by. */
    private static boolean isSpace(char letter) {
        return letter >= '\t' && letter <= '\r' || letter == 0x85 || Character.isSpaceChar(letter);
    }

    private static void flush(StringBuilder run, Tokenizer tokenizer, IntArrayList ids) {
        if (!run.isEmpty()) ids.addElements(ids.size(), tokenizer.encode(run.toString()));
        run.setLength(0);
    }
}
