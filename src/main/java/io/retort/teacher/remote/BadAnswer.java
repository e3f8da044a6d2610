package io.retort.teacher.remote;

/** An answer that is not what the protocol says. */
final class BadAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    private BadAnswer(String problem, boolean passing) {
        super(problem, null, false, false);
        this.passing = passing;
    }

    /** An answer that the same request will bring again. */
    static BadAnswer lasting(String problem) {
        return new BadAnswer(problem, false);
    }

    /** An answer that was perhaps damaged on its way, so that asking again may help. */
    static BadAnswer passing(String problem) {
        return new BadAnswer(problem, true);
    }

    boolean isPassing() {
        return passing;
    }
}
