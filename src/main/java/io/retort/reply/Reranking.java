package io.retort.reply;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;

/**
 * How the best of what a search found are put in order anew, where the index keeps the contexts that its replies
 * answered (decision 60).
 *
 * @param depth      how many of the best; 0 leaves them as they were found
 * @param turnShare  of the context's last turn by itself in what is searched for; the rest is all of the context
 * @param lastTurn   of the words that both last turns have, in the score
 * @param turnBefore of the words that both turns before have
 * @param missing    of the words that a reply has from its own context and the context that is answered lacks
 */
public record Reranking(
        @Setting(
                value = "How many of the best replies that are found are put in order anew by the words of the contexts that "
                        + "they answered; 0 for none.",
                label = "N") int depth,
        @Setting(value = "Share of the last turn by itself in what is searched for.", label = "SHARE") double turnShare,
        @Setting(value = "Weight of words that the last turns have in common.", label = "NUMBER") double lastTurn,
        @Setting(value = "Weight of words that the turns before have in common.", label = "NUMBER") double turnBefore,
        @Setting(value = "Weight against words that a reply has from its own context alone.",
                label = "NUMBER") double missing) {
    private static final int MOST = 10_000;

    public Reranking {
        InvalidSetting.unless(depth >= 0 && depth <= MOST, "depth", depth, "use 0 to " + MOST);
        check("turnShare", turnShare);
        check("lastTurn", lastTurn);
        check("turnBefore", turnBefore);
        check("missing", missing);
    }

    private static void check(String name, double weight) {
        InvalidSetting.unless(weight >= 0 && weight <= 1, name, weight, "use 0 to 1");
    }

    /** The weights that did best. */
    public static Reranking defaults() {
        return new Reranking(200, .25, .1, .1, .3);
    }

    /** Replies stay in the order in which they are found, by the whole context. */
    public static Reranking none() {
        return new Reranking(0, 0, 0, 0, 0);
    }
}
