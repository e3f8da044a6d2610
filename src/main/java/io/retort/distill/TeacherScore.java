package io.retort.distill;

import io.retort.dialogue.Candidate;
import java.util.Locale;
import java.util.OptionalDouble;

/** Which of the teacher's opinions a student is to share (G2R section 3.3). */
public enum TeacherScore {
    /** Log-likelihood a token. */
    LL {
        @Override
        public OptionalDouble of(Candidate candidate) {
            return candidate.ll();
        }
    },
    /** Mutual information a token. */
    MI {
        @Override
        public OptionalDouble of(Candidate candidate) {
            return candidate.mi();
        }
    };

    /** What the teacher said of a candidate by this score, if it was asked. */
    public abstract OptionalDouble of(Candidate candidate);

    /** Its name in files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
