package io.retort.ingest;

import io.retort.files.InputFile;
import io.retort.files.TextFile;
import io.retort.files.TextLines;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file that a format reads: its bytes or its text, what the user decides, and where the format tells what it leaves
 * out. One thread.
 */
public final class Source {
    private final Path file;
    private final ReadingSettings settings;
    private final String title;
    private final Sample sample;
    private final Map<String, Long> leftOut = new LinkedHashMap<>();
    private final Map<String, Long> notes = new LinkedHashMap<>();
    private final String stem;
    private String detail = "";

    Source(Path file, ReadingSettings settings, String title, Sample sample) {
        this.file = file;
        this.settings = settings;
        this.title = title;
        this.sample = sample;
        this.stem = stem(file);
    }

    private static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }

    public Path file() {
        return file;
    }

    public ReadingSettings settings() {
        return settings;
    }

    /** The beginning of the content, by which the file was recognised. */
    public Sample sample() {
        return sample;
    }

    /** The whole content as bytes, decompressed, from the start. */
    public InputStream bytes() throws IOException {
        return InputFile.decompressed(file);
    }

    /** The whole content as text, decompressed and decoded, from the start; a byte order mark is left out. */
    public BufferedReader text() throws IOException {
        return TextFile.reader(file, settings.charset());
    }

    /** The lines of the content, decompressed and decoded, from the first. */
    public TextLines lines() throws IOException {
        return TextLines.open(file);
    }

    /** The id of a dialogue that has none: the same whenever the file is read, other than that of any other line. */
    public String idAt(long line) {
        return stem + ":" + line;
    }

    /**
     * Counts what is in the file and not in its dialogues.
     *
     * @param what a plural, as it stands after a number: {@code system messages}
     */
    public void leaveOut(String what, long times) {
        if (times > 0) leftOut.merge(what, times, Long::sum);
    }

    /** Counts what was read otherwise than it stands there: {@code turns whose time is unclear}. */
    public void note(String what, long times) {
        if (times > 0) notes.merge(what, times, Long::sum);
    }

    /** Says more closely what the file was taken for, such as which columns were taken for what. */
    public void detail(String more) {
        detail = more;
    }

    /** Makes the error of one broken record, for the format to throw; lines count from 1. */
    public BadRecord bad(long line, String problem, String remedy) {
        return BadRecord.at(file, line, problem, title, remedy);
    }

    Map<String, Long> leftOut() {
        return leftOut;
    }

    Map<String, Long> notes() {
        return notes;
    }

    /** What the file was taken for, as closely as is known. */
    String takenFor() {
        return detail.isEmpty() ? title : title + " (" + detail + ")";
    }
}
