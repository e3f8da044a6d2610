package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.store.TinyModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as other tools write them: read as their makers meant them, by every command alike, or refused by name. */
class InputHabitsTest {
    private static final String RANKING = """
            {"id": "1", "context": ["hello"], "positive": ["good night"], "random": [%s]}
            """;

    @TempDir
    static Path models;
    private static Path tiny;

    @TempDir
    Path work;

    @BeforeAll
    static void makeModel() throws IOException {
        tiny = TinyModel.biEncoder(models.resolve("tiny"), 1).path();
    }

    @Test
    void textsOfAnEditorOnWindowsAreTheSameTexts() throws IOException {
        Path plain = write("plain.txt", "hello there\ngood night\n");
        Path marked = write("marked.txt", "\ufeffhello there\r\ngood night\r\nhello there\r\n");
        assertEquals(2,
                Run.json("index", "-m", tiny, "-d", plain, "-o", work.resolve("a"), "--json").path("replies").asInt());
        assertEquals(2,
                Run.json("index", "-m", tiny, "-d", marked, "-o", work.resolve("b"), "--json").path("replies").asInt());
        assertFalse(Run.ok("reply", "-m", tiny, "-i", work.resolve("b"), "-c", "hello", "-k", "2").contains("\ufeff"));
        Run.ok("encode", "-m", tiny, "-d", marked, "-o", work.resolve("v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32"})
    void anotherEncodingIsRefusedByIndexEncodeAndInspectAlike(String encoding) throws IOException {
        byte[] bytes = "hello there\ngood night\n".getBytes(Charset.forName(encoding));
        Path texts = Files.write(work.resolve("texts.txt"), bytes);
        Run.refused(Run.of("index", "-m", tiny, "-d", texts, "-o", work.resolve("i")), "UTF-8");
        Run.refused(Run.of("encode", "-m", tiny, "-d", texts, "-o", work.resolve("v")), "UTF-8");
        Run.refused(Run.of("inspect", texts), "UTF-8");
        Path records = Files.write(work.resolve("talk.jsonl"),
                CommandsTest.DIALOGUES.getBytes(Charset.forName(encoding)));
        Run.refused(Run.of("inspect", records), "UTF-8");
        Run.refused(Run.of("index", "-m", tiny, "-d", records, "-o", work.resolve("i")), "UTF-8");
    }

    @Test
    void textsThatSayByTheirMarkThatTheyAreUtf16AreIndexedAndTold() throws IOException {
        Path texts = Files.write(work.resolve("texts.txt"),
                "hello there\ngood night\n".getBytes(StandardCharsets.UTF_16));
        Run run = Run.of("index", "-m", tiny, "-d", texts, "-o", work.resolve("i"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("is UTF-16BE, by its byte order mark"), run.err());
        Run.refused(Run.of("encode", "-m", tiny, "-d", texts, "-o", work.resolve("v")), "UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00a0", "\u2007\u202f", "\u0085", "\u200b", "\ufeff\u00a0"})
    void aTextThatShowsNothingIsBlankWhereverItStands(String blank) throws IOException {
        Path texts = write("texts.txt", "hello\n" + blank + "\n");
        Run.refused(Run.of("index", "-m", tiny, "-d", texts, "-o", work.resolve("i")), ":2:");
        Run.refused(Run.of("encode", "-m", tiny, "-d", texts, "-o", work.resolve("v")), ":2:");
        Path talk = write("talk.jsonl",
                "{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"hi\"},{\"s\":\"B\",\"t\":\"" + blank + "\"}]}\n");
        Run.refused(Run.of("index", "-m", tiny, "-d", talk, "-o", work.resolve("i")), ":1:", "blank");
        Run.refused(Run.of("reply", "-m", tiny, "-i", work.resolve("i"), "-c", blank), "turn");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "[{\"id\":\"a\"}] | jq -c '.[]'", "{ | on one line", "{\"id\": NaN} | no JSON numbers",
        "{'id': 1} | JSON quotes with"})
    void recordsThatAreNoJsonLinesAreToldWhatToDo(String line, String told) throws IOException {
        Path records = write("r.jsonl", line + "\n");
        Run.refused(Run.of("inspect", records), ":1:", told);
        Run.refused(Run.of("index", "-m", tiny, "-d", records, "-o", work.resolve("i")), ":1:", told);
        Run.refused(Run.of("eval", "-m", tiny, "-d", records), ":1:", told);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void dataOutOfAPipeAreTheSameAsOutOfAFile() throws Exception {
        Path pipe = work.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Thread.ofPlatform().daemon().start(() -> {
            try (OutputStream out = Files.newOutputStream(pipe)) {
                out.write(CommandsTest.DIALOGUES.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        int fromFile = Run.json("index", "-m", tiny, "-d", write("talk.jsonl", CommandsTest.DIALOGUES), "-o",
                work.resolve("a"), "--json").path("replies").asInt();
        assertTrue(fromFile > 1);
        assertEquals(fromFile, Run.json("index", "-m", tiny, "-d", pipe, "-o", work.resolve("b"), "--json")
                .path("replies").asInt());
        assertEquals(-1, Files.mismatch(work.resolve("a"), work.resolve("b")));
    }

    @Test
    void copiesOfTheRightReplyAmongTheWrongOnesDoNotCountAndAreTold() throws IOException {
        Path test = write("test.jsonl", RANKING.formatted("\"good night\", \" GOOD  NIGHT\", \"hello\""));
        Run run = Run.of("eval", "-m", tiny, "-d", test, "--json");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("2 of the wrong replies are copies of a right one"), run.err());
        Run clean = Run.of("eval", "-m", tiny, "-d", write("clean.jsonl", RANKING.formatted("\"hello\"")), "--json");
        assertFalse(clean.err().contains("copies"), clean.err());
        for (String figure : new String[]{"hits@1", "mrr"}) {
            assertEquals(number(clean, figure), number(run, figure), 0);
        }
        Path nothingWrong = write("same.jsonl", RANKING.formatted("\"Good night\""));
        Run.refused(Run.of("eval", "-m", tiny, "-d", nothingWrong), "only right replies");
    }

    private static double number(Run run, String figure) {
        int start = run.out().indexOf('"' + figure + "\":") + figure.length() + 3;
        return Double.parseDouble(run.out().substring(start).split("[,}]")[0]);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(work.resolve(name), text);
    }
}
