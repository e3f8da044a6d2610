package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {
    private static final ReadingSettings USUAL = ReadingSettings.defaults();
    private static final List<Turn> FORGE = List.of(new Turn("player", "Is the forge open?"),
            new Turn("smith", "Until dusk, \"friend\","));

    @TempDir
    private Path folder;
    private ReadingReport report;

    private List<Dialogue> read(String name, String text, ReadingSettings settings) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        try (var reader = SourceFile.recognise(file, settings).dialogues()) {
            List<Dialogue> all = new ArrayList<>();
            reader.forEachRemaining(all::add);
            report = reader.report();
            return all;
        }
    }

    private BadInput refused(String text, ReadingSettings settings) {
        return assertThrows(BadInput.class, () -> read("talks.csv", text, settings));
    }

    @Test
    void turnsInRowsAreReadWithWhateverSeparator() throws IOException {
        String csv = "Conversation ID,Speaker,Text\r\nc1,player,Is the forge open?\r\nc1,smith,\"Until dusk, \"\"friend\"\",\"\r\n"
                + "c2,smith,Two silver.\r\n";
        for (String text : List.of(csv, "\ufeff" + csv, csv.replace("\r\n", "\n"),
                csv.replace(',', ';').replace("dusk;", "dusk,").replace("\"\";", "\"\",").replace("\"\"friend\"\";",
                        "\"\"friend\"\","))) {
            List<Dialogue> read = read("talks.csv", text, USUAL);
            assertEquals(List.of("c1", "c2"), read.stream().map(Dialogue::id).toList(), text);
            assertEquals(FORGE, read.getFirst().turns(), text);
        }
        String tsv = "dialogue_id\tspeaker\tutterance\nc1\tplayer\tIs the forge open?\nc1\tsmith\tUntil dusk, \"friend\",\n";
        assertEquals(FORGE, read("talks.txt", tsv, USUAL).getFirst().turns());
        assertTrue(report.sentence().contains("read as TSV (a turn in each row, id in `dialogue_id`"),
                report.sentence());
    }

    @Test
    void exchangesInRowsAreRead() throws IOException {
        Dialogue read = read("talks.csv", "question,answer\n\"Price\nof iron?\",Two silver.\n,none\n", USUAL)
                .getFirst();
        assertEquals(List.of(new Turn("user", "Price\nof iron?"), new Turn("assistant", "Two silver.")), read.turns());
        assertEquals(1, report.leftOut().get("rows whose context or response is empty"));
        assertEquals(List.of("assistant"), report.repliers());
    }

    @Test
    void conversationsWhoseRowsStandApartAreGatheredInTheOrderOfTheirTimes() throws IOException {
        String text = "thread,time,author,message\n1,2024-05-01 10:03:00,b,three\n2,2024-05-01 10:00:01,a,one\n"
                + "1,2024-05-01 10:00:00,a,two\n2,2024-05-01 10:00:02,b,four\n";
        List<Dialogue> read = read("talks.csv", text, USUAL);
        assertEquals(List.of(new Turn("a", "two"), new Turn("b", "three")), read.getFirst().turns());
        assertEquals(List.of(new Turn("a", "one"), new Turn("b", "four")), read.getLast().turns());
        assertEquals(1, report.notes().get("dialogues were put in the order of their times"));
    }

    @Test
    void columnsThatCannotBeToldAreAskedForAndASettingDecides() throws IOException {
        String text = "when,von,text\n1,a,hello\n2,b,good day\n";
        Undecided asked = assertThrows(Undecided.class, () -> read("talks.csv", text, USUAL));
        assertEquals("columns", asked.setting());
        assertTrue(asked.choices().contains("text=text,speaker=von"), asked.choices().toString());
        Undecided further = assertThrows(Undecided.class,
                () -> read("talks.csv", text, USUAL.withColumns(Columns.parse("speaker=von"))));
        assertTrue(further.choices().stream().anyMatch(choice -> choice.endsWith(",id=-")),
                further.choices().toString());
        assertEquals(List.of(new Turn("a", "hello"), new Turn("b", "good day")),
                read("talks.csv", text, USUAL.withColumns(Columns.parse("speaker=von,id=-"))).getFirst().turns());
        assertTrue(refused(text, USUAL.withColumns(Columns.parse("speaker=wer"))).getMessage()
                .contains("has no column `wer`"));
    }

    @Test
    void aBrokenRowIsToldWithItsLineAndLeftOutByChoice() throws IOException {
        StringBuilder text = new StringBuilder("context,response\n");
        for (int i = 2; i <= 3000; i++) text.append(i == 1234 ? "only one field\n" : "hello " + i + ",good day\n");
        String told = refused(text.toString(), USUAL).getMessage();
        assertTrue(told.contains("talks.csv:1234: has 1 fields, and the header 2 (the file was taken for CSV)"), told);
        assertEquals(2998, read("talks.csv", text.toString(), USUAL.withSkipBad(1)).size());
        assertEquals(1, report.skipped());
    }

    @Test
    void aCutTableIsToldWithItsLine() {
        String told = refused("id,speaker,text,conversation_id\n1,a,hello,c\n2,b,good", USUAL).getMessage();
        assertTrue(told.contains("talks.csv:3: has 3 fields"), told);
    }

    @Test
    void jsonRowsAreATable() throws IOException {
        String rows = "{\"dialogue_id\": 1, \"speaker\": \"player\", \"text\": \"Is the forge open?\"}\n"
                + "{\"dialogue_id\": 1, \"speaker\": \"smith\", \"text\": \"Until dusk, \\\"friend\\\",\"}\n";
        for (String text : List.of(rows, "[" + rows.strip().replace("\n", ",") + "]")) {
            assertEquals(FORGE, read("rows.json", text, USUAL).getFirst().turns());
        }
    }
}
