package io.retort.reply;

import io.retort.files.BadInput;
import io.retort.files.TextLines;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyVerdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a conversation says beside replies out of its index: what a safety screen has it say, fixed answers to what
 * everybody says to a bot, and a fallback where no reply scores well enough; and whether it keeps to what it said before.
 * Immutable; any thread.
 *
 * @param fixed       looked at first
 * @param minScore    the least score of a reply that is said, {@linkplain Responder#score the model's own}; empty for no
 *                    floor
 * @param fallbacks   said in turn where the best reply is below that
 * @param calibration what scores mean; empty if nobody knows
 * @param safety      the screen that looks at turns and replies, before anything else; empty for none
 * @param consistent  whether replies are passed over that nearly repeat a turn of the session, or contradict what was
 *                    replied in it
 */
public record ResponsePolicy(FixedAnswers fixed, OptionalDouble minScore, List<String> fallbacks,
        Optional<ScoreCalibration> calibration, Optional<SafetyScreen> safety, boolean consistent) {
    private static final List<String> USUAL_FALLBACKS = List.of(
            "I have no good answer to that. Could you put it differently?",
            "I am not sure what to say to that. Can you tell me more?",
            "That is beyond me. What else is on your mind?");

    /** @throws IllegalArgumentException if there is a floor and no fallback */
    public ResponsePolicy {
        fallbacks = List.copyOf(fallbacks);
        if (minScore.isPresent() && fallbacks.isEmpty()) throw new IllegalArgumentException("fallbacks is empty");
    }

    /** A policy without a screen, which passes over no reply for what was said before. */
    public ResponsePolicy(FixedAnswers fixed, OptionalDouble minScore, List<String> fallbacks,
            Optional<ScoreCalibration> calibration) {
        this(fixed, minScore, fallbacks, calibration, Optional.empty(), false);
    }

    /** Nothing but replies out of the index, whatever their score. */
    public static ResponsePolicy none() {
        return new ResponsePolicy(FixedAnswers.none(), OptionalDouble.empty(), USUAL_FALLBACKS, Optional.empty());
    }

    /**
     * The standard answers, and the floor that the student was calibrated to; a student without a calibration has none.
     *
     * @param student its folder
     */
    public static ResponsePolicy of(Path student) throws IOException {
        Optional<ScoreCalibration> calibration = ScoreCalibration.read(student);
        return new ResponsePolicy(FixedAnswers.standard(),
                calibration.map(known -> OptionalDouble.of(known.floor())).orElse(OptionalDouble.empty()),
                USUAL_FALLBACKS, calibration, Optional.empty(), true);
    }

    /** A copy of this policy with other fixed answers. */
    public ResponsePolicy withFixed(FixedAnswers fixed) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration, safety, consistent);
    }

    /** A copy of this policy with another floor; empty for none. */
    public ResponsePolicy withMinScore(OptionalDouble minScore) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration, safety, consistent);
    }

    /** A copy of this policy with other fallbacks. */
    public ResponsePolicy withFallbacks(List<String> fallbacks) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration, safety, consistent);
    }

    /** A copy of this policy with a safety screen. */
    public ResponsePolicy withSafety(SafetyScreen screen) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration, Optional.of(screen), consistent);
    }

    /** A copy of this policy that keeps to what was said before, or does not. */
    public ResponsePolicy withConsistent(boolean consistent) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration, safety, consistent);
    }

    /**
     * A copy of this policy with the fallbacks of a file, one a line.
     *
     * @throws BadInput if it holds none, or an empty line
     */
    public ResponsePolicy withFallbacks(Path file) throws IOException {
        List<String> texts = new ArrayList<>();
        try (TextLines lines = TextLines.openVerbatim(file)) {
            while (lines.hasNext()) texts.add(lines.nextFilled());
        }
        if (texts.isEmpty()) throw BadInput.in(file, "is empty", "put one text on each line");
        return withFallbacks(texts);
    }

    /**
     * What is said to a turn that the safety screen stops; empty if it passes.
     *
     * @param number how many turns were stopped before, so that answers take turns
     */
    public Optional<ChatReply> guard(String turn, int number) {
        if (safety.isEmpty()) return Optional.empty();
        SafetyVerdict verdict = safety.get().checkTurn(turn);
        return verdict.passes()
                ? Optional.empty()
                : Optional.of(new ChatReply.Guarded(safety.get().answer(verdict, number), verdict));
    }

    /**
     * The fixed answer to a turn, if it has one.
     *
     * @param number how many were given before, so that variants take turns
     */
    public Optional<ChatReply> answer(String turn, int number) {
        return fixed.find(turn).map(match -> new ChatReply.Fixed(match.answer().name(), match.phrasing(),
                match.answer().say().get(number % match.answer().say().size())));
    }

    /**
     * What is said where a reply was found: the reply, or a fallback if it scores too low.
     *
     * @param best   the reply
     * @param score  the model's own of it
     * @param number how many fallbacks were said before, so that they take turns
     */
    public ChatReply judge(RankedReply best, double score, int number) {
        ChatReply.Found found = new ChatReply.Found(best, score, calibration
                .map(known -> OptionalDouble.of(known.confidence(score))).orElse(OptionalDouble.empty()));
        return minScore.isEmpty() || score >= minScore.getAsDouble()
                ? found
                : new ChatReply.Fallback(fallbacks.get(number % fallbacks.size()), found, minScore.getAsDouble());
    }
}
