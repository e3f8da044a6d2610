package io.retort.dialogue;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A context with replies that fit it and replies that do not, to be told apart by a model.
 *
 * @param id unique in its file
 * @param context what was said before
 * @param positive replies that fit; at least one
 * @param adversarial replies that share words with the context but do not fit; may be empty
 * @param random replies of other dialogues; may be empty, but not if adversarial is
 */
public record RankingCase(String id, Context context, List<String> positive, List<String> adversarial,
        List<String> random) {
    public RankingCase {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(context, "context");
        positive = List.copyOf(positive);
        adversarial = List.copyOf(adversarial);
        random = List.copyOf(random);
        if (positive.isEmpty()) throw new IllegalArgumentException("ranking case " + id + " without positive reply");
        if (adversarial.isEmpty() && random.isEmpty()) {
            throw new IllegalArgumentException("ranking case " + id + " without negative replies");
        }
    }

    /** Everything to be scored: positive, then adversarial, then random replies. */
    public List<String> candidates() {
        return Stream.of(positive, adversarial, random).flatMap(List::stream).toList();
    }

    /** The same case with the newest turns of its context alone. */
    public RankingCase withHistory(int turns) {
        return new RankingCase(id, context.latest(turns), positive, adversarial, random);
    }

    /** The same case with its first replies that fit alone, so many of them. */
    public RankingCase withPositives(int most) {
        return most >= positive.size()
                ? this
                : new RankingCase(id, context, positive.subList(0, most), adversarial, random);
    }
}
