package io.retort.bench.gpu;

import java.io.Writer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON, one object a line, each on disk before the next is measured: what was found outlives a hang. */
final class Report implements AutoCloseable {
    private final Writer out;

    Report(Path file) throws IOException {
        out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    /**
     * Writes an object.
     *
     * @param pairs names and values in turn: texts, numbers, truth values, null, maps and collections of these
     */
    void write(String kind, Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", kind);
        for (int i = 0; i < pairs.length; i += 2) object.put((String) pairs[i], pairs[i + 1]);
        try {
            out.write(json(object) + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Object value) {
        StringBuilder text = new StringBuilder();
        append(text, value);
        return text.toString();
    }

    private static void append(StringBuilder text, Object value) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    append(text.append(separator), entry.getKey());
                    append(text.append(": "), entry.getValue());
                    separator = ", ";
                }
                text.append(map.isEmpty() ? "{}" : "}");
            }
            case Collection<?> all -> {
                String separator = "[";
                for (Object each : all) {
                    append(text.append(separator), each);
                    separator = ", ";
                }
                text.append(all.isEmpty() ? "[]" : "]");
            }
            case Double number when !Double.isFinite(number) -> text.append("null");
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> quote(text, value.toString());
        }
    }

    private static void quote(StringBuilder text, String value) {
        text.append('"');
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') text.append('\\').append(c);
            else if (c < ' ') text.append(String.format("\\u%04x", (int) c));
            else text.append(c);
        }
        text.append('"');
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
