package io.retort.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Answers given one at a time, as a user would wait for them.
 *
 * @param replies in the order of the questions
 * @param latency wall time of each, after {@value Latency#WARM_UPS} warm-ups, in nanoseconds
 */
public record TimedAnswers(List<String> replies, Latency latency) {
    public TimedAnswers {
        replies = List.copyOf(replies);
    }

    /**
     * Answers all questions, of which the first few are asked once more beforehand, untimed.
     *
     * @param questions one or more
     * @param answer from a question to a reply: tokenising, encoding and search
     */
    public static <Q> TimedAnswers to(List<Q> questions, Function<Q, String> answer) {
        for (int i = 0; i < Latency.WARM_UPS; i++) answer.apply(questions.get(i % questions.size()));
        List<String> replies = new ArrayList<>(questions.size());
        long[] nanos = new long[questions.size()];
        for (int i = 0; i < nanos.length; i++) {
            long started = System.nanoTime();
            replies.add(answer.apply(questions.get(i)));
            nanos[i] = System.nanoTime() - started;
        }
        return new TimedAnswers(replies, Latency.of(nanos, 0));
    }
}
