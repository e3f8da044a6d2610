package io.retort.text;

import java.util.Arrays;
import java.util.OptionalInt;

import io.retort.files.BadInput;

/**
 * Turns text into token ids. Text never becomes a special token: a user who types {@code [SEP]} gets the tokens of
 * those five characters. Safe for many threads; {@link #close()} waits for calls under way, and calls after it throw
 * {@link IllegalStateException}.
 */
public interface Tokenizer extends AutoCloseable {
    /**
     * Ids of a text, without special tokens; empty where nothing of the text is left (white space, control characters).
     */
    int[] encode(String text);

    /** Turns token ids back into text; special tokens are left out. */
    String decode(int[] ids);

    /** Id of a token, special or not; empty if the vocabulary lacks it. */
    OptionalInt id(String token);

    /** The special tokens, which no text becomes: see {@link Prompt}. */
    SpecialTokens specialTokens();

    /** Rows that an embedding table needs: one more than the greatest id. */
    int vocabularySize();

    @Override
    void close();

    /**
     * Id of a token that must exist.
     *
     * @throws BadInput if it does not
     */
    default int requiredId(String token) {
        return id(token).orElseThrow(() -> BadInput.of("the tokenizer has no token `" + token + "`",
                "name one of its tokens in the model's config, or take the tokenizer that belongs to the model"));
    }

    /**
     * Ids of tokens that must exist: of one, by its name, or of several, whose names have blanks between them.
     *
     * @throws BadInput if one does not
     */
    default int[] requiredIds(String tokens) {
        if (tokens.isEmpty()) return new int[0];
        if (id(tokens).isPresent() || tokens.indexOf(' ') < 0) return new int[]{requiredId(tokens)};
        return Arrays.stream(tokens.split(" ")).mapToInt(this::requiredId).toArray();
    }

    /**
     * Checks that every id has a row in a model's embedding table.
     *
     * @throws BadInput if the table is too small
     */
    default void requireFits(int embeddingRows) {
        if (vocabularySize() > embeddingRows) {
            throw BadInput.of("the tokenizer has " + vocabularySize() + " tokens, the model's embedding table "
                    + embeddingRows + " rows", "take the tokenizer that belongs to the model");
        }
    }
}
