package io.retort.distill;

import io.retort.dialogue.Exchanges;
import io.retort.settings.InvalidSetting;
import java.util.Optional;

/**
 * Which examples are taken out of files, and with how much of them.
 *
 * @param history most turns of a context, the newest ones
 * @param minimumWords examples whose original reply has fewer words are left out: they make false negatives
 * @param mostOfAReply examples with one original reply, in whatever spelling, beyond which further ones are left out
 * @param generated whether the teacher's replies are candidates (G2R), or the original one alone (the baseline)
 * @param teacher which of the teacher's scores is wanted, if any
 */
public record Selection(int history, int minimumWords, int mostOfAReply, boolean generated,
        Optional<TeacherScore> teacher) {
    /**
     * @throws InvalidSetting if a number is out of range
     */
    public Selection {
        InvalidSetting.unless(mostOfAReply >= 1, "mostOfAReply", mostOfAReply, "use 1 or more");
        exchanges(history, minimumWords);
    }

    Exchanges exchanges() {
        return exchanges(history, minimumWords);
    }

    private static Exchanges exchanges(int history, int minimumWords) {
        return Exchanges.standard().withHistory(history).withMinimumWords(minimumWords);
    }
}
