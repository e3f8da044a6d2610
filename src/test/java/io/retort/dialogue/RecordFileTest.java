package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.FoldersInMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.retort.files.BadInput;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RecordFileTest {
    private static final String DIALOGUE = "{\"id\":\"d\",\"turns\":[{\"s\":\"A\",\"t\":\"Hello there\"}]}";
    private static final String RANKING = "{\"id\":\"r\",\"context\":[\"a\"],\"positive\":[\"b\"],\"random\":[\"c\"]}";
    private static final String DISTILLED = "{\"id\":\"x\",\"context\":[\"a\"],\"candidates\":"
            + "[{\"text\":\"b\",\"source\":\"original\",\"ll\":-1.9}]}";

    @TempDir
    Path folder;

    @Property(tries = 60)
    void dialoguesAreReadAsTheyWereWritten(@ForAll("dialogues") List<Dialogue> dialogues) throws IOException {
        assertEquals(dialogues, roundTrip(DialogueFile.FORMAT, dialogues, "jqwik.jsonl.gz"));
    }

    @Property(tries = 60)
    void distilledContextsAreReadAsTheyWereWritten(@ForAll("distilled") List<Distilled> distilled) throws IOException {
        assertEquals(distilled, roundTrip(DistilledFile.FORMAT, distilled, "jqwik.jsonl"));
    }

    @Property(tries = 60)
    void rankingCasesAreReadAsTheyWereWritten(@ForAll("cases") List<RankingCase> cases) throws IOException {
        assertEquals(cases, roundTrip(RankingFile.FORMAT, cases, "jqwik.jsonl"));
    }

    @Test
    void theFirstLineTellsTheFormat() throws IOException {
        assertSame(DialogueFile.FORMAT, RecordFile.sniff(file(DIALOGUE)));
        assertSame(RankingFile.FORMAT, RecordFile.sniff(file(RANKING)));
        assertSame(DistilledFile.FORMAT, RecordFile.sniff(file(DISTILLED)));
        refused("{\"id\":\"z\"}", ":1: has none of the fields", RecordFile::sniff);
        refused("", ": is empty; it should hold JSONL records", RecordFile::sniff);
    }

    @Test
    void faultsInDialoguesNameLineAndField() {
        refusedDialogue(DIALOGUE + "\n{\"id\":\"d\",\"turns\":[]}", ":2: field `turns` is empty");
        refusedDialogue(DIALOGUE + "\n{\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]}", ":2: field `id` is missing");
        refusedDialogue("{\"id\":\"d\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"},{\"s\":\"B\",\"t\":\" \"}]}",
                ":1: field `turns[1].t` is blank");
        refusedDialogue("{\"id\":\"d\",\"turns\":[{\"t\":\"x\"}]}", ":1: field `turns[0].s` is missing");
        refusedDialogue("{\"id\":\"d\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"}],\"meta\":3}", "`meta` must be an object");
        refusedDialogue("", ": is empty; it should hold dialogues");
    }

    @Test
    void faultsInRankingTestsNameLineAndField() {
        refused(RANKING.replace("[\"a\"]", "[]"), ":1: field `context` has zero turns", RankingFile.FORMAT::readAll);
        refused(RANKING.replace("[\"b\"]", "[]"), ":1: field `positive` is empty", RankingFile.FORMAT::readAll);
        refused(RANKING.replace("[\"c\"]", "[]"), ":1: field `random` is empty, and so is `adversarial`",
                RankingFile.FORMAT::readAll);
        refused(RANKING.replace("\"c\"", "7"), ":1: field `random[0]` must be a string", RankingFile.FORMAT::readAll);
    }

    @Test
    void faultsInDistilledDataNameLineAndField() {
        refused(DISTILLED.replace("original", "stolen"), "`candidates[0].source` is neither",
                DistilledFile.FORMAT::readAll);
        refused(DISTILLED.replace("-1.9", "\"low\""), "`candidates[0].ll` must be a number",
                DistilledFile.FORMAT::readAll);
        refused(DISTILLED.replace("-1.9", "-1e999"), "`candidates[0].ll` is not a finite number",
                DistilledFile.FORMAT::readAll);
        refused("{\"id\":\"x\",\"context\":[\"a\"],\"candidates\":[]}", "`candidates` is empty",
                DistilledFile.FORMAT::readAll);
    }

    @Test
    void metaKeepsItsTypesAndItsOrder() throws IOException {
        Path file = file(DIALOGUE.replace("\"id\"",
                "\"meta\":{\"z\":[\"p\",1,null,true],\"a\":{\"n\":2.5}},\"id\""));
        Map<String, Object> meta = DialogueFile.FORMAT.readAll(file).getFirst().meta();
        assertEquals(List.of("z", "a"), List.copyOf(meta.keySet()));
        assertEquals("{z=[p, 1, null, true], a={n=2.5}}", meta.toString());
        assertThrows(UnsupportedOperationException.class, () -> meta.put("b", 1));
    }

    @Provide
    Arbitrary<List<Dialogue>> dialogues() {
        Arbitrary<List<Turn>> turns = Combinators.combine(Arbitraries.of("A", "B", ""), texts()).as(Turn::new).list()
                .ofMinSize(1).ofMaxSize(6);
        Arbitrary<Map<String, Object>> meta = Arbitraries.maps(texts(), texts().map(text -> (Object) text))
                .ofMaxSize(3);
        return Combinators.combine(texts(), texts(), turns, meta)
                .as((id, source, list, values) -> new Dialogue(id, source, "dev", list, values)).list().ofMinSize(1)
                .ofMaxSize(5);
    }

    @Provide
    Arbitrary<List<Distilled>> distilled() {
        Arbitrary<OptionalDouble> score = Arbitraries.doubles().between(-50, 50).map(OptionalDouble::of)
                .injectNull(0.2).map(value -> value == null ? OptionalDouble.empty() : value);
        Arbitrary<List<Candidate>> candidates = Combinators
                .combine(texts(), Arbitraries.of(Origin.class), score, score).as(Candidate::new).list().ofMinSize(1)
                .ofMaxSize(4);
        return Combinators.combine(texts(), contexts(), candidates)
                .as((id, context, list) -> new Distilled(id, context, list, Map.of("model", id))).list().ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<List<RankingCase>> cases() {
        Arbitrary<List<String>> some = texts().list().ofMinSize(1).ofMaxSize(3);
        return Combinators.combine(texts(), contexts(), some, texts().list().ofMaxSize(3), some)
                .as(RankingCase::new).list().ofMinSize(1).ofMaxSize(4);
    }

    private static Arbitrary<Context> contexts() {
        return texts().list().ofMinSize(1).ofMaxSize(4).map(Context::new);
    }

    /**
     * Any text that UTF-8 can hold, with quotes, line breaks, control characters and characters beyond the basic plane.
     */
    private static Arbitrary<String> texts() {
        Arbitrary<String> wild = Arbitraries.integers().between(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .map(Character::toString).list().ofMaxSize(4).map(list -> String.join("", list));
        Arbitrary<String> tricky = Arbitraries.of("\"", "\\", "\n", "\r\n", "\u2028", "\u0000", "😀", "a b", "[SEP]");
        return Combinators.combine(wild, tricky).as((a, b) -> a + b + "x");
    }

    private static <T> List<T> roundTrip(RecordFile<T> format, List<T> records, String name) throws IOException {
        Path own = Files.createTempDirectory(FoldersInMemory.place(), "records");
        Path file = own.resolve(name);
        try {
            format.write(file, records);
            assertSame(format, RecordFile.sniff(file));
            return format.readAll(file);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(own);
        }
    }

    private interface Reading {
        Object read(Path file) throws IOException;
    }

    private void refusedDialogue(String text, String message) {
        refused(text, message, DialogueFile.FORMAT::readAll);
    }

    private void refused(String text, String message, Reading reading) {
        String found = assertThrows(BadInput.class, () -> reading.read(file(text))).getMessage();
        assertTrue(found.contains("a.jsonl" + message) || !message.startsWith(":") && found.contains(message), found);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("a.jsonl"), text);
    }
}
