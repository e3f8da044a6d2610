package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.FoldersInMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumableJobTest {
    private static final int ITEMS = 7;

    @TempDir
    Path folder;

    private static ObjectNode settings(int seed) {
        ObjectNode run = JsonNodeFactory.instance.objectNode();
        run.putObject("decoding").put("seed", seed).put("top_p", 0.9);
        return run;
    }

    /** Every third item makes no record; texts have letters of several bytes. */
    private static JobEntry entry(long item) {
        Counters tally = new Counters().add("items", 1).add("even", 1 - item % 2);
        if (item % 3 == 2) return new JobEntry(Optional.empty(), tally);
        return new JobEntry(Optional.of(JsonNodeFactory.instance.objectNode().put("id", item)
                .put("text", "ä \n\u2028 \ud83d\ude00 " + item).put("score", -1.25e-3 * item)), tally);
    }

    /** Works for as many items as {@code most}, from where the job is; returns where that was. */
    private static long work(Path out, int most) throws IOException {
        try (ResumableJob job = ResumableJob.open(out, settings(1))) {
            long from = job.done();
            for (long item = from; item < Math.min(ITEMS, from + most); item++) job.add(entry(item));
            if (job.done() == ITEMS) job.finish();
            return from;
        }
    }

    private Path whole(String name) throws IOException {
        Path out = folder.resolve("whole").resolve(name);
        work(out, ITEMS);
        return out;
    }

    private static Path part(Path out) {
        return out.resolveSibling(out.getFileName() + ".part");
    }

    @ParameterizedTest
    @ValueSource(strings = {"out.jsonl", "out.jsonl.gz"})
    void aPartCutAtAnyByteIsFinishedToTheSameBytes(String name) throws IOException {
        assertFinished(name, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"out.jsonl", "out.jsonl.gz"})
    @Tag("slow")
    void aPartCutAtEveryByteIsFinishedToTheSameBytes(String name) throws IOException {
        assertFinished(name, 1);
    }

    /** Cuts a part around the ends of its lines, and at each byte whose place is a multiple of a step. */
    private void assertFinished(String name, int step) throws IOException {
        byte[] expected = Files.readAllBytes(whole(name));
        Path out = folder.resolve(name);
        work(out, ITEMS - 1);
        byte[] part = Files.readAllBytes(part(out));
        for (int length = 0; length <= part.length; length++) {
            boolean isAtEnd = length == part.length || part[length] == '\n' || length > 0 && part[length - 1] == '\n';
            if (length % step != 0 && !isAtEnd) continue;
            Files.write(part(out), Arrays.copyOf(part, length));
            long lines = new String(part, 0, length, StandardCharsets.ISO_8859_1).chars().filter(c -> c == '\n')
                    .count();
            assertEquals(Math.max(0, lines - 1), work(out, ITEMS), "cut at " + length);
            assertArrayEquals(expected, Files.readAllBytes(out), "cut at " + length);
            assertFalse(Files.exists(part(out)));
            Files.delete(out);
        }
    }

    /** What a machine that lost power may leave. */
    @Property(tries = 200)
    void garbageAfterTheFirstLineIsMadeAnew(@ForAll @IntRange(min = 0, max = 400) int place, @ForAll byte value)
            throws IOException {
        Path own = Files.createTempDirectory(FoldersInMemory.place(), "job");
        try {
            Path whole = own.resolve("whole");
            Path out = own.resolve("out");
            work(whole, ITEMS);
            work(out, ITEMS - 1);
            byte[] part = Files.readAllBytes(part(out));
            int head = new String(part, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
            // From there to the end, as if these blocks had never been written.
            Arrays.fill(part, Math.min(part.length, head + place), part.length, value == '\n' ? 0 : value);
            Files.write(part(out), part);
            work(out, ITEMS);
            assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(out));
        } finally {
            try (Stream<Path> files = Files.list(own)) {
                for (Path file : files.toList()) Files.delete(file);
            }
            Files.delete(own);
        }
    }

    @Test
    void whatWasCountedIsCountedOnce() throws IOException {
        Path out = folder.resolve("out");
        work(out, 3);
        work(out, 2);
        try (ResumableJob job = ResumableJob.open(out, settings(1))) {
            assertEquals(5, job.tally().of("items"));
            assertEquals(3, job.tally().of("even"));
        }
        work(out, ITEMS);
        try (ResumableJob job = ResumableJob.open(out, settings(1))) {
            assertTrue(job.isFinished());
            assertEquals(ITEMS, job.tally().of("items"));
        }
    }

    @Test
    void aFinishedRunIsLeftAsItIs() throws IOException {
        Path out = whole("out");
        var before = Files.getLastModifiedTime(out);
        try (ResumableJob job = ResumableJob.open(out, settings(1))) {
            assertTrue(job.isFinished());
            job.finish();
        }
        assertEquals(before, Files.getLastModifiedTime(out));
    }

    @Test
    void aFileOfOtherSettingsIsRefusedWithTheDifference() throws IOException {
        Path out = whole("out");
        byte[] before = Files.readAllBytes(out);
        BadInput refused = assertThrows(BadInput.class, () -> ResumableJob.open(out, settings(2)));
        assertTrue(refused.getMessage().contains("decoding.seed is 1 there and 2 here"), refused.getMessage());
        assertArrayEquals(before, Files.readAllBytes(out));
    }

    @Test
    void unfinishedWorkOfOtherSettingsIsRefusedWithTheDifference() throws IOException {
        Path out = folder.resolve("out");
        work(out, 3);
        byte[] before = Files.readAllBytes(part(out));
        BadInput refused = assertThrows(BadInput.class, () -> ResumableJob.open(out, settings(2)));
        assertTrue(refused.getMessage().contains("decoding.seed is 1 there and 2 here"), refused.getMessage());
        assertArrayEquals(before, Files.readAllBytes(part(out)), "nothing is lost");
    }

    @Test
    void aFileThatNoRunMadeIsRefused() throws IOException {
        Path out = Files.writeString(folder.resolve("out"), "precious\n");
        assertThrows(BadInput.class, () -> ResumableJob.open(out, settings(1)));
        assertEquals("precious\n", Files.readString(out));
        Path other = folder.resolve("other");
        Files.writeString(part(other), "precious\n");
        assertThrows(BadInput.class, () -> ResumableJob.open(other, settings(1)));
        assertEquals("precious\n", Files.readString(part(other)));
    }

    @Test
    void aFinishedFileThatWasChangedIsRefused() throws IOException {
        Path out = whole("out");
        Files.writeString(out, "{}\n", StandardOpenOption.APPEND);
        assertThrows(BadInput.class, () -> ResumableJob.open(out, settings(1)));
    }

    @Test
    void aRunKilledBetweenItsDescriptionAndItsFileIsFinished() throws IOException {
        byte[] expected = Files.readAllBytes(whole("out"));
        Path out = folder.resolve("out");
        for (long item = work(out, 0); item < ITEMS; item++) {
            try (ResumableJob job = ResumableJob.open(out, settings(1))) {
                job.add(entry(item));
            }
        }
        Files.copy(folder.resolve("whole/out.run.json"), folder.resolve("out.run.json"));
        work(out, 0);
        assertArrayEquals(expected, Files.readAllBytes(out));
    }

    @Test
    void aSecondProcessAtTheSameFileIsRefused() throws IOException {
        Path out = folder.resolve("out");
        try (ResumableJob job = ResumableJob.open(out, settings(1))) {
            job.add(entry(0));
            BadInput refused = assertThrows(BadInput.class, () -> ResumableJob.open(out, settings(1)));
            assertTrue(refused.getMessage().contains("another process"), refused.getMessage());
        }
    }
}
