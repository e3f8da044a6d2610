package io.retort.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.files.ResumableJob;
import io.retort.generate.TableModel;
import io.retort.teacher.LocalTeacherSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeacherScoringTest {
    private static final KnownReplies TEACHER = new KnownReplies()
            .to("tea or milk?", Map.of("tea.", 0.5, "tea, i think.", 0.25, "milk.", 0.25))
            .to("", Map.of("tea.", 0.125, "tea, i think.", 0.0625, "milk.", 0.25, "yes.", 0.5625));
    /** Tokens of a candidate that are read, at most. */
    private static final int LONGEST = 20;

    @TempDir
    Path work;

    private static Distilled distilled(String id, String... replies) {
        List<Candidate> candidates = new ArrayList<>();
        for (String reply : replies) {
            candidates.add(new Candidate(reply, candidates.isEmpty() ? Origin.ORIGINAL : Origin.GENERATED,
                    OptionalDouble.of(99), OptionalDouble.of(99)));
        }
        return new Distilled(id, Context.of("so?", "tea or milk?"), candidates, Map.of("model", "known"));
    }

    private static TeacherScoring scoring(TableModel model, int batchTokens) {
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withHistory(1).withBatchTokens(batchTokens);
        return new TeacherScoring(TEACHER.teacher(model, asked), Map.of("by", "a test"));
    }

    private static List<JobEntry> score(List<Distilled> contexts, TableModel model, int batchTokens) {
        List<JobEntry> entries = new ArrayList<>();
        scoring(model, batchTokens).run(contexts.iterator(), made -> entries.add(made.entry(DistilledFile.FORMAT)));
        return entries;
    }

    @Test
    void scoresAreThoseOfTheDistributionWorkedOutByHand() {
        JobEntry entry = score(List.of(distilled("1", "tea.", "tea, i think.", "milk.")), TEACHER.model(), 100)
                .getFirst();
        JsonNode candidates = entry.record().orElseThrow().get("candidates");
        // log P(r | c) / |r| and log P(r | c) - log P(r) over |r|; a reply's tokens: space, letters, line break.
        requireScores(candidates.get(0), Math.log(0.5) / 6, Math.log(0.5 / 0.125) / 6);
        requireScores(candidates.get(1), Math.log(0.25) / 15, Math.log(0.25 / 0.0625) / 15);
        requireScores(candidates.get(2), Math.log(0.25) / 7, 0);
        assertEquals(6 + 15 + 7, entry.tally().of(TeacherScoring.TOKENS));
        assertEquals(3, entry.tally().of(TeacherScoring.CANDIDATES));
        JsonNode teacher = entry.record().get().get("teacher");
        assertEquals("known", teacher.get("model").textValue());
        assertEquals("a test", teacher.get("scoring").get("by").textValue());
    }

    private static void requireScores(JsonNode candidate, double ll, double mi) {
        // Scores are kept to a millionth, out of log-probabilities in F32.
        assertEquals(ll, candidate.get("ll").doubleValue(), 1.5e-6);
        assertEquals(mi, candidate.get("mi").doubleValue(), 1.5e-6);
    }

    @Test
    void candidatesThatAreTooLongAreLeftOutAndCounted() {
        String tooLong = "milk, ".repeat(5) + "yes";
        List<JobEntry> entries = score(List.of(distilled("1", "tea.", tooLong), distilled("2", tooLong)),
                TEACHER.model(2 * LONGEST), 100);
        assertEquals(List.of("tea."),
                entries.getFirst().record().orElseThrow().get("candidates").findValuesAsText("text"));
        assertEquals(1, entries.getFirst().tally().of(TeacherScoring.TOO_LONG));
        assertTrue(entries.getLast().record().isEmpty());
        assertEquals(1, entries.getLast().tally().of(TeacherScoring.WITHOUT));
    }

    @Test
    void aScoreThatIsNoNumberIsRefusedWithItsContext() {
        TableModel broken = new TableModel(TEACHER.tokenizer().vocabularySize(), KnownReplies.CONTEXT, _ -> {
            float[] logits = new float[TEACHER.tokenizer().vocabularySize()];
            Arrays.fill(logits, Float.NaN);
            return logits;
        });
        String said = assertThrows(BadInput.class, () -> score(List.of(distilled("talk 7", "tea.")), broken, 100))
                .getMessage();
        assertTrue(said.contains("talk 7") && said.contains("NaN"), said);
    }

    private static List<Distilled> many() {
        return IntStream.range(0, 20).mapToObj(i -> i % 3 == 0
                ? distilled("c" + i, "milk.", "tea.")
                : distilled("c" + i, "tea, i think.", "milk.", "tea.")).toList();
    }

    @Test
    void scoresDoNotDependOnTheBatch() {
        List<JobEntry> expected = score(many(), TEACHER.model(), 1);
        for (int tokens : new int[]{50, 10_000}) {
            List<JobEntry> found = score(many(), TEACHER.model(), tokens);
            for (int i = 0; i < expected.size(); i++) assertEquals(expected.get(i).record(), found.get(i).record());
        }
    }

    @Test
    void cutAfterAnyContextAndResumedTheFileHasTheSameBytes() throws IOException {
        Path whole = work.resolve("whole.jsonl");
        write(whole, 100, Integer.MAX_VALUE);
        for (int cut = 0; cut < 20; cut += 6) {
            Path parts = work.resolve("cut-" + cut + ".jsonl");
            int after = cut;
            assertThrows(IllegalStateException.class, () -> write(parts, 100, after));
            write(parts, 300, Integer.MAX_VALUE);
            assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
        }
    }

    private static void write(Path file, int batchTokens, int cut) throws IOException {
        try (ResumableJob job = ResumableJob.open(file, JsonNodeFactory.instance.objectNode().put("a", 1))) {
            scoring(TEACHER.model(), batchTokens).run(many().stream().skip(job.done()).iterator(), made -> {
                if (job.done() == cut) throw new IllegalStateException("cut");
                job.add(made.entry(DistilledFile.FORMAT));
            });
            job.finish();
        }
    }
}
