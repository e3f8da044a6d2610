package io.retort.ingest;

import java.util.Objects;

/**
 * How sure a format is that a file is its own, and why. The surest format reads the file; where two are equally sure, a
 * setting decides.
 *
 * @param confidence how sure
 * @param why        what in the file says so, for people, as it stands after "since it": {@code has a field `messages`}
 */
public record Recognition(Confidence confidence, String why) {
    /** A file of some other format. */
    public static final Recognition NONE = new Recognition(Confidence.NONE, "");

    /** Degrees of being sure. */
    public enum Confidence {
        /** It is none of the format. */
        NONE,
        /** It could be read, as almost any text could. */
        POSSIBLE,
        /** It looks like the format, and other formats would not look so. */
        LIKELY,
        /** It has marks that only this format has. */
        CERTAIN
    }

    public Recognition {
        Objects.requireNonNull(confidence, "confidence");
        Objects.requireNonNull(why, "why");
    }

    public static Recognition possible(String why) {
        return new Recognition(Confidence.POSSIBLE, why);
    }

    public static Recognition likely(String why) {
        return new Recognition(Confidence.LIKELY, why);
    }

    public static Recognition certain(String why) {
        return new Recognition(Confidence.CERTAIN, why);
    }
}
