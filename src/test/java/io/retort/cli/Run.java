package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** One run of the command line in this process. */
record Run(int code, String out, String err) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Runs a command; nothing it does may print a stack trace. */
    static Run of(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) texts[i] = arguments[i].toString();
        PrintStream out = System.out, err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream(), errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            int code = Main.run(texts);
            Run run = new Run(code, outBytes.toString(StandardCharsets.UTF_8),
                    errBytes.toString(StandardCharsets.UTF_8));
            assertFalse(run.err.contains("\tat "), run.err);
            return run;
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** What a run that went well printed. */
    static String ok(Object... arguments) {
        Run run = of(arguments);
        assertEquals(0, run.code, run.err);
        return run.out;
    }

    /** The one JSON object that a run printed. */
    static JsonNode json(Object... arguments) throws IOException {
        JsonNode json = JSON.readTree(ok(arguments));
        assertTrue(json.isObject());
        return json;
    }

    /** The message of a run that was refused for its input, which says all of {@code parts}. */
    static String refused(Run run, Object... parts) {
        assertEquals(2, run.code, run.err);
        assertEquals("", run.out);
        for (Object part : parts) assertTrue(run.err.contains(part.toString()), run.err);
        return run.err;
    }
}
