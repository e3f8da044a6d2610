package io.retort.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/**
 * Items whose answer is known, by which judges who do not read are found: what people said next, beside what people said
 * elsewhere with its words in disorder. Where one reply is judged by itself, it is the one and the other in turns.
 *
 * @param form   of the study
 * @param random draws sides and disorder
 */
record HiddenChecks(StudyForm form, SplittableRandom random) {
    /** Names that stand for systems in checks; no system can have them, for the colon. */
    static final String GOOD = "check:good", WRONG = "check:wrong";
    /** Replies of fewer words may make sense in any order. */
    private static final int LEAST_WORDS = 5;

    /** A check that is to become an item. */
    record Check(StudyContext context, List<StudyItem.Shown> shown, List<String> expected) {
    }

    /**
     * Whether people said enough after a context for its words to be shown in disorder as an obviously wrong reply.
     */
    static boolean canBeDisordered(StudyContext context) {
        return context.human().stream().anyMatch(text -> words(text).size() >= LEAST_WORDS);
    }

    /**
     * Makes checks.
     *
     * @param contexts of which people's replies are known, and long enough to be disordered
     * @param said     what judges read of a speaker who said these texts after a context
     */
    List<Check> of(List<StudyContext> contexts, BiFunction<StudyContext, List<String>, List<Said>> said) {
        List<Check> checks = new ArrayList<>();
        int side = random.nextInt(2); // sides take turns, so that who always takes the same passes no more than half
        for (int i = 0; i < contexts.size(); i++) {
            StudyContext context = contexts.get(i);
            List<String> wrong = contexts.get((i + 1) % contexts.size()).human().stream().map(this::disordered)
                    .toList();
            StudyItem.Shown good = new StudyItem.Shown(GOOD, said.apply(context, context.human())),
                    bad = new StudyItem.Shown(WRONG, said.apply(context, wrong));
            checks.add(form.isPaired()
                    ? pair(context, side++ % 2 == 0, good, bad)
                    : single(context, i % 2 == 0, good, bad));
        }
        return checks;
    }

    private Check pair(StudyContext context, boolean isLeft, StudyItem.Shown good, StudyItem.Shown bad) {
        return isLeft
                ? new Check(context, List.of(good, bad), List.of(StudyForm.LEFT))
                : new Check(context, List.of(bad, good), List.of(StudyForm.RIGHT));
    }

    private Check single(StudyContext context, boolean isWrong, StudyItem.Shown good, StudyItem.Shown bad) {
        List<String> answers = form.choices().stream().map(StudyForm.Choice::answer).toList();
        List<String> right = form == StudyForm.LIKERT
                ? isWrong ? List.of("1", "2") : List.of("3", "4", "5")
                : isWrong ? answers.subList(2, 3) : answers.subList(0, 2);
        return new Check(context, List.of(isWrong ? bad : good), right);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }

    private String disordered(String text) {
        List<String> words = new ArrayList<>(words(text));
        List<String> before = List.copyOf(words);
        for (int attempt = 0; attempt < 10 && words.equals(before); attempt++) Collections.shuffle(words, random);
        return String.join(" ", words);
    }
}
