package io.retort.dialogue;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import io.retort.files.WhiteSpace;
import java.util.OptionalDouble;

/**
 * A reply that is right for a context, with the teacher's opinion of it (section 3.2 of the paper).
 *
 * @param text the reply; not blank
 * @param origin who wrote it
 * @param ll log-likelihood a token, (1/|r|) Σ log P(r_t | c, r_{&lt;t}), in nats; empty if not scored
 * @param mi mutual information a token, log P(r|c) − log P(r), in nats; empty if not scored
 * @param metadata what its owner wants to know of it where it is found later, as plain JSON values; empty for nothing
 */
public record Candidate(String text, Origin origin, OptionalDouble ll, OptionalDouble mi,
        Optional<Map<String, Object>> metadata) {
    public Candidate {
        metadata = Objects.requireNonNull(metadata, "metadata").map(PlainValues::copyOf);
        if (WhiteSpace.isBlank(text)) throw new IllegalArgumentException("a candidate without text");
        if (!isFinite(ll) || !isFinite(mi)) throw new IllegalArgumentException("a teacher score that is not finite");
    }

    /** A candidate without metadata. */
    public Candidate(String text, Origin origin, OptionalDouble ll, OptionalDouble mi) {
        this(text, origin, ll, mi, Optional.empty());
    }

    /** A candidate with neither scores nor metadata, as it is before a teacher judges it. */
    public Candidate(String text, Origin origin) {
        this(text, origin, OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** This candidate with the teacher's scores in place of those it had. */
    public Candidate scored(OptionalDouble ll, OptionalDouble mi) {
        return new Candidate(text, origin, ll, mi, metadata);
    }

    private static boolean isFinite(OptionalDouble score) {
        return Double.isFinite(score.orElse(0));
    }
}
