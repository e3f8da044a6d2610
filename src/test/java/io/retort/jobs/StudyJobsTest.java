package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.ModelResponder;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import io.retort.study.JudgeItem;
import io.retort.study.SelfChat;
import io.retort.study.Study;
import io.retort.study.StudyForm;
import io.retort.study.StudyItem;
import io.retort.study.StudyPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyJobsTest {
    @TempDir
    static Path shared;
    private static ComputeRuntime runtime;
    private static Path index;
    private static Path talks;

    @TempDir
    Path work;

    @BeforeAll
    static void open() throws IOException {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
        ModelFolder folder = TinyModel.biEncoder(shared.resolve("tiny"), 1);
        try (RetrievalModel model = folder.load(runtime.engine())) {
            index = TinyIndex.write(shared.resolve("tiny.index"), folder, model, TinyIndex.replies(60));
        }
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 14; i++) {
            String word = TinyModel.WORDS.get(i), next = TinyModel.WORDS.get(i + 14);
            lines.append("""
                    {"id": "d%d", "turns": [{"s": "A", "t": "%s you like %s"}, {"s": "B", "t": "yes i do like %s a lot"}, \
                    {"s": "A", "t": "and then what"}, {"s": "B", "t": "then we all go home and eat %s"}]}
                    """.formatted(i, word, next, next, word));
        }
        talks = Files.writeString(shared.resolve("talks.jsonl"), lines);
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static StudyPlanSettings settings(StudyForm form, String... systems) {
        return StudyPlanSettings.defaults().withForm(form).withData(List.of(talks)).withContexts(8, 2).withTurns(3)
                .withSystems(List.of(systems).stream().map(StudiedSystem::parse).toArray(StudiedSystem[]::new));
    }

    private StudyPlanJob.Result plan(Path out, StudyPlanSettings settings) throws IOException {
        return new StudyPlanJob(out, _ -> {
        }).run(settings, runtime, Progress.NONE);
    }

    @Test
    void everyFormIsPlannedJudgedAndReported() throws Exception {
        for (StudyForm form : StudyForm.values()) {
            Path out = work.resolve(form.label() + ".jsonl"), page = work.resolve(form.label() + ".html");
            StudyPlan plan = plan(out, settings(form, "tinybot=" + index, "people=human")).plan();
            assertEquals(List.of("tinybot", "people"), plan.systems());
            assertEquals(10, plan.places().getFirst().size());
            try (Study study = Study.open(out, Study.votesBeside(out))) {
                for (var item = study.next("<anna & co>"); item.isPresent(); item = study.next("<anna & co>")) {
                    study.vote("<anna & co>", item.get().id(), right(plan, item.get()));
                }
            }
            StudyReportJob.Result result = new StudyReportJob(out, StudyReportSettings.defaults())
                    .run(Optional.of(page));
            assertEquals(8, result.report().votes());
            assertEquals(2, new ObjectMapper().readTree(result.json()).at("/judges/0/passed").asInt());
            String html = Files.readString(page);
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            factory.newDocumentBuilder().parse(new java.io.ByteArrayInputStream(
                    html.replace("<!DOCTYPE html>", "").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            assertTrue(html.contains("tinybot") && html.contains("&lt;anna &amp; co&gt;"), html);
            assertFalse(html.contains("<script") || html.contains("src="), html);
            assertTrue(result.lines().stream().anyMatch(line -> line.contains("tinybot : people")));
        }
    }

    /** Prefers people, and knows the checks. */
    private static String right(StudyPlan plan, JudgeItem seen) {
        StudyItem item = plan.items().stream().filter(each -> each.id().equals(seen.id())).findFirst().orElseThrow();
        if (item.isCheck()) return item.expected().getFirst();
        boolean first = item.shown().getFirst().system().equals("people");
        return switch (plan.form()) {
            case SIDE_BY_SIDE, SELF_CHATS -> first ? "left" : "right";
            case SENSIBLE_SPECIFIC -> first ? "sensible+specific" : "neither";
            case LIKERT -> first ? "5" : "2";
        };
    }

    @Test
    void whatPeopleAndBotsSayIsInThePlanAsItWasSaid() throws IOException {
        StudyPlan plan = plan(work.resolve("plan.jsonl"), settings(StudyForm.SELF_CHATS, "bot=" + index, "human"))
                .plan();
        StudyItem item = plan.items().getFirst();
        for (StudyItem.Shown shown : item.shown()) {
            assertEquals(4, shown.said().size());
            assertTrue(shown.said().getFirst().text().contains(" you like "));
            List<String> texts = shown.said().stream().map(said -> said.text()).toList();
            assertEquals(shown.system().equals("human"), texts.contains("and then what"), texts.toString());
            assertEquals(4, new HashSet<>(texts).size());
        }
    }

    @Test
    void aBotThatTalksToItselfSaysNothingTwiceAndTheSameEachTime() throws IOException {
        ModelFolder folder = ModelFolder.open(shared.resolve("tiny"));
        try (ModelResponder bot = ModelResponder.open(runtime, folder, index)) {
            Context opening = Context.of("hello you");
            List<String> said = SelfChat.after(opening, bot, 20, 3);
            assertEquals(20, new HashSet<>(said).size());
            assertEquals(said, SelfChat.after(opening, bot, 20, 3));
            BadInput out = assertThrows(BadInput.class, () -> SelfChat.after(opening, bot, 61, 3));
            assertTrue(out.getMessage().contains("60 replies"), out.getMessage());
        }
    }

    @Test
    void theSamePlanAgainIsKeptAndAnotherIsRefusedWithTheDifference() throws IOException {
        Path out = work.resolve("plan.jsonl"), made = replies("made", 0);
        StudyPlanSettings settings = settings(StudyForm.LIKERT, "made=" + made, "human");
        assertFalse(plan(out, settings).wasThere());
        byte[] bytes = Files.readAllBytes(out);
        assertTrue(plan(out, settings).wasThere());
        replies("made", 1);
        BadInput changed = assertThrows(BadInput.class, () -> plan(out, settings));
        assertTrue(changed.getMessage().contains("what system made says has changed since"), changed.getMessage());
        BadInput other = assertThrows(BadInput.class, () -> plan(out, settings.withDesign(
                StudyDesignSettings.defaults().withSeed(5))));
        assertTrue(other.getMessage().contains("its seed was 1, not 5"), other.getMessage());
        assertEquals(new String(bytes), Files.readString(out));
    }

    private Path replies(String name, int edition) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            for (int turn = 1; turn < 4; turn++) {
                lines.add("{\"id\": \"d%d#%d\", \"reply\": \"made %d\"}".formatted(i, turn, edition));
            }
        }
        return Files.write(work.resolve(name + ".jsonl"), lines);
    }

    @Test
    void repliesMadeBeforeMustBeOfTheSameContextsAndOfAll() throws IOException {
        Path file = replies("made", 0);
        List<String> lines = Files.readAllLines(file);
        StudyPlanSettings settings = settings(StudyForm.LIKERT, "made=" + file, "human").withContexts(40, 2);
        Files.write(file, lines.subList(0, 12));
        refused(settings, "made.jsonl", "has no reply to context");
        Files.write(file, lines.stream().map(line -> line.replace("}", ", \"context\": [\"no such turn\"]}")).toList());
        refused(settings, "made.jsonl:", "another than that of the same id");
        List<String> twice = new ArrayList<>(lines);
        twice.addAll(lines);
        Files.write(file, twice);
        refused(settings, "made.jsonl:", "is that of a line before");
        // What `retort generate` writes serves as it is.
        Files.write(file, lines.stream().map(line -> line.replace("\"reply\": \"made 0\"",
                "\"candidates\": [{\"text\": \"a\", \"source\": \"original\"}, {\"text\": \"b\", \"source\": "
                        + "\"generated\"}]"))
                .toList());
        StudyPlan plan = plan(work.resolve("generated.jsonl"), settings).plan();
        assertTrue(plan.items().stream().flatMap(item -> item.shown().stream())
                .filter(shown -> shown.system().equals("made"))
                .allMatch(shown -> shown.said().getFirst().text().equals("b")));
    }

    private void refused(StudyPlanSettings settings, String... parts) {
        BadInput bad = assertThrows(BadInput.class, () -> plan(work.resolve("refused.jsonl"), settings));
        for (String part : parts) assertTrue(bad.getMessage().contains(part), bad.getMessage());
    }

    @Test
    void pairingsAreExportedAndImportedAndVotesAreWrittenWithNames() throws IOException {
        Path out = work.resolve("plan.jsonl"), pairings = work.resolve("pairings.jsonl");
        plan(out, settings(StudyForm.SIDE_BY_SIDE, "bot=" + index, "human"));
        StudyReportJob job = new StudyReportJob(out, StudyReportSettings.defaults());
        assertEquals(10, job.exportPairings(pairings));
        StudyPlan again = new StudyPlanJob(work.resolve("again.jsonl"), _ -> {
        }).run(pairings, StudyDesignSettings.defaults().withItems(4).withJudges(2, 1)).plan();
        assertEquals(10, again.items().size());
        assertEquals(6, again.places().getFirst().size());
        try (Study study = Study.open(out, Study.votesBeside(out))) {
            study.vote("a, \"b\"", study.next("a, \"b\"").orElseThrow().id(), "tie");
        }
        assertEquals(1, job.exportVotes(work.resolve("votes.csv")));
        List<String> csv = Files.readAllLines(work.resolve("votes.csv"));
        assertTrue(csv.getFirst().startsWith("judge,item,context,left,right,answer"), csv.toString());
        assertTrue(csv.getLast().startsWith("\"a, \"\"b\"\"\","), csv.toString());
        job.exportVotes(work.resolve("votes.jsonl"));
        assertTrue(Files.readString(work.resolve("votes.jsonl")).contains("\"answer\":\"tie\""));
        assertThrows(BadInput.class, () -> job.exportVotes(out));
        assertThrows(BadInput.class, () -> job.run(Optional.of(Study.votesBeside(out))));
    }

    @Test
    void settingsAreReadBackAndWhatIsOutOfRangeIsRefused() {
        SettingsCodec<StudyPlanSettings> codec = SettingsCodec.of(StudyPlanSettings.class);
        StudyPlanSettings settings = settings(StudyForm.SELF_CHATS, "a=b=c", "human", "my/own.index");
        assertEquals(settings, codec.read(codec.write(settings), StudyPlanSettings.defaults(), talks));
        assertEquals(List.of("a", "human", "own"), settings.system().stream().map(StudiedSystem::name).toList());
        assertThrows(InvalidSetting.class, () -> settings(StudyForm.LIKERT, "a=x", "a=y"));
        assertThrows(InvalidSetting.class, () -> settings(StudyForm.LIKERT, "a=x").withContexts(0, 2));
        assertThrows(InvalidSetting.class, () -> settings(StudyForm.LIKERT, "a=x").withContexts(5, 1));
        assertThrows(InvalidSetting.class, () -> plan(work.resolve("x"), settings(StudyForm.SIDE_BY_SIDE, "human")));
        for (String name : new String[]{"", "=x", "check:good=x", "a=", "sp ace=x"}) {
            assertThrows(IllegalArgumentException.class, () -> StudiedSystem.parse(name), name);
        }
    }
}
