package io.retort.dialogue;

import java.util.stream.Collectors;
import java.util.Set;
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

    /** All replies that a model scores for this case: the positive, then the adversarial, then the random ones. */
    public List<String> candidates() {
        return Stream.of(positive, adversarial, random).flatMap(List::stream).toList();
    }

    /**
     * Which of the negatives, adversarial ones first, do not fit: all but those that are a positive in some spelling
     * ({@link NormalForm}), for which the makers of the test did not look.
     */
    public boolean[] wrong() {
        Set<String> right = positive.stream().map(NormalForm::of).collect(Collectors.toSet());
        boolean[] wrong = new boolean[adversarial.size() + random.size()];
        for (int i = 0; i < wrong.length; i++) {
            String negative = i < adversarial.size() ? adversarial.get(i) : random.get(i - adversarial.size());
            wrong[i] = !right.contains(NormalForm.of(negative));
        }
        return wrong;
    }

    /** How many of the negatives are also a positive in some spelling, and so do not count as wrong. */
    public int copies() {
        int copies = 0;
        for (boolean each : wrong()) copies += each ? 0 : 1;
        return copies;
    }

    /** This case with its context cut to the newest turns, at most so many. */
    public RankingCase withHistory(int turns) {
        return new RankingCase(id, context.latest(turns), positive, adversarial, random);
    }

    /** This case with only the first of its positive replies, at most so many. */
    public RankingCase withPositives(int most) {
        return most >= positive.size()
                ? this
                : new RankingCase(id, context, positive.subList(0, most), adversarial, random);
    }
}
