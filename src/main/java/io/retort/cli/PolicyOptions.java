package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.reply.FixedAnswers;
import io.retort.reply.ResponsePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** Options that say what is said beside replies out of the index. */
final class PolicyOptions {
    private static final String NONE = "none";

    @Option(names = "--min-score", paramLabel = "S",
            description = "The least score of a reply that is said; where the best has less, a fallback is. none for no "
                    + "floor. Default: in a chat what the model was calibrated to (retort calibrate), or none; reply "
                    + "keeps to a floor and to fixed answers only where one of these three options is given.")
    private String minScore;

    @Option(names = "--fallbacks", paramLabel = "FILE",
            description = "What is said where no reply scores well enough, one text a line, in turn.")
    private Path fallbacks;

    @Option(names = "--answers", paramLabel = "FILE",
            description = "Fixed answers that replace or add to those to hello, who are you, are you a bot, what can you "
                    + "do, thanks and bye: lines {\"name\": \"bot\", \"to\": [\"are you a bot\"], \"say\": [\"Yes.\"]}. none "
                    + "for none. Default: INDEX.answers.jsonl, if it is there.")
    private Path answers;

    /** Whether any of them is given. */
    boolean areGiven() {
        return minScore != null || fallbacks != null || answers != null;
    }

    /**
     * The policy that the options ask for.
     *
     * @param usual that of the model
     * @param index that is answered from, beside which fixed answers may lie; empty for the bundled replies
     */
    ResponsePolicy policy(ResponsePolicy usual, Optional<Path> index) throws IOException {
        ResponsePolicy policy = usual.withFixed(fixed(index));
        if (fallbacks != null) policy = policy.withFallbacks(fallbacks);
        return minScore == null ? policy : policy.withMinScore(floor());
    }

    private FixedAnswers fixed(Optional<Path> index) throws IOException {
        if (answers != null && answers.toString().equals(NONE)) return FixedAnswers.none();
        Optional<Path> file = Optional.ofNullable(answers).or(() -> index.flatMap(FixedAnswers::beside));
        return file.isEmpty() ? FixedAnswers.standard() : FixedAnswers.standard().with(file.get());
    }

    private OptionalDouble floor() {
        if (minScore.equals(NONE)) return OptionalDouble.empty();
        try {
            double floor = Double.parseDouble(minScore);
            if (Double.isFinite(floor)) return OptionalDouble.of(floor);
        } catch (NumberFormatException e) {
            throw BadInput.of("--min-score " + minScore, "use a number, or none").causedBy(e);
        }
        throw BadInput.of("--min-score " + minScore, "use a number, or none");
    }
}
