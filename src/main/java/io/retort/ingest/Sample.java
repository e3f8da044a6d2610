package io.retort.ingest;

import io.retort.files.InputFile;
import io.retort.files.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The beginning of a file's content, decompressed, by which formats know their own. Immutable but for what it has found
 * out about itself; one thread.
 */
public final class Sample {
    /** Most bytes of a sample. */
    public static final int LENGTH = 1 << 16;

    private final Path file;
    private final byte[] bytes;
    private final boolean whole;
    private final ReadingSettings settings;
    private List<String> lines;
    private JsonSample json;

    /**
     * @param bytes the first bytes of the file, decompressed; not changed afterwards
     * @param whole whether these are all
     */
    Sample(Path file, byte[] bytes, boolean whole, ReadingSettings settings) {
        this.file = file;
        this.bytes = bytes;
        this.whole = whole;
        this.settings = settings;
    }

    /** Reads the beginning of a file. */
    static Sample of(Path file, ReadingSettings settings) throws IOException {
        try (InputStream in = InputFile.decompressed(file)) {
            byte[] bytes = in.readNBytes(LENGTH);
            return new Sample(file, bytes, bytes.length < LENGTH || in.read() < 0, settings);
        }
    }

    /** The file's name may support what the content says; it is never all that a format goes by. */
    public Path file() {
        return file;
    }

    /** What the user decides about reading. */
    public ReadingSettings settings() {
        return settings;
    }

    /** The bytes, decompressed; the caller must not change them. */
    public byte[] bytes() {
        return bytes;
    }

    /** Whether the sample is the whole file. */
    public boolean isWhole() {
        return whole;
    }

    /** Whether the sample begins with these bytes. */
    public boolean startsWith(byte... mark) {
        return bytes.length >= mark.length && java.util.Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length);
    }

    /** The complete lines of the sample as text, without byte order mark and line ends; broken characters stand as U+FFFD. */
    public List<String> lines() {
        if (lines == null) lines = lines(TextFile.beginning(bytes, settings.charset()));
        return lines;
    }

    private List<String> lines(String text) {
        List<String> all = text.lines().toList();
        boolean isCut = !whole && !text.endsWith("\n") && !text.endsWith("\r") && !all.isEmpty();
        return isCut ? all.subList(0, all.size() - 1) : all;
    }

    /** What the sample holds as JSON; without records if it is none. */
    JsonSample json() {
        if (json == null) json = JsonSample.of(new String(bytes, StandardCharsets.UTF_8));
        return json;
    }
}
