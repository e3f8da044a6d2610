package io.retort.teacher.remote;

import io.retort.files.BadInput;

/** A teacher's server that does not answer, or only with faults, for as long as it was asked: no fault of the input. */
public final class TeacherUnavailable extends BadInput {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status that the server answered with last; 0 for no answer */
    TeacherUnavailable(String problem, int status, Throwable cause) {
        super(problem + "; see that the server is up and run the same again: what is done is kept", cause);
        this.status = status;
    }

    /** Whether the server answers, but fails at what it is asked, as those do that do not know it. */
    boolean isFault() {
        return status == Endpoint.FAULT;
    }
}
