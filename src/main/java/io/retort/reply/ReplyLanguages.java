package io.retort.reply;

import io.retort.curate.LanguageGuess;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The languages that the replies of a responder are in. */
public final class ReplyLanguages {
    private static final int SAMPLE = 300, FEWEST_KNOWN = 20;
    private static final double SURE = 0.9, LEAST_SHARE = 0.05;

    private ReplyLanguages() {}

    /**
     * Codes of the languages of a fair share of the replies, told by a sample of them; none if too few replies tell
     * theirs.
     */
    public static Set<String> of(Responder responder) {
        Map<String, Integer> counts = new TreeMap<>();
        int known = 0, step = Math.max(1, responder.size() / SAMPLE);
        for (int row = 0; row < responder.size(); row += step) {
            LanguageGuess guess = LanguageGuess.of(responder.text(row));
            if (!guess.isKnown() || guess.confidence() < SURE) continue;
            counts.merge(guess.language(), 1, Integer::sum);
            known++;
        }
        if (known < FEWEST_KNOWN) return Set.of();
        double least = LEAST_SHARE * known;
        return counts.entrySet().stream().filter(each -> each.getValue() >= least).map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
