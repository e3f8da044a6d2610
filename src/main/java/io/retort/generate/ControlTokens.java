package io.retort.generate;

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
 * @param begin token of a text's begin ({@code bos_token})
 * @param end token of its end ({@code eos_token}); generation stops at it
 * @param addBegin whether the model expects the begin token before every text ({@code add_bos_token})
 */
public record ControlTokens(String begin, String end, boolean addBegin) {
    public ControlTokens {
        if (addBegin && begin.isEmpty()) throw new IllegalArgumentException("a begin token to add, but none named");
    }

    /** A model without any. */
    public static ControlTokens none() {
        return new ControlTokens("", "", false);
    }

    /** Ids of the tokens at which generation stops: the end token and these; those that the tokenizer lacks left out. */
    Set<Integer> endIds(Tokenizer tokenizer, Optional<String> other) {
        return Stream.concat(Stream.of(end), other.stream()).filter(token -> !token.isEmpty()).map(tokenizer::id)
                .flatMapToInt(OptionalInt::stream).boxed().collect(Collectors.toSet());
    }

    /** What every prompt that is no chat starts with. */
    Prompt opening() {
        return addBegin ? Prompt.trusted(begin) : Prompt.empty();
    }
}
