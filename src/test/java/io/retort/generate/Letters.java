package io.retort.generate;

import io.retort.text.SpecialTokens;
import io.retort.text.Tokenizer;
import java.util.Map;
import java.util.OptionalInt;

/** A tokenizer whose tokens are letters, or, from a point on, two of them. */
public record Letters(String alphabet, int pairs) implements Tokenizer {
    /** One letter a token. */
    public Letters(String alphabet) {
        this(alphabet, 0);
    }

    @Override
    public int[] encode(String text) {
        return text.chars().map(alphabet::indexOf).toArray();
    }

    /** Token {@code alphabet.length() + i} is the letters i and i + 1. */
    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            int pair = id - alphabet.length();
            text.append(pair < 0 ? alphabet.substring(id, id + 1) : alphabet.substring(pair, pair + 2));
        }
        return text.toString();
    }

    @Override
    public OptionalInt id(String token) {
        int at = alphabet.indexOf(token);
        return at < 0 ? OptionalInt.empty() : OptionalInt.of(at);
    }

    @Override
    public SpecialTokens specialTokens() {
        return new SpecialTokens(Map.of());
    }

    @Override
    public int vocabularySize() {
        return alphabet.length() + pairs;
    }

    @Override
    public void close() {
    }
}
