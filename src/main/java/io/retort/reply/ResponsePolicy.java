package io.retort.reply;

import io.retort.files.BadInput;
import io.retort.files.TextLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a conversation says beside replies out of its index: fixed answers to what everybody says to a bot, and a
 * fallback where no reply scores well enough. Immutable; any thread.
 *
 * @param fixed       looked at first
 * @param minScore    the least score of a reply that is said, {@linkplain Responder#score the model's own}; empty for no
 *                    floor
 * @param fallbacks   said in turn where the best reply is below that
 * @param calibration what scores mean; empty if nobody knows
 */
public record ResponsePolicy(FixedAnswers fixed, OptionalDouble minScore, List<String> fallbacks,
        Optional<ScoreCalibration> calibration) {
    private static final List<String> USUAL_FALLBACKS = List.of(
            "I have no good answer to that. Could you put it differently?",
            "I am not sure what to say to that. Can you tell me more?",
            "That is beyond me. What else is on your mind?");

    /** @throws IllegalArgumentException if there is a floor and no fallback */
    public ResponsePolicy {
        fallbacks = List.copyOf(fallbacks);
        if (minScore.isPresent() && fallbacks.isEmpty()) throw new IllegalArgumentException("fallbacks is empty");
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
                USUAL_FALLBACKS, calibration);
    }

    /** A copy of this policy with other fixed answers. */
    public ResponsePolicy withFixed(FixedAnswers fixed) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration);
    }

    /** A copy of this policy with another floor; empty for none. */
    public ResponsePolicy withMinScore(OptionalDouble minScore) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration);
    }

    /** A copy of this policy with other fallbacks. */
    public ResponsePolicy withFallbacks(List<String> fallbacks) {
        return new ResponsePolicy(fixed, minScore, fallbacks, calibration);
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

    /** Whether a reply of this score may be said. */
    boolean allows(double score) {
        return minScore.isEmpty() || score >= minScore.getAsDouble();
    }
}
