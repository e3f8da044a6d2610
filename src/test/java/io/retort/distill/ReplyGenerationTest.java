package io.retort.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.dialogue.DistilledFile;
import io.retort.files.Counters;
import io.retort.files.JobEntry;
import io.retort.files.ResumableJob;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.RawReply;
import io.retort.generate.ReplyCleaning;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.Capabilities;
import io.retort.teacher.Judgement;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.Teacher;
import io.retort.teacher.TeacherReplies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplyGenerationTest {
    private static final String META = "I am an ai, so no.";
    private static final KnownReplies TEACHER = new KnownReplies()
            .to("any news?", Map.of("no, not one.", 0.2, "yes, a cat.", 0.2, "none i know.", 0.2, META, 0.4))
            .to("who are you?", Map.of(META, 1.0))
            .to("yes or no?", Map.of("well, yes!", 0.5, "well , yes !", 0.3, "well,  yes!", 0.2))
            .to("tea?", Map.of("tea?", 0.5, "go on.", 0.5));

    @TempDir
    Path work;

    private static SourceContext context(String id, String turn, String... originals) {
        return new SourceContext(id, Context.of(turn), List.of(originals));
    }

    private static List<JobEntry> run(List<SourceContext> contexts, int replies, int rounds, int batch) {
        List<JobEntry> entries = new ArrayList<>();
        generation(replies, rounds, batch).run(contexts.iterator(), _ -> {
        }, made -> entries.add(made.entry(DistilledFile.FORMAT)));
        assertEquals(contexts.size(), entries.size());
        return entries;
    }

    private static ReplyGeneration generation(int replies, int rounds, int batch) {
        return new ReplyGeneration(
                TEACHER.teacher(KnownReplies.CONTEXT, LocalTeacherSettings.defaults().withBatch(batch)),
                new ReplyGeneration.Settings(replies, rounds, true, new Decoding.Sampling(1, 0, 1, 7),
                        Constraints.atMost(40), ReplyCleaning.standard(), Map.of("model", "known")));
    }

    private static List<String> texts(JobEntry entry) {
        return entry.record().orElseThrow().get("candidates").findValuesAsText("text");
    }

    private static long dropped(Counters tally) {
        return tally.counts().entrySet().stream().filter(count -> count.getKey().startsWith(ReplyGeneration.DROPPED))
                .mapToLong(Map.Entry::getValue).sum();
    }

    @Test
    void whatIsDroppedIsAskedForAgainAndCountedByReason() {
        JobEntry entry = run(List.of(context("1", "any news?", "what news?")), 3, 100, 4).getFirst();
        List<String> texts = texts(entry);
        assertEquals("what news?", texts.getFirst());
        assertEquals(Set.of("no, not one.", "yes, a cat.", "none i know."), new HashSet<>(texts.subList(1, 4)));
        Counters tally = entry.tally();
        assertEquals(3, tally.of(ReplyGeneration.REPLIES));
        assertTrue(tally.of("dropped_meta_talk") > 0, tally.counts().toString());
        assertEquals(tally.of(ReplyGeneration.SAMPLES), 3 + dropped(tally),
                "every sample is kept or dropped for a reason");
        assertEquals(dropped(tally), tally.of("dropped_meta_talk") + tally.of("dropped_duplicate"));
        assertEquals(0, tally.of(ReplyGeneration.SHORT));
    }

    @Test
    void afterTheLastRoundAContextEndsWithFewer() {
        List<JobEntry> entries = run(List.of(context("1", "who are you?", "me, of course."),
                context("2", "who are you?")), 3, 4, 5);
        for (JobEntry entry : entries) {
            assertEquals(3 * 4, entry.tally().of(ReplyGeneration.SAMPLES));
            assertEquals(3 * 4, entry.tally().of("dropped_meta_talk"));
            assertEquals(1, entry.tally().of(ReplyGeneration.SHORT));
            assertEquals(0, entry.tally().of(ReplyGeneration.REPLIES));
        }
        assertEquals(List.of("me, of course."), texts(entries.getFirst()));
        assertEquals(0, entries.getFirst().tally().of(ReplyGeneration.WITHOUT));
        assertTrue(entries.getLast().record().isEmpty(), "nothing is left of it");
        assertEquals(1, entries.getLast().tally().of(ReplyGeneration.WITHOUT));
    }

    @Test
    void spellingsOfOneReplyAreOneAlsoBesideTheOriginal() {
        JobEntry entry = run(List.of(context("1", "yes or no?")), 2, 5, 3).getFirst();
        assertEquals(1, texts(entry).size());
        assertEquals(2 + 4, entry.tally().of(ReplyGeneration.SAMPLES));
        assertEquals(5, entry.tally().of("dropped_duplicate"));
        entry = run(List.of(context("1", "yes or no?", "Well, yes!")), 2, 5, 3).getFirst();
        assertEquals(List.of("Well, yes!"), texts(entry));
        assertEquals(10, entry.tally().of("dropped_duplicate"));
    }

    @Test
    void whatWasJustSaidIsNoReplyToItself() {
        JobEntry entry = run(List.of(context("1", "tea?")), 1, 50, 1).getFirst();
        assertEquals(List.of("go on."), texts(entry));
        assertEquals(entry.tally().of(ReplyGeneration.SAMPLES) - 1,
                entry.tally().of("dropped_copy") + entry.tally().of("dropped_too_short"));
    }

    private static List<SourceContext> many() {
        List<String> turns = List.of("any news?", "who are you?", "yes or no?", "tea?");
        return IntStream.range(0, 24).mapToObj(i -> context("c" + i, turns.get(i % 4), "so be it.")).toList();
    }

    @Test
    void repliesAreThoseOfTheSeedWhateverTheBatchAndTheCompany() {
        List<JobEntry> expected = run(many(), 3, 4, 1);
        for (int batch : new int[]{2, 7, 64}) {
            List<JobEntry> found = run(many(), 3, 4, batch);
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i).record(), found.get(i).record());
                assertEquals(expected.get(i).tally().counts(), found.get(i).tally().counts());
            }
        }
        assertEquals(expected.get(8).record(), run(many().subList(8, 9), 3, 4, 5).getFirst().record());
        assertTrue(IntStream.range(0, 6).mapToObj(i -> texts(expected.get(4 * i))).distinct().count() > 1,
                "ids draw their own");
    }

    @Test
    void cutAfterAnyContextAndResumedTheFileHasTheSameBytes() throws IOException {
        Path whole = work.resolve("whole.jsonl");
        write(whole, 4, Integer.MAX_VALUE);
        for (int cut = 0; cut < 24; cut += 5) {
            Path parts = work.resolve("cut-" + cut + ".jsonl");
            int after = cut;
            assertThrows(Cut.class, () -> write(parts, 4, after));
            assertFalse(Files.exists(parts));
            write(parts, 9, Integer.MAX_VALUE);
            assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
            assertArrayEquals(Files.readAllBytes(work.resolve("whole.jsonl.run.json")),
                    Files.readAllBytes(work.resolve("cut-" + cut + ".jsonl.run.json")));
        }
    }

    private static void write(Path file, int batch, int cut) throws IOException {
        ObjectNode run = JsonNodeFactory.instance.objectNode().put("seed", 7);
        try (ResumableJob job = ResumableJob.open(file, run)) {
            generation(3, 4, batch).run(many().stream().skip(job.done()).iterator(), _ -> {
            }, made -> {
                if (job.done() == cut) throw new Cut();
                job.add(made.entry(DistilledFile.FORMAT));
            });
            job.finish();
        }
    }

    @Test
    void personasReplyInTurnEachWithItsShare() {
        Personas personas = new Personas(List.of("You are calm.", "You are loud.", "You are kind."), 2);
        List<ReplyRequest> asked = asked(personas, 5, 4);
        assertEquals(List.of(3, 2), asked.stream().map(ReplyRequest::replies).toList());
        assertEquals(2, new HashSet<>(asked.stream().map(ReplyRequest::scene).toList()).size());
        assertEquals(2, new HashSet<>(asked.stream().map(ReplyRequest::id).toList()).size());
        asked.forEach(
                request -> assertTrue(personas.sentences().containsAll(request.scene()), request.scene()::toString));
        assertEquals(asked, asked(personas, 5, 4), "who replies depends on the context alone");
        Set<List<String>> first = new HashSet<>();
        for (int i = 0; i < 20; i++) first.add(personas.scene("c" + i, 0));
        assertEquals(3, first.size(), "and is not the same for all contexts");
    }

    @Test
    void roundsCountForEachPersona() {
        Personas deaf = new Personas(List.of("You are calm.", "You are loud."), 2);
        assertEquals(List.of(2, 2, 2, 2, 2, 2), asked(deaf, 4, 3, "").stream().map(ReplyRequest::replies).toList());
        assertEquals(List.of(4, 4, 4),
                asked(Personas.none(), 4, 3, "").stream().map(ReplyRequest::replies).toList());
        assertThrows(InvalidSetting.class, () -> new Personas(List.of(), 0));
    }

    /** What a teacher is asked that replies by counting, or always the same where that is given. */
    private static List<ReplyRequest> asked(Personas personas, int replies, int rounds, String... always) {
        List<ReplyRequest> asked = new ArrayList<>();
        Teacher teacher = new Teacher() {
            @Override
            public String name() {
                return "counts";
            }

            @Override
            public Capabilities capabilities() {
                return new Capabilities(true, false);
            }

            @Override
            public String fingerprint() {
                return "counts";
            }

            @Override
            public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
                    Consumer<TeacherReplies> done) {
                while (requests.hasNext()) {
                    ReplyRequest request = requests.next();
                    asked.add(request);
                    List<RawReply> said = IntStream.range(0, request.replies()).mapToObj(i -> new RawReply(
                            always.length > 0 ? always[0] : "that makes " + asked.size() + " and " + i + ".", true))
                            .toList();
                    done.accept(new TeacherReplies(request, said, 0, true));
                }
            }

            @Override
            public void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                // It holds nothing.
            }
        };
        new ReplyGeneration(teacher,
                new ReplyGeneration.Settings(replies, rounds, true, new Decoding.Sampling(1, 0, 1, 7),
                        Constraints.atMost(40), ReplyCleaning.standard(), personas, Map.of()))
                .run(
                        List.of(context("1", "any news?", "none.")).iterator(), _ -> {
                        }, _ -> {
                        });
        return asked;
    }

    /** What ends a process in the middle. */
    private static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
