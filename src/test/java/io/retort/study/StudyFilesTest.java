package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyFilesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/study");

    @TempDir
    Path folder;

    private static StudyPlan golden() {
        return Studies.plan(StudyForm.SIDE_BY_SIDE, new StudyDesign(2, 3, 2), 3, 1, "one", "two");
    }

    @Test
    void aPlanIsReadAsItWasWritten() throws IOException {
        for (StudyForm form : StudyForm.values()) {
            StudyPlan plan = Studies.plan(form, new StudyDesign(3, 5, 2), 6, 2, "one", "two", "three");
            Path file = folder.resolve(form.label() + ".jsonl");
            StudyPlanFile.write(file, plan);
            assertEquals(plan.fingerprint(), StudyPlanFile.read(file).fingerprint());
            assertEquals(plan.items(), StudyPlanFile.read(file).items());
            assertEquals(plan.places(), StudyPlanFile.read(file).places());
        }
    }

    /** Plans and votes of this version must be read by every later one, and plans of equal seeds stay what they are. */
    @Test
    void goldenFilesAreReadAndMadeAgain() throws IOException {
        Path plan = GOLDEN.resolve("golden.jsonl"), made = folder.resolve("made.jsonl");
        StudyPlanFile.write(made, golden());
        assertEquals(Files.readString(plan), Files.readString(made));
        VotesFile.Kept kept = VotesFile.read(GOLDEN.resolve("golden.votes.jsonl"), StudyPlanFile.read(plan));
        assertEquals(4, kept.votes().size());
        assertEquals(List.of("anna", "bert"), List.copyOf(kept.places().keySet()));
    }

    private void refused(List<String> lines, String... parts) throws IOException {
        Path file = folder.resolve("bad.jsonl");
        Files.writeString(file, String.join("\n", lines) + "\n");
        BadInput bad = assertThrows(BadInput.class, () -> StudyPlanFile.read(file));
        for (String part : parts) assertTrue(bad.getMessage().contains(part), bad.getMessage());
        assertTrue(bad.getMessage().startsWith(file.toString()), bad.getMessage());
    }

    private static List<String> changed(List<String> lines, int line, String from, String to) {
        String[] all = lines.toArray(String[]::new);
        assertTrue(all[line - 1].contains(from), all[line - 1]);
        all[line - 1] = all[line - 1].replace(from, to);
        return Arrays.asList(all);
    }

    @Test
    void aDamagedPlanIsRefusedWithFileAndLine() throws IOException {
        List<String> lines = Files.readAllLines(GOLDEN.resolve("golden.jsonl"));
        refused(lines.subList(0, 3), "was cut: 2 of its items are missing");
        refused(lines.subList(0, 6), "was cut: 1 of its places");
        refused(lines.subList(1, 7), "is no plan of a study");
        refused(changed(lines, 1, "\"version\":1", "\"version\":2"), ":1:", "version");
        refused(changed(lines, 1, "side-by-side", "sideways"), ":1:", "\"sideways\"");
        refused(changed(lines, 1, "\"items\":4", "\"items\":1e99"), ":1:", "items");
        refused(changed(lines, 1, "\"items\":4", "\"items\":-1"), ":1:", "items");
        refused(changed(lines, 1, "[\"one\",\"two\"]", "[\"one\",\"one\"]"), ":1:", "systems");
        refused(changed(lines, 2, "\"system\":\"one\"", "\"system\":\"six\""), ":2:", "\"six\"");
        refused(changed(lines, 2, "\"s\":\"judged\"", "\"s\":\"nobody\""), ":2:", "neither `judged` nor `other`");
        refused(changed(lines, 3, lines.get(2), lines.get(1)), ":3:", "is that of line 2");
        refused(changed(lines, 5, "\"expected\":[\"", "\"expected\":[\"never "), ":5:", "expected");
        refused(changed(lines, 6, "\"place\":[\"", "\"place\":[\"x"), ":6:", "is no item");
        refused(java.util.stream.Stream.concat(lines.stream(), lines.stream().skip(6)).toList(), ":8:",
                "behind the last line");
        refused(changed(lines, 4, "\"shown\"", "\"shown"), ":4:", "JSON");
    }

    private void votesRefused(String text, String... parts) throws IOException {
        Path file = folder.resolve("bad.votes.jsonl");
        Files.writeString(file, text);
        BadInput bad = assertThrows(BadInput.class, () -> VotesFile.read(file, golden()));
        for (String part : parts) assertTrue(bad.getMessage().contains(part), bad.getMessage());
    }

    @Test
    void damagedVotesAreRefusedWithFileAndLine() throws IOException {
        List<String> lines = Files.readAllLines(GOLDEN.resolve("golden.votes.jsonl"));
        String head = lines.get(0) + "\n" + lines.get(1) + "\n";
        votesRefused("", "is empty");
        votesRefused("{\"format\":\"retort-vo", "no votes");
        votesRefused(lines.get(0).replaceFirst("\"plan\":\"..", "\"plan\":\"zz") + "\n", "votes of another plan");
        votesRefused(head + lines.get(2) + "\n" + lines.get(2) + "\n", ":4:", "voted on by anna before");
        votesRefused(head + lines.get(2).replaceFirst("\"item\":\"", "\"item\":\"z") + "\n", ":3:",
                "none of the plan");
        votesRefused(head + lines.get(2).replace("anna", "carl") + "\n", ":3:", "not handed to carl");
        votesRefused(head + lines.get(2).replaceFirst("\"answer\":\"\\w+\"", "\"answer\":\"3\"") + "\n", ":3:",
                "answer");
        votesRefused(head + lines.get(2).replaceFirst("\"at\":\"[^\"]+\"", "\"at\":\"today\"") + "\n", ":3:", "at");
        votesRefused(head + lines.get(1) + "\n", ":3:", "has begun");
        votesRefused(head + "{\"judge\":\"x\",\"place\":9}\n", ":3:", "place");
        votesRefused(head + "nonsense\n", ":3:", "JSON");
    }

    @Test
    void aFileOfAnotherKindIsNotMadeOneOfVotes() throws IOException {
        Path plan = folder.resolve("plan.jsonl"), notes = folder.resolve("notes.txt");
        StudyPlanFile.write(plan, golden());
        byte[] text = "my notes, without a line break".getBytes(StandardCharsets.UTF_8);
        Files.write(notes, text);
        assertThrows(BadInput.class, () -> Study.open(plan, notes));
        assertArrayEquals(text, Files.readAllBytes(notes));
    }

    @Test
    void votesInSeveralFilesAreReadTogetherButNoneTwice() throws IOException {
        Path file = GOLDEN.resolve("golden.votes.jsonl");
        BadInput twice = assertThrows(BadInput.class, () -> VotesFile.readAll(List.of(file, file), golden()));
        assertTrue(twice.getMessage().contains("a file before it"), twice.getMessage());
        List<String> lines = Files.readAllLines(file);
        Path other = folder.resolve("other.jsonl");
        Files.write(other, List.of(lines.get(0), lines.get(1).replace("anna", "dora"),
                lines.get(2).replace("anna", "dora")));
        assertEquals(5, VotesFile.readAll(List.of(file, other), golden()).votes().size());
    }

    /** Whatever bytes a file holds, it is read or refused as bad input. */
    @Test
    void mutatedFilesAreReadOrRefused() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        Path file = folder.resolve("mutated.jsonl");
        for (String name : List.of("golden.jsonl", "golden.votes.jsonl")) {
            byte[] bytes = Files.readAllBytes(GOLDEN.resolve(name));
            for (int i = 0; i < 300; i++) {
                byte[] mutated = Arrays.copyOf(bytes, random.nextInt(4) == 0
                        ? random.nextInt(bytes.length)
                        : bytes.length);
                for (int n = random.nextInt(4); n > 0 && mutated.length > 0; n--) {
                    mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
                }
                Files.write(file, mutated);
                try {
                    if (name.contains("votes")) VotesFile.read(file, golden());
                    else StudyPlanFile.read(file);
                } catch (BadInput expected) {
                    assertTrue(expected.getMessage().contains("mutated.jsonl"), expected.getMessage());
                }
            }
        }
    }
}
