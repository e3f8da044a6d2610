package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import io.retort.serve.ResponseJournal.Change;
import io.retort.serve.ResponseJournal.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseJournalTest {
    private static final List<Entry> CHANGES = List.of(
            Entry.added("tea, with \"milk\"\nand ☕",
                    Optional.of(new ObjectMapper().createObjectNode().put("mood", "calm"))),
            Entry.of(Change.DISABLE, ResponseIds.of("tea")), Entry.added("bread", Optional.empty()),
            Entry.of(Change.ENABLE, ResponseIds.of("tea")));

    @TempDir
    Path folder;

    private Path written() throws Exception {
        Path file = folder.resolve("journal");
        try (ResponseJournal journal = ResponseJournal.open(file)) {
            for (Entry each : CHANGES) journal.append(List.of(each));
        }
        return file;
    }

    @Test
    void whatWasWrittenIsReadAgain() throws Exception {
        try (ResponseJournal journal = ResponseJournal.open(written())) {
            assertEquals(CHANGES, journal.from(0));
            assertEquals(CHANGES.subList(2, 4), journal.from(2));
        }
    }

    /** As a process leaves it that is killed while it writes: every change that was told of is there, and it goes on. */
    @Test
    void cutAtAnyByteItHoldsTheWholeChangesBeforeAndTakesMore() throws Exception {
        byte[] bytes = Files.readAllBytes(written());
        Path cut = folder.resolve("cut");
        for (int length = 0; length <= bytes.length; length++) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            int whole = 0;
            for (int i = 0; i < length; i++) if (bytes[i] == '\n') whole++;
            Entry more = Entry.added("more", Optional.empty());
            try (ResponseJournal journal = ResponseJournal.open(cut)) {
                assertEquals(CHANGES.subList(0, whole), journal.from(0));
                journal.append(List.of(more));
            }
            try (ResponseJournal journal = ResponseJournal.open(cut)) {
                assertEquals(whole + 1, journal.from(0).size());
                assertEquals(more, journal.from(0).getLast());
            }
        }
    }

    @Test
    void damageWithinIsToldByItsLine() throws Exception {
        Path file = written();
        List<String> lines = Files.readAllLines(file);
        Files.writeString(file, lines.get(0) + "\nnonsense\n" + lines.get(2) + "\n");
        BadInput refused = assertThrows(BadInput.class, () -> ResponseJournal.open(file));
        assertTrue(refused.getMessage().contains("journal:2:"), refused.getMessage());
    }

    @Test
    void aJournalThatCannotBeWrittenRefusesAndStaysAsItWas() throws Exception {
        Path file = folder.resolve("no-folder").resolve("journal");
        try (ResponseJournal journal = ResponseJournal.open(file)) {
            Fault refused = assertThrows(Fault.class, () -> journal.append(CHANGES));
            assertEquals(507, refused.status());
            assertEquals(List.of(), journal.from(0));
        }
    }

    @Test
    void twoServersDoNotWriteIntoOneJournal() throws Exception {
        Path file = folder.resolve("journal");
        try (ResponseJournal one = ResponseJournal.open(file); ResponseJournal other = ResponseJournal.open(file)) {
            one.append(CHANGES.subList(0, 1));
            assertEquals(409, assertThrows(Fault.class, () -> other.append(CHANGES.subList(1, 2))).status());
        }
    }
}
