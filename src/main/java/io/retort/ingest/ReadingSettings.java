package io.retort.ingest;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a user decides about reading other people's files; everything else the files tell themselves.
 *
 * @param format   name of the format that files are read as; else each is recognised by its content
 * @param columns  which columns of tables, or fields of records, are what
 * @param speaker  speakers whose turns count as replies; none for those that have an assistant's role, or else all
 * @param skipBad  most broken records of a file that are left out
 * @param encoding of text, where it is neither UTF-8 nor marked
 */
public record ReadingSettings(
        @Setting(value = "What files of conversations are read as, where their content does not tell: jsonl (ours), "
                + "messages, sharegpt, csv, ...", label = "NAME", defaultText = "told by content")
        Optional<String> format,
        @Setting(value = "Columns of tables, or fields of records, by what they hold: "
                + "id=NAME,speaker=NAME,text=NAME,time=NAME or context=NAME,response=NAME; `-` for none.",
                label = "WHAT=NAME,...", defaultText = "found by their names") Optional<Columns> columns,
        @Setting(value = "Whose turns count as replies: names, or assistant, user or all. Contexts keep all speakers.",
                label = "NAME", defaultText = "those with an assistant's role where there are any, else all")
        List<String> speaker,
        @Setting(value = "Leave out broken records, so many of a file at most, and count them.", label = "N",
                defaultText = "0") Optional<Long> skipBad,
        @Setting(value = "Encoding of text files that are neither UTF-8 nor marked, such as windows-1252.",
                label = "NAME", defaultText = "told by content") Optional<String> encoding) {
    public ReadingSettings {
        speaker = List.copyOf(speaker);
        skipBad.ifPresent(most -> InvalidSetting.unless(most >= 0, "skipBad", most, "use 0 or more"));
        encoding.ifPresent(ReadingSettings::charset);
    }

    /** Files tell what they are, and nothing in them may be broken. */
    public static ReadingSettings defaults() {
        return new ReadingSettings(Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
    }

    /** A copy of these settings that reads every file as one format. */
    public ReadingSettings withFormat(String format) {
        return new ReadingSettings(Optional.of(format), columns, speaker, skipBad, encoding);
    }

    /** A copy of these settings that is told which columns are what. */
    public ReadingSettings withColumns(Columns columns) {
        return new ReadingSettings(format, Optional.of(columns), speaker, skipBad, encoding);
    }

    /** A copy of these settings in which only turns of these speakers are replies. */
    public ReadingSettings withSpeaker(String... speakers) {
        return new ReadingSettings(format, columns, List.of(speakers), skipBad, encoding);
    }

    /** A copy of these settings that leaves out broken records, so many of a file at most. */
    public ReadingSettings withSkipBad(long most) {
        return new ReadingSettings(format, columns, speaker, Optional.of(most), encoding);
    }

    /** A copy of these settings that decodes texts so. */
    public ReadingSettings withEncoding(String encoding) {
        return new ReadingSettings(format, columns, speaker, skipBad, Optional.of(encoding));
    }

    /** The encoding of texts that is asked for, if any. */
    public Optional<Charset> charset() {
        return encoding.map(ReadingSettings::charset);
    }

    /**
     * What of these settings, and of what files said by themselves, decides which dialogues and replies a job reads, as
     * plain values, for the identity of a resumable job; empty where it is what it has always been.
     *
     * @param reports of the job's files
     */
    public Optional<Map<String, Object>> decided(List<ReadingReport> reports) {
        Map<String, Object> decided = new LinkedHashMap<>();
        format.ifPresent(name -> decided.put("format", name));
        columns.ifPresent(names -> decided.put("columns", names.toString()));
        if (!speaker.isEmpty()) decided.put("speaker", speaker);
        skipBad.ifPresent(most -> decided.put("skip_bad", most));
        encoding.ifPresent(name -> decided.put("encoding", name));
        List<String> repliers = reports.stream().flatMap(report -> report.repliers().stream()).distinct().sorted()
                .toList();
        if (!repliers.isEmpty()) decided.put("repliers", repliers);
        return decided.isEmpty() ? Optional.empty() : Optional.of(decided);
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new InvalidSetting("encoding", name, "", "name one such as UTF-8, windows-1252 or UTF-16LE");
        }
    }
}
