package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One run of the command line in this process; several may run at the same time. */
record Run(int code, String out, String err) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final InheritableThreadLocal<OutputStream> OUT = new InheritableThreadLocal<>();
    private static final InheritableThreadLocal<OutputStream> ERR = new InheritableThreadLocal<>();

    static {
        System.setOut(new PrintStream(new StreamOfThread(OUT, System.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new StreamOfThread(ERR, System.err), true, StandardCharsets.UTF_8));
    }

    /**
     * Gives each run what it prints on its own thread and on those that it starts; whatever tests beside it print goes
     * where it would go without this.
     */
    private static final class StreamOfThread extends OutputStream {
        private final InheritableThreadLocal<OutputStream> own;
        private final OutputStream usual;

        StreamOfThread(InheritableThreadLocal<OutputStream> own, OutputStream usual) {
            this.own = own;
            this.usual = usual;
        }

        private OutputStream target() {
            OutputStream target = own.get();
            return target == null ? usual : target;
        }

        @Override
        public void write(int one) throws IOException {
            target().write(one);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            target().write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            target().flush();
        }
    }

    /** Runs a command; nothing it does may print a stack trace. */
    static Run of(Object... arguments) {
        Run run = withStackTraces(arguments);
        assertFalse(run.err.contains("\tat "), run.err);
        return run;
    }

    /** Runs a command that may print a stack trace. */
    static Run withStackTraces(Object... arguments) {
        String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream(), err = new ByteArrayOutputStream();
        OUT.set(out);
        ERR.set(err);
        try {
            int code = Main.run(texts);
            return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            OUT.remove();
            ERR.remove();
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
