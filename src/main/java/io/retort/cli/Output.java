package io.retort.cli;

import java.nio.file.FileSystemException;
import java.io.UncheckedIOException;
import java.io.IOException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import picocli.CommandLine.Option;

/** Prints results on standard output: for people, or with {@code --json} for machines. */
final class Output {
    private static final ObjectMapper JSON = new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    /** Output for people, until options say otherwise. */
    Output() {
        this(false);
    }

    /**
     * Output for people or for machines.
     *
     * @param json whether it is for machines
     */
    Output(boolean json) {
        this.json = json;
    }

    void line(String text) {
        System.out.println(text);
        // A print stream keeps its failures to itself; long work for a reader that is gone would be for nothing.
        if (!isWhole()) throw new UncheckedIOException(lost());
    }

    /** Whether everything that was printed has reached its reader or file. */
    static boolean isWhole() {
        return !System.out.checkError();
    }

    /** The error for output that could not be written. */
    static IOException lost() {
        return new FileSystemException("standard output", null,
                "cannot be written: the disk is full, or the reader has gone");
    }

    void json(Object value) {
        try {
            line(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A value as JSON for a file that people may look at, with a line break at its end. */
    static String pretty(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
