package io.retort.generate;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.retort.text.Prompt;
import io.retort.text.Tokenizer;

/**
 * The special tokens that a model's files name for what stands around text. A token that a model does not have is the
 * empty string.
 *
 * @param begin    token of a text's begin ({@code bos_token})
 * @param end      token of its end ({@code eos_token}); generation stops at it
 * @param opening  the special tokens that the model expects before every text, one after the other; empty for none
 * @param named    special tokens by the names that chat templates know, {@code bos_token} and {@code eos_token} among
 *                 them
 * @param moreEnds ids of further tokens at which generation stops
 */
public record ControlTokens(String begin, String end, String opening, Map<String, String> named,
        Set<Integer> moreEnds) {
    public ControlTokens {
        named = Map.copyOf(named);
        moreEnds = Set.copyOf(moreEnds);
    }

    /**
     * The tokens of a model whose files name only the beginning and the end of a text.
     *
     * @param addBegin whether the model expects the begin token before every text ({@code add_bos_token})
     */
    public ControlTokens(String begin, String end, boolean addBegin) {
        this(begin, end, addBegin ? begin : "", names(begin, end), Set.of());
        if (addBegin && begin.isEmpty()) throw new IllegalArgumentException("a begin token to add, but none named");
    }

    private static Map<String, String> names(String begin, String end) {
        return Stream.of(Map.entry("bos_token", begin), Map.entry("eos_token", end))
                .filter(token -> !token.getValue().isEmpty())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The tokens of a model whose files name none. */
    public static ControlTokens none() {
        return new ControlTokens("", "", false);
    }

    /** Ids of all tokens at which generation stops, whatever the prompt. */
    Set<Integer> endIds(Tokenizer tokenizer) {
        return endIds(tokenizer, Optional.empty());
    }

    /**
     * Ids of the tokens at which generation stops: the end token and these; those that the tokenizer lacks left out.
     */
    Set<Integer> endIds(Tokenizer tokenizer, Optional<String> other) {
        Stream<Integer> named = Stream.concat(Stream.of(end), other.stream()).filter(token -> !token.isEmpty())
                .map(tokenizer::id).flatMapToInt(OptionalInt::stream).boxed();
        return Stream.concat(named, moreEnds.stream()).collect(Collectors.toSet());
    }

    /** What every prompt that is no chat starts with. */
    Prompt beforeText() {
        return Prompt.trusted(opening);
    }
}
