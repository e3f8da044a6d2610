package io.retort.ingest;

import io.retort.files.InputFile;
import io.retort.files.TextInput;
import java.io.IOException;
import java.io.InputStream;
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
    private final String text;
    private final boolean whole;
    private final ReadingSettings settings;
    private List<String> lines;
    private JsonSample json;

    /**
     * @param bytes the first bytes of the file, decompressed; not changed afterwards
     * @param text  the bytes decoded; empty if they are no text
     * @param whole whether these are all
     */
    Sample(Path file, byte[] bytes, String text, boolean whole, ReadingSettings settings) {
        this.file = file;
        this.bytes = bytes;
        this.text = text;
        this.whole = whole;
        this.settings = settings;
    }

    /** Reads the beginning of a file. */
    static Sample of(Path file, ReadingSettings settings) throws IOException {
        try (InputStream in = InputFile.decompressed(file)) {
            byte[] bytes = in.readNBytes(LENGTH);
            boolean whole = bytes.length < LENGTH || in.read() < 0;
            String text = isParquet(bytes) ? "" : TextInput.beginning(file, bytes, settings.textEncoding());
            return new Sample(file, bytes, text, whole, settings);
        }
    }

    private static boolean isParquet(byte[] bytes) {
        return bytes.length >= 4 && bytes[0] == 'P' && bytes[1] == 'A' && bytes[2] == 'R' && bytes[3] == '1';
    }

    /** Whether the file is Parquet, which is no text. */
    boolean isParquet() {
        return isParquet(bytes);
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
        if (lines == null) lines = completeLines();
        return lines;
    }

    private List<String> completeLines() {
        List<String> all = text.lines().toList();
        boolean isCut = !whole && !text.endsWith("\n") && !text.endsWith("\r") && !all.isEmpty();
        return isCut ? all.subList(0, all.size() - 1) : all;
    }

    /** What the sample holds as JSON; without records if it is none. */
    JsonSample json() {
        if (json == null) json = JsonSample.of(text);
        return json;
    }
}
