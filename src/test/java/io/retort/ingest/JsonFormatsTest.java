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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFormatsTest {
    private static final List<Turn> USER_ASSISTANT = turns("user", "Is the forge open?", "assistant", "Until dusk.");

    @TempDir
    private Path folder;

    private static List<Turn> turns(String... each) {
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < each.length; i += 2) turns.add(new Turn(each[i], each[i + 1]));
        return turns;
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private List<Dialogue> read(String text) throws IOException {
        return read(text, ReadingSettings.defaults());
    }

    private List<Dialogue> read(String text, ReadingSettings settings) throws IOException {
        try (var reader = SourceFile.recognise(file("talks.json", text), settings).dialogues()) {
            List<Dialogue> all = new ArrayList<>();
            reader.forEachRemaining(all::add);
            report = reader.report();
            return all;
        }
    }

    private ReadingReport report;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'turns': [{'speaker': 'user', 'text': 'Is the forge open?'}, {'speaker': 'assistant', 'text': 'Until dusk.'}]}",
        "{'turns': [{'role': 'user', 'content': 'Is the forge open?'}, {'role': 'assistant', 'content': 'Until dusk.'}]}",
        "{'id': 7, 'turns': [{'s': 'user', 't': 'Is the forge open?'}, {'s': 'assistant', 't': 'Until dusk.'}]}",
        "{'messages': [{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': 'Is the forge open?'}, {'role': 'assistant', 'content': [{'type': 'text', 'text': 'Until dusk.'}]}]}",
        "{'prompt': 'Is the forge open?', 'completion': 'Until dusk.'}",
        "{'context': ['Is the forge open?'], 'response': 'Until dusk.'}",
        "{'question': 'Is the forge open?', 'answer': 'Until dusk.'}",
        "{'instruction': 'Is the forge open?', 'input': '', 'output': 'Until dusk.'}",
        "{'prompt': [{'role': 'user', 'content': 'Is the forge open?'}], 'chosen': [{'role': 'assistant', 'content': 'Until dusk.'}], 'rejected': 'No.'}"})
    void everyShapeIsReadInEveryLayout(String record) throws IOException {
        String json = record.replace('\'', '"');
        for (String text : List.of(json, json + "\n" + json, json + "\r\n\r\n" + json + "\r\n", "[" + json + "]",
                "[\n" + json + ",\n" + json + "\n]", "{\"version\": 1, \"data\": [" + json + "]}",
                json.replace(", ", ",\n  "), "\ufeff" + json + "\n")) {
            List<Dialogue> read = read(text);
            assertTrue(!read.isEmpty(), text);
            for (Dialogue dialogue : read) assertEquals(USER_ASSISTANT, dialogue.turns(), text);
        }
    }

    @Test
    void shareGptsNamesOfSpeakersStay() throws IOException {
        List<Dialogue> read = read("[{\"id\": \"x_0\", \"conversations\": [{\"from\": \"human\", \"value\": \"Iron please\"},"
                + "{\"from\": \"gpt\", \"value\": \"Two silver.\"}]}]");
        assertEquals(List.of(new Dialogue("x_0", "", turns("human", "Iron please", "gpt", "Two silver."))), read);
    }

    @Test
    void bareTextsTakeTurns() throws IOException {
        List<Turn> wanted = turns("A", "Hello there", "B", "Good day", "A", "Any news?");
        assertEquals(wanted, read("{\"turns\": [\"Hello there\", \"Good day\", \"Any news?\"]}").getFirst().turns());
        assertEquals(wanted, read("[\"Hello there\", \"Good day\", \"Any news?\"]\n[\"Hello\", \"Bye\"]\n").getFirst()
                .turns());
        assertEquals(wanted, read("[[\"Hello there\", \"Good day\", \"Any news?\"],\n[\"Hello\", \"Bye\"]]").getFirst()
                .turns());
    }

    @Test
    void whatIsLeftOutIsCounted() throws IOException {
        String line = "{\"messages\": [{\"role\": \"system\", \"content\": \"x\"}, {\"role\": \"user\", \"content\": \"Hi\"}, "
                + "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": []}, {\"role\": \"tool\", \"content\": \"7\"}, "
                + "{\"role\": \"assistant\", \"content\": \"Seven.\"}]}\n";
        assertEquals(turns("user", "Hi", "assistant", "Seven."), read(line + line).getLast().turns());
        assertEquals(2, report.leftOut().get("system messages"));
        assertEquals(2, report.leftOut().get("tool messages"));
        assertEquals(2, report.leftOut().get("turns without a text"));
        assertTrue(report.sentence().contains("read as OpenAI messages (one a line), 2 dialogues, 4 turns; left out: 2 "),
                report.sentence());
        assertEquals(List.of("assistant"), report.repliers());
    }

    @Test
    void aBrokenRecordAmongManyIsToldWithItsLineAndLeftOutByChoice() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 5000; i++) {
            text.append(i == 3217
                    ? "{\"prompt\": \"Iron\", \"compl"
                    : "{\"prompt\": \"Iron " + i + "\", \"completion\": \"Two\"}").append('\n');
        }
        BadInput told = assertThrows(BadInput.class, () -> read(text.toString()));
        assertTrue(told.getMessage().contains("talks.json:3217: not valid JSON"), told.getMessage());
        assertTrue(told.getMessage().contains("the file was taken for JSON pairs"), told.getMessage());
        assertEquals(4999, read(text.toString(), ReadingSettings.defaults().withSkipBad(1)).size());
        assertEquals(1, report.skipped());
        String two = text.toString().replace("\"Iron 77\"", "[7]");
        told = assertThrows(BadInput.class, () -> read(two, ReadingSettings.defaults().withSkipBad(1)));
        assertTrue(told.getMessage().contains(":3217:") && told.getMessage().endsWith("set \"skip-bad\" to more"),
                told.getMessage());
    }

    @Test
    void aCutArrayIsToldWithItsLine() {
        String record = "{\"question\": \"Iron?\", \"answer\": \"Two silver.\"}";
        BadInput told = assertThrows(BadInput.class,
                () -> read("[\n" + record + ",\n" + record + ",\n" + record.substring(0, 20)));
        assertTrue(told.getMessage().contains("talks.json:4:") && told.getMessage().contains("ends before"),
                told.getMessage());
        told = assertThrows(BadInput.class, () -> read("[\n" + record + ",\n" + record + "\n"));
        assertTrue(told.getMessage().contains("ends before its list does, after record 2"), told.getMessage());
    }

    @Test
    void aRecordOfAnotherShapeIsToldWithWhatTheFileWasTakenFor() {
        String pair = "{\"question\": \"Iron?\", \"answer\": \"Two silver.\"}\n";
        BadInput told = assertThrows(BadInput.class,
                () -> read(pair + pair + "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}"));
        assertTrue(told.getMessage().contains("talks.json:3: has no context with a response (the file was taken for"),
                told.getMessage());
    }

    @Test
    void twoPairsOfFieldsAreDecidedByASetting() throws IOException {
        String line = "{\"instruction\": \"Price?\", \"context\": \"Iron is dear.\", \"response\": \"Two silver.\"}";
        Undecided asked = assertThrows(Undecided.class, () -> read(line));
        assertEquals("columns", asked.setting());
        assertEquals(List.of("context=context,response=response", "context=instruction,response=response"),
                asked.choices());
        ReadingSettings decided = ReadingSettings.defaults().withColumns(Columns.parse(asked.choices().get(1)));
        assertEquals(turns("user", "Price?", "assistant", "Two silver."), read(line, decided).getFirst().turns());
    }

    @Test
    void idsAreMadeOfFileAndLineAndStayTheSame() throws IOException {
        String line = "{\"turns\": [\"Hello there\", \"Good day\"]}\n";
        List<String> ids = read(line + "\n" + line).stream().map(Dialogue::id).toList();
        assertEquals(List.of("talks:1", "talks:3"), ids);
        assertEquals(ids, read(line + "\n" + line).stream().map(Dialogue::id).toList());
        assertEquals("12", read("{\"id\": 12, \"turns\": [\"Hello there\", \"Good day\"]}").getFirst().id());
    }

    @Test
    void halfASurrogatePairIsRefused() {
        BadInput told = assertThrows(BadInput.class, () -> read("{\"turns\": [\"Hello \\ud800\", \"Good day\"]}"));
        assertTrue(told.getMessage().contains("talks.json:1: field `turns[0]` holds half"), told.getMessage());
    }
}
