package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.RecordFile;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files as people have them, and beside each a file {@code NAME.expected} with what is right: {@code set KEY VALUE} for
 * what the user decides, {@code format NAME} and the records as lines of our own JSONL, or {@code refused}; {@code says
 * WORDS} must stand in the sentence that reports the reading, or in the refusal.
 */
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/io/retort/ingest/corpus");
    private static final String EXPECTED = ".expected";

    @TempDir
    Path folder;

    /** What stands in a file of expectations. */
    private record Expectation(ReadingSettings settings, String format, boolean isRefused, List<String> says,
            List<String> records) {
        static Expectation of(Path file) throws IOException {
            ReadingSettings settings = ReadingSettings.defaults();
            String format = "";
            boolean refused = false;
            List<String> says = new ArrayList<>();
            List<String> records = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(" ", 3);
                switch (parts[0]) {
                    case "set" -> settings = set(settings, parts[1], parts[2]);
                    case "format" -> format = parts[1];
                    case "refused" -> refused = true;
                    case "says" -> says.add(line.substring(5));
                    default -> records.add(line);
                }
            }
            return new Expectation(settings, format, refused, says, records);
        }

        private static ReadingSettings set(ReadingSettings settings, String key, String value) {
            return switch (key) {
                case "format" -> settings.withFormat(value);
                case "encoding" -> settings.withEncoding(value);
                case "columns" -> settings.withColumns(Columns.parse(value));
                case "pause" -> settings.withPause(Double.parseDouble(value));
                case "skip-bad" -> settings.withSkipBad(Long.parseLong(value));
                default -> throw new IllegalArgumentException(key);
            };
        }
    }

    static List<String> expectations() throws IOException {
        try (Stream<Path> files = Files.list(CORPUS)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(EXPECTED)).sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("expectations")
    void everyShapeIsReadAsItsMakersMeantItOrRefusedWithTheRemedy(String expected) throws IOException {
        Expectation right = Expectation.of(CORPUS.resolve(expected));
        // What is expected of one file with other settings has a name behind a plus: talks.csv+columns.expected.
        Path file = CORPUS
                .resolve(expected.substring(0, expected.length() - EXPECTED.length()).replaceFirst("\\+.*", ""));
        if (right.isRefused()) {
            String told = assertThrows(BadInput.class, () -> read(file, right.settings())).getMessage();
            assertTrue(told.startsWith(file.toString()), told);
            right.says().forEach(words -> assertTrue(told.contains(words), told));
            return;
        }
        Reading reading = read(file, right.settings());
        assertEquals(String.join("\n", right.records()), String.join("\n", reading.records()), reading.told());
        assertEquals(right.format(), reading.format());
        right.says().forEach(words -> assertTrue(reading.told().contains(words), reading.told()));
    }

    @Test
    void everyFileOfTheCorpusHasAnExpectationAndThereAreFortyShapesAtLeast() throws IOException {
        List<String> without = new ArrayList<>();
        try (Stream<Path> files = Files.list(CORPUS)) {
            for (Path file : files.filter(each -> !each.toString().endsWith(EXPECTED)).toList()) {
                if (!Files.exists(Path.of(file + EXPECTED))) without.add(file.getFileName().toString());
            }
        }
        assertEquals(List.of(), without);
        assertTrue(expectations().size() >= 40);
    }

    private record Reading(String format, List<String> records, String told) {}

    private Reading read(Path file, ReadingSettings settings) throws IOException {
        SourceFile source = SourceFile.recognise(file, settings);
        Optional<ConversationFormat> foreign = source.foreign();
        return read(source, source.form(), foreign.map(ConversationFormat::name).orElse(SourceFile.OURS));
    }

    private <T> Reading read(SourceFile source, RecordFile<T> form, String format) throws IOException {
        Path records = folder.resolve("records.jsonl");
        try (SourceReader<T> reader = source.open(form); var writer = form.create(records)) {
            while (reader.hasNext()) writer.write(reader.next());
            writer.commit();
            return new Reading(format, Files.readAllLines(records), reader.report().sentence());
        }
    }
}
