package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.Folders;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Indexes on the command line: metadata, appending, merging. */
class IndexCommandTest {
    @TempDir
    static Path shared;
    private static Path model;

    @TempDir
    Path work;
    private Path some;
    private Path more;
    private Path index;

    @BeforeAll
    static void makeModel() throws IOException {
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
    }

    @BeforeEach
    void makeFiles() throws IOException {
        some = Files.writeString(work.resolve("some.jsonl"), """
                {"text": "tea and bread", "metadata": {"id": 7, "tags": ["food"]}}
                {"text": "good home"}
                {"text": "Good home", "metadata": {"id": 8}}
                {"text": "no", "metadata": null}
                """);
        more = Files.writeString(work.resolve("more.jsonl"), """
                {"id": "1", "context": ["cat"], "candidates": [
                """.strip() + """
                {"text": "dog", "source": "original", "metadata": {"of": "cat"}}, {"text": "NO", "source": "generated"}]}
                """);
        index = work.resolve("some.index");
    }

    private JsonNode index(Object... more) throws IOException {
        Object[] arguments = new Object[more.length + 4];
        System.arraycopy(new Object[]{"index", "-m", model, "--json"}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return Run.json(arguments);
    }

    /** What is told of one of the replies of an index. */
    private JsonNode told(String text, Path in) throws IOException {
        int count = Run.json("inspect", in, "--json").get("replies").asInt();
        for (JsonNode reply : Run.json("reply", "-m", model, "-i", in, "-c", "hello", "-k", count, "--json")
                .get("replies")) {
            if (reply.get("text").asText().equals(text)) return reply;
        }
        throw new AssertionError(text + " is not found");
    }

    @Test
    void rowsAreStoredInTheFormThatIsAskedForAndAppendedInIt() throws IOException {
        for (String form : new String[]{"f16", "int8"}) {
            Path stored = work.resolve(form + ".index");
            index("-d", some, "-o", stored, "--rows", form, "--ann"); // so few rows need no graph
            assertEquals(form, Run.json("inspect", stored, "--json").get("format").asText());
            assertEquals("was there already", index("-d", some, "-o", stored, "--rows", form).get("note").asText());
            Run.refused(Run.of("index", "-m", model, "-d", some, "-o", stored), "rows are " + form + ", not f32");
            Run.refused(Run.of("index", "-m", model, "--append-to", stored, "-d", more, "--rows", "f32"),
                    "form of rows is " + form + ", not f32");
            assertEquals(1, index("--append-to", stored, "-d", more).get("added").asInt());
            assertEquals(form, Run.json("inspect", stored, "--json").get("format").asText());
            JsonNode exact = null;
            for (String method : new String[]{"exact", "screened", "ann"}) {
                JsonNode found = Run
                        .json("reply", "-m", model, "-i", stored, "-c", "hello", "-k", 4, "--search", method,
                                "--json")
                        .get("replies");
                if (exact == null) exact = found;
                assertEquals(exact, found, method);
            }
        }
    }

    @Test
    void repliesComeBackWithTheirMetadata() throws IOException {
        JsonNode built = index("-d", some, "-o", index);
        assertEquals(3, built.get("replies").asInt());
        assertEquals(1, built.get("duplicates").asInt());
        assertEquals("{\"id\":7,\"tags\":[\"food\"]}", told("tea and bread", index).get("metadata").toString());
        assertEquals(8, told("good home", index).get("metadata").get("id").asInt());
        assertFalse(told("no", index).has("metadata"));
        assertEquals("replies", Run.json("inspect", some, "--json").get("kind").asText());
    }

    @Test
    void appendedRepliesComeAfterThoseThatAreThere() throws IOException {
        index("-d", some, "-o", index);
        JsonNode appended = index("--append-to", index, "-d", more);
        assertEquals(4, appended.get("replies").asInt());
        assertEquals(1, appended.get("added").asInt());
        assertEquals(1, appended.get("duplicates").asInt());
        JsonNode found = told("dog", index);
        assertEquals(3, found.get("row").asInt());
        assertEquals("cat", found.get("metadata").get("of").asText());
        byte[] before = Files.readAllBytes(index);
        assertEquals(0, index("--append-to", index, "-d", more).get("added").asInt());
        assertArrayEquals(before, Files.readAllBytes(index));
        Path whole = work.resolve("whole.index");
        index("-d", some, more, "-o", whole);
        assertEquals(-1, Files.mismatch(whole, index));
        assertTrue(Run.ok("index", "-m", model, "--append-to", index, "-d", some, "-o", work.resolve("other")).contains(
                "0 of them new (4 were there already)"));
        Run.refused(Run.of("index", "-m", model, "--append-to", index, "-d", some, "-o", work.resolve("other")),
                work.resolve("other"), "is there already", "--force");
        assertTrue(
                Run.ok("index", "-m", model, "--append-to", index, "-d", some, "-o", work.resolve("other"), "--force")
                        .contains("0 of them new"));
    }

    @Test
    void repliesOfWhichPersonalDataWereTakenAreLeftOutAndCounted() throws IOException {
        Path file = Files.writeString(work.resolve("masked.txt"), "call me at [phone]\nthat is [fine] by me\n");
        JsonNode made = index("-d", file, "-o", work.resolve("masked.index"));
        assertEquals(1, made.get("replies").asInt());
        assertEquals(1, made.get("masked").asInt());
    }

    @Test
    void whatDoesNotFitTheIndexIsRefusedBeforeAnythingIsWritten() throws IOException {
        index("-d", some, "-o", index);
        byte[] before = Files.readAllBytes(index);
        Run.refused(Run.of("index", "-m", model, "--append-to", index, "-d", more, "--key", "both"), index,
                "its key is reply, not both", "--key reply");
        Run.refused(Run.of("index", "-m", model, "--append-to", index, "-d", more, "--metric", "cosine"), index,
                "inner-product, not cosine");
        Path other = TinyModel.biEncoder(work.resolve("other"), 2).path();
        Run.refused(Run.of("index", "-m", other, "--append-to", index, "-d", more), index, "made with tiny",
                "not with other");
        Run.refused(Run.of("index", "-m", model, "--append-to", work.resolve("none"), "-d", more), "none",
                "no such file");
        Run.refused(Run.of("index", "-m", model, "-d", more), "--out is missing");
        Run.refused(Run.of("index", "-m", model, "-o", work.resolve("x")), "--data is missing");
        assertArrayEquals(before, Files.readAllBytes(index));
    }

    @Test
    void indexesAreMerged() throws IOException {
        index("-d", some, "-o", index);
        Path second = work.resolve("more.index"), all = work.resolve("all.index");
        index("-d", more, "-o", second, "--key", "reply");
        JsonNode merged = Run.json("index", "merge", index, second, "-o", all, "--json");
        assertEquals(4, merged.get("replies").asInt());
        assertEquals(1, merged.get("duplicates").asInt());
        assertEquals(3, told("dog", all).get("row").asInt());
        assertTrue(Run.ok("index", "merge", index, second, "-o", index).contains("4 replies, 1 left out"));
        Run.refused(Run.of("index", "merge", index, second, "-o", all), all, "none of the indexes", "--force");
        assertTrue(Run.ok("index", "merge", index, second, "-o", all, "--force").contains("4 replies"));
        Run.refused(Run.of("index", "merge", index, "-o", all), index, "name two or more");
        Run.refused(Run.of("index", "merge", index, index, "-o", all), "named twice");
        Run.refused(Run.of("index", "merge", index, some, "-o", all), some, "not a response index");
        Run.refused(Run.of("index", "merge", index, second), "--out");
    }

    @Test
    void settingsMayStandInAFile() throws IOException {
        Files.writeString(some, """
                {"id": "1", "turns": [{"s": "A", "t": "hello"}, {"s": "B", "t": "hi you"}, {"s": "A", "t": "good"}]}
                """);
        Path file = Files.writeString(work.resolve("index.json"),
                "{\"data\": [\"%s\"], \"min-words\": 2, \"metric\": \"cosine\"}"
                        .formatted(some));
        assertEquals(1, index("--config", file, "-o", index).get("replies").asInt());
        assertEquals("cosine", Run.json("inspect", index, "--json").get("metric").asText());
        JsonNode printed = Run.json("index", "--config", file, "--print-config");
        assertEquals(2, printed.get("min-words").asInt());
        Files.writeString(file, "{\"min_words\": 2}");
        Run.refused(Run.of("index", "-m", model, "--config", file, "-o", index), "min_words",
                "did you mean \"min-words\"?");
    }

    @Test
    void metadataThatAreNoObjectAreRefusedWithTheirLine() throws IOException {
        Files.writeString(some, """
                {"text": "yes"}
                {"text": "no", "metadata": [1]}
                """);
        Run.refused(Run.of("index", "-m", model, "-d", some, "-o", index), some + ":2", "metadata", "an object");
        Files.writeString(some, "{\"text\": \"yes\", \"metadata\": {\"n\": 1e999}}\n");
        Run.refused(Run.of("index", "-m", model, "-d", some, "-o", index), some + ":1", "metadata");
        Run.refused(Run.of("train", "-m", model, "-d", some, "--context-tokens", 16, "--reply-tokens", 8,
                "--out", work.resolve("run")), some, "without contexts");
    }

    @Test
    void anIndexIsOpenedWithItsOwnModelByEveryCommand() throws IOException {
        Path talks = Files.writeString(work.resolve("talks.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "hello"}, {"s": "B", "t": "hi you"}, {"s": "A", "t": "good"}]}
                {"id": "2", "turns": [{"s": "A", "t": "tea"}, {"s": "B", "t": "bread"}]}
                """);
        Path talksIndex = work.resolve("talks.index");
        JsonNode made = index("-d", talks, "-o", talksIndex);
        assertEquals("tiny", made.get("model").asText());
        assertEquals("both", made.get("key").asText());
        assertEquals(Run.json("reply", "-m", model, "-i", talksIndex, "-c", "tea", "-k", 2, "--json").get("replies"),
                Run.json("reply", "-i", talksIndex, "-c", "tea", "-k", 2, "--json").get("replies"));
        JsonNode facts = Run.json("inspect", talksIndex, "--json");
        assertEquals(model.toRealPath(), Path.of(facts.get("model_at").asText()).toRealPath());
        assertEquals("tiny", Run.json("eval", "-d", talks, "-i", talksIndex, "--candidates", 2, "--json").get("model")
                .asText());
        assertEquals(2, Run.json("index", "--append-to", talksIndex, "-d", more, "--json").get("added").asInt());
        Path other = TinyModel.biEncoder(work.resolve("other"), 2).path();
        Run.refused(Run.of("reply", "-m", other, "-i", talksIndex, "-c", "tea"), "made with tiny", "not with");
        Run.refused(Run.of("eval", "-m", other, "-i", talksIndex, "-d", talks, "--candidates", 2), "made with tiny");
    }

    @Test
    void anIndexWhoseModelIsNowhereSaysWhichAndHowToNameIt() throws IOException {
        Path gone = TinyModel.biEncoder(work.resolve("gone"), 5).path();
        Run.ok("index", "-m", gone, "-d", some, "-o", index);
        Folders.delete(gone);
        Run.refused(Run.of("reply", "-i", index, "-c", "tea"), index, "made with gone (", gone + " is gone",
                "give its folder as --model");
        assertEquals("not found", Run.json("inspect", index, "--json").get("model_at").asText());
    }

    @Test
    void whatAnotherIndexHoldsIsReplacedByForceAlone() throws IOException {
        index("-d", some, "-o", index);
        byte[] before = Files.readAllBytes(index);
        assertTrue(Run.ok("index", "-m", model, "-d", some, "-o", index).contains("nothing to do"));
        assertEquals("was there already", index("-d", some, "-o", index).get("note").asText());
        Run.refused(Run.of("index", "-m", model, "-d", more, "-o", index), index, "is an index keyed by reply",
                "replace it by --force");
        assertArrayEquals(before, Files.readAllBytes(index));
        assertEquals(2, index("-d", more, "-o", index, "--force").get("replies").asInt());
    }

    @Test
    void aTurnOfTheContextIsNotGivenBackAndIsTold() throws IOException {
        index("-d", some, "-o", index);
        JsonNode said = Run.json("reply", "-i", index, "-c", "Good  home!", "-k", 3, "--json");
        assertEquals(2, said.get("replies").size());
        for (JsonNode reply : said.get("replies")) assertFalse(reply.get("text").asText().contains("home"));
        assertEquals("good home", said.get("echoes").get(0).get("text").asText());
    }

    @Test
    void personalDataAndBoilerplateAreKeptOutOfAnIndexOnDemand() throws IOException {
        Files.writeString(some, """
                {"text": "write to kim@example.org"}
                {"text": "thanks for asking, your ticket has number 17"}
                {"text": "thanks for asking, your ticket has number 18"}
                """);
        assertEquals(3, index("-d", some, "-o", index).get("replies").asInt());
        assertEquals(2,
                index("-d", some, more, "-o", work.resolve("a"), "--personal-data", "drop", "--most-of-a-reply", 1,
                        "--languages", "en").get("replies").asInt() - 1);
        JsonNode masked = index("-d", some, "-o", work.resolve("b"), "--personal-data", "mask");
        assertEquals(2, masked.get("replies").asInt());
        assertEquals(1, masked.get("masked").asInt());
    }

    @Test
    void repliesThatAScreenStopsAreLeftOutAndListed() throws IOException {
        Path data = Files.writeString(work.resolve("rude.txt"), "tea and bread\nyou are an idiot\ngood home\n");
        Path report = work.resolve("stopped.jsonl");
        JsonNode made = index("--data", data, "--screen", "standard", "--screen-report", report, "--out", index);
        assertEquals(2, made.get("replies").asInt());
        assertEquals(1, made.get("screened").get("harassment").asInt());
        assertEquals("words", made.get("screened_by").asText());
        assertTrue(Files.readString(report).contains("you are an idiot"));
        Run.refused(Run.of("index", "-m", model, "--data", data, "--out", index, "--screen-report", report),
                "--screen");
    }
}
