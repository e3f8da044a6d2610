package io.retort.distill;

import io.retort.dialogue.Candidate;
import java.util.Locale;
import java.util.OptionalDouble;

/** Which of the teacher's opinions a student is to share (G2R section 3.3). */
public enum TeacherScore {
    /** The teacher's log-likelihood of a reply given its context, in nats a token. */
    LL {
        @Override
        public OptionalDouble of(Candidate candidate) {
            return candidate.ll();
        }
    },
    /** The mutual information of a reply and its context by the teacher, in nats a token. */
    MI {
        @Override
        public OptionalDouble of(Candidate candidate) {
            return candidate.mi();
        }
    };

    /** This score of a candidate; empty if the teacher was not asked for it. */
    public abstract OptionalDouble of(Candidate candidate);

    /** The score's name in files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
