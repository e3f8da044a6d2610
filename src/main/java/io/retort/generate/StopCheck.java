package io.retort.generate;

import io.retort.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;

/** Finds where completions end by {@link StopRules}. For use by any thread. */
final class StopCheck {
    private final StopRules rules;
    private final Tokenizer tokenizer;
    private final OptionalInt forced;
    /** The most tokens that a stop string is spread over, and one more, since tokenizers may trim a text's first. */
    private final int tail;

    StopCheck(StopRules rules, Tokenizer tokenizer) {
        this(rules, tokenizer, OptionalInt.empty());
    }

    /**
     * @param forced the token that ends a reply which has no room for another; empty for none
     */
    StopCheck(StopRules rules, Tokenizer tokenizer, OptionalInt forced) {
        this.forced = forced;
        this.rules = rules;
        this.tokenizer = tokenizer;
        tail = 1 + rules.strings().stream().mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length).max()
                .orElse(0);
    }

    /**
     * Why a completion is at its end with the token chosen last; null if it is not.
     *
     * @param limit tokens that it may have
     */
    StopReason reason(History history, int limit) {
        if (rules.stopsAt(history.last())) {
            boolean cut = history.replyLength() >= limit && forced.isPresent() && forced.getAsInt() == history.last();
            return cut ? StopReason.LENGTH : StopReason.END;
        }
        if (holdsString(history)) return StopReason.STRING;
        return history.replyLength() >= limit ? StopReason.LENGTH : null;
    }

    private boolean holdsString(History history) {
        if (rules.strings().isEmpty()) return false;
        return rules.find(tokenizer.decode(history.reply(Math.max(0, history.replyLength() - tail)))) >= 0;
    }

    Completion completion(History history, StopReason reason) {
        int[] tokens = history.reply(0);
        boolean ended = tokens.length > 0 && rules.stopsAt(tokens[tokens.length - 1]);
        int kept = ended ? tokens.length - 1 : tokens.length;
        String text = kept == 0 ? "" : tokenizer.decode(Arrays.copyOf(tokens, kept));
        int end = reason == StopReason.STRING ? rules.find(text) : -1;
        return new Completion(tokens, end < 0 ? text : text.substring(0, end), reason);
    }

    /** The tokens that end a completion: end tokens, and those whose text alone holds a stop string. */
    BitSet ends(int vocabulary) {
        BitSet ends = new BitSet(vocabulary);
        rules.tokens().forEach(ends::set);
        if (rules.strings().isEmpty()) return ends;
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            if (rules.find(tokenizer.decode(new int[]{id})) >= 0) ends.set(id);
        }
        return ends;
    }
}
