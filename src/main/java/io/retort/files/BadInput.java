package io.retort.files;

import java.nio.file.Path;

/**
 * Input that Retort cannot use: a file, an option, a request. The message names where (file, line or offset), what is
 * wrong and what to do about it, so that a command can print it as it is; the command line maps it to exit code 2, but
 * for kinds of it that are no fault of the input.
 */
public class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a kind of bad input that callers must tell from others; the message says what is wrong and what to do about
     * it.
     */
    protected BadInput(String message, Throwable cause) {
        super(message, cause);
    }

    /** Reports input that is not a file, such as a setting's value or a model's name. */
    public static BadInput of(String problem, String remedy) {
        return new BadInput(sentence(problem, remedy), null);
    }

    /** Reports a file as a whole. */
    public static BadInput in(Path file, String problem, String remedy) {
        return new BadInput(file + ": " + sentence(problem, remedy), null);
    }

    /** Reports a line of a text file, counted from 1. */
    public static BadInput atLine(Path file, long line, String problem, String remedy) {
        return new BadInput(file + ":" + line + ": " + sentence(problem, remedy), null);
    }

    /** Reports a place in a binary file, in bytes from its start. */
    public static BadInput atOffset(Path file, long offset, String problem, String remedy) {
        return new BadInput(file + ": at byte " + offset + ": " + sentence(problem, remedy), null);
    }

    /** Attaches the exception that brought the bad input to light as the cause, and leaves the message as it is. */
    public BadInput causedBy(Throwable cause) {
        return new BadInput(getMessage(), cause);
    }

    private static String sentence(String problem, String remedy) {
        return remedy.isEmpty() ? problem : problem + "; " + remedy;
    }
}
