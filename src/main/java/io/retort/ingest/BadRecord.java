package io.retort.ingest;

import io.retort.files.BadInput;
import java.nio.file.Path;

/** One record of a file that is broken, while those after it can be read: who wishes leaves it out and goes on. */
public final class BadRecord extends BadInput {
    private static final long serialVersionUID = 1L;

    private BadRecord(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Reports a record by its line, counted from 1.
     *
     * @param takenFor what the file was taken for
     */
    static BadRecord at(Path file, long line, String problem, String takenFor, String remedy) {
        return of(BadInput.atLine(file, line, problem, remedy), takenFor);
    }

    /** A fault that another reader found in a record, with what the file was taken for. */
    static BadRecord of(BadInput fault, String takenFor) {
        return new BadRecord(told(fault.getMessage(), takenFor), fault);
    }

    /** A fault of a record that names all there is to say. */
    static BadRecord of(BadInput fault) {
        return new BadRecord(fault.getMessage(), fault);
    }

    /** A message with what the file was taken for, before the remedy. */
    static String told(String message, String takenFor) {
        String told = " (the file was taken for " + takenFor + ")";
        int remedy = message.lastIndexOf("; ");
        return remedy < 0 ? message + told : message.substring(0, remedy) + told + message.substring(remedy);
    }
}
