package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.ResponseFile;
import io.retort.dialogue.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations of others become Retort's own on the command line, with a report. */
class ConvertCommandTest {
    @TempDir
    Path work;
    private Path ours;
    private Path messages;
    private Path out;

    @BeforeEach
    void makeFiles() throws IOException {
        ours = Files.writeString(work.resolve("ours.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "Where is the lamp?"}, {"s": "B", "t": "On the shelf by the door."}]}
                {"id": "2", "turns": [{"s": "A", "t": "My number is +44 20 7946 0958."}, {"s": "B", "t": "WE WILL CALL YOU TODAY"}]}
                """);
        messages = Files.writeString(work.resolve("messages.jsonl"), """
                {"messages": [{"role": "user", "content": "Is it open?"}, {"role": "assistant", "content": "Until nine."}]}
                {"messages": [{"role": "user", "content": "And tomorrow?"}, {"role": "assistant", "content": "Until noon."}]}
                """);
        out = work.resolve("out.jsonl");
    }

    @Test
    void filesOfSeveralFormatsBecomeOneOfOurs() throws IOException {
        JsonNode report = Run.json("convert", ours, messages, "-o", out, "--json");
        List<Dialogue> written = DialogueFile.FORMAT.readAll(out);
        assertEquals(4, written.size());
        assertEquals(List.of("1", "2"), written.subList(0, 2).stream().map(Dialogue::id).toList());
        assertEquals(List.of(new Turn("user", "Is it open?"), new Turn("assistant", "Until nine.")),
                written.get(2).turns());
        assertEquals(4, report.get("dialogues").asInt());
        assertEquals(1, report.get("personal_data").get("phone").asInt());
        assertEquals(ours + ":2",
                report.get("suspicious").get("all capitals").get("first").get(0).get("where").asText());
        assertEquals(2, report.get("files").size());
        assertEquals(2, report.get("files").get(1).get("records").asInt());
        assertEquals(4, report.get("languages").get("en").asInt());
    }

    @Test
    void whatIsOursComesBackByteForByteAndGzippedByName() throws IOException {
        Run.ok("convert", messages, "-o", out);
        Path again = work.resolve("again.jsonl"), zipped = work.resolve("zipped.jsonl.gz");
        Run.ok("convert", out, "-o", again);
        assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
        Run.ok("convert", "-d", out, "-o", zipped);
        assertEquals(0x1f, Files.readAllBytes(zipped)[0]);
        assertEquals(DialogueFile.FORMAT.readAll(out), DialogueFile.FORMAT.readAll(zipped));
        Run.ok("convert", out, "-o", out);
        assertArrayEquals(Files.readAllBytes(again), Files.readAllBytes(out));
    }

    @Test
    void idsStayUniqueWhereFilesArePutTogether() throws IOException {
        Run.ok("convert", ours, ours, "-o", out);
        assertEquals(List.of("1", "2", "1~2", "2~2"),
                DialogueFile.FORMAT.readAll(out).stream().map(Dialogue::id).toList());
        JsonNode report = Run.json("convert", ours, ours, "--dedupe", "-o", out, "--json");
        assertEquals(2, report.get("kept_dialogues").asInt());
        assertEquals(2, report.get("left_out").get("repeated dialogues").asInt());
    }

    @Test
    void peopleGetAReportAndMachinesOneInAFile() throws IOException {
        Path report = work.resolve("report.json");
        String told = Run.ok("convert", ours, "--personal-data", "mask", "-o", out, "--report", report);
        for (String part : List.of("2 dialogues, 4 turns", "speakers", "2: A 50.0 %, B 50.0 %", "en 100.0 %",
                "1 phone: masked", "1 all capitals", ours + ":2, turn 2: all capitals: WE WILL")) {
            assertTrue(told.contains(part), part + " in " + told);
        }
        assertEquals("My number is [phone].", DialogueFile.FORMAT.readAll(out).get(1).turns().getFirst().text());
        assertEquals(2, new ObjectMapper().readTree(report.toFile()).get("kept_dialogues").asInt());
    }

    @Test
    void withoutAFileThereIsAReportAlone() throws IOException {
        String told = Run.ok("convert", messages);
        assertTrue(told.contains("nothing written: would be 2 dialogues"), told);
        try (Stream<Path> files = Files.list(work)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void repliesStayReplies() throws IOException {
        Path replies = Files.writeString(work.resolve("replies.jsonl"), """
                {"text": "write to kim@example.org", "metadata": {"n": 1}}
                {"text": "see you"}
                """);
        Run.ok("convert", replies, "--personal-data", "mask", "-o", out);
        assertEquals(List.of("write to [email]", "see you"), ResponseFile.FORMAT.readAll(out).stream()
                .map(reply -> reply.text()).toList());
        Run.refused(Run.of("convert", ours, replies, "-o", out), replies, "holds replies", "one by one");
    }

    @Test
    void whoseTurnsAreRepliesIsToldToWhoeverReadsTheFile() throws IOException {
        Run.ok("convert", messages, "--speaker", "user", "-o", out);
        assertEquals(List.of(Optional.of(List.of("user")), Optional.of(List.of("user"))),
                DialogueFile.FORMAT.readAll(out).stream().map(Dialogue::repliers).toList());
        assertEquals(List.of("user"), repliersOf(out));
        // A first turn answers nothing, and the user has no other.
        assertEquals(0, Run.json("convert", out, "--json").get("replies").asInt());
        assertEquals(2, Run.json("convert", out, "--speaker", "all", "--json").get("replies").asInt());
        Path again = work.resolve("again.jsonl");
        Run.ok("convert", out, "--speaker", "assistant", "-o", again);
        assertEquals(List.of("assistant"), repliersOf(again));
    }

    private static List<String> repliersOf(Path file) throws IOException {
        List<String> speakers = new ArrayList<>();
        JsonNode report = Run.json("convert", file, "--json").get("files").get(0);
        report.get("repliers").forEach(each -> speakers.add(each.asText()));
        return speakers;
    }

    @Test
    void aMaskedSpeakersTurnsStayTheReplies() throws IOException {
        Path names = Files.writeString(work.resolve("names.txt"), "Gwen\n");
        Path talk = Files.writeString(work.resolve("talk.jsonl"), """
                {"id": "1", "turns": [{"s": "Ann", "t": "Is it open?"}, {"s": "Gwen", "t": "Until nine."}]}
                """);
        Run.ok("convert", talk, "--speaker", "Gwen", "--personal-data", "mask", "--names", names, "-o", out);
        Dialogue written = DialogueFile.FORMAT.readAll(out).getFirst();
        assertEquals(new Turn("person 1", "Until nine."), written.turns().get(1));
        assertEquals(Optional.of(List.of("person 1")), written.repliers());
    }

    @Test
    void furtherFieldsAreMaskedWhereNoTurnHoldsPersonalData() throws IOException {
        Path talk = Files.writeString(work.resolve("talk.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "Open?"}, {"s": "B", "t": "Yes."}], "meta": {"by": "kim@example.org"}}
                """);
        Run.ok("convert", talk, "--personal-data", "mask", "-o", out);
        assertEquals(Map.of("by", "[email]"), DialogueFile.FORMAT.readAll(out).getFirst().meta());
    }

    @Test
    void settingsMayStandInAFile() throws IOException {
        Path config = Files.writeString(work.resolve("c.json"),
                "{\"personal-data\": \"drop-dialogue\", \"languages\": [\"en\", \"de\"], \"personal-kinds\": [\"phone\"]}");
        JsonNode report = Run.json("convert", ours, "--config", config, "-o", out, "--json");
        assertEquals(1, report.get("kept_dialogues").asInt());
        JsonNode printed = Run.json("convert", "--config", config, "--languages", "fr,it", "--print-config");
        assertEquals(List.of("fr", "it"),
                List.of(printed.get("languages").get(0).asText(), printed.get("languages").get(1)
                        .asText()));
        assertEquals("drop-dialogue", printed.get("personal-data").asText());
    }

    @Test
    void badInputIsRefusedAndNothingIsWritten() throws IOException {
        Run.refused(Run.of("convert", "-o", out), "--data");
        Run.refused(Run.of("convert", work.resolve("none"), "-o", out), "none", "no such file");
        Run.refused(Run.of("convert", ours, "--languages", "klingon", "-o", out), "--languages", "klingon");
        Run.refused(Run.of("convert", ours, "--names", work.resolve("nobody"), "-o", out), "nobody", "no such file");
        Run.refused(Run.of("convert", ours, "--languages", "ja", "-o", out), ours, "nothing that is kept");
        Files.writeString(ours, Files.readString(ours) + "{\"id\": \"3\", \"turns\": [}\n");
        Run.refused(Run.of("convert", ours, "-o", out), ours + ":3", "not valid JSON");
        assertFalse(Files.exists(out));
        JsonNode report = Run.json("convert", ours, "--skip-bad", 1, "-o", out, "--json");
        assertEquals(1, report.get("files").get(0).get("broken").asInt());
        assertEquals(2, report.get("kept_dialogues").asInt());
    }
}
