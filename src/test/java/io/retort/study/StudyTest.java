package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {
    @TempDir
    Path folder;

    private Path plan;
    private Path votes;
    private StudyPlan planned;

    @BeforeEach
    void plan() throws IOException {
        plan = folder.resolve("study.jsonl");
        votes = Study.votesBeside(plan);
        planned = Studies.plan(StudyForm.SIDE_BY_SIDE, new StudyDesign(8, 6, 2), 8, 1, "one", "two", "three");
        StudyPlanFile.write(plan, planned);
    }

    private List<String> judgeAll(Study study, String judge) throws IOException {
        List<String> seen = new ArrayList<>();
        for (var item = study.next(judge); item.isPresent(); item = study.next(judge)) {
            assertEquals(seen.size(), item.get().done());
            assertEquals(7, item.get().total());
            seen.add(item.get().id());
            assertTrue(study.vote(judge, item.get().id(), "left"));
        }
        return seen;
    }

    @Test
    void eachJudgeGetsAPlaceAndEachItemOfItOnceInItsOrder() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            assertEquals(planned.places().get(0), judgeAll(study, "anna"));
            assertEquals(planned.places().get(1), judgeAll(study, "bert"));
            assertTrue(study.next("anna").isEmpty());
        }
        assertEquals(14, VotesFile.read(votes, planned).votes().size());
        assertEquals(folder.resolve("study.votes.jsonl"), votes);
    }

    @Test
    void aJudgeGoesOnWhereTheStudyWasClosed() throws IOException {
        String second;
        try (Study study = Study.open(plan, votes)) {
            study.vote("anna", study.next("anna").orElseThrow().id(), "tie");
            second = study.next("anna").orElseThrow().id();
            assertEquals(second, study.next("anna").orElseThrow().id());
        }
        try (Study study = Study.open(plan, votes)) {
            assertEquals(second, study.next("anna").orElseThrow().id());
            assertEquals(1, study.next("anna").orElseThrow().done());
            assertEquals(planned.places().get(1).getFirst(), study.next("bert").orElseThrow().id());
        }
    }

    @Test
    void ofSeveralVotesOfAJudgeOnAnItemTheFirstStays() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            String item = study.next("anna").orElseThrow().id();
            assertTrue(study.vote("anna", item, "right"));
            assertFalse(study.vote("anna", item, "left"));
        }
        List<Vote> kept = VotesFile.read(votes, planned).votes();
        assertEquals(1, kept.size());
        assertEquals("right", kept.getFirst().answer());
    }

    @Test
    void whatIsNoVoteIsRefusedAndNotKept() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            String item = study.next("anna").orElseThrow().id();
            String others = planned.items().stream().map(StudyItem::id)
                    .filter(id -> !planned.places().getFirst().contains(id)).findFirst().orElseThrow();
            assertThrows(BadInput.class, () -> study.vote("anna", others, "left"));
            assertThrows(BadInput.class, () -> study.vote("anna", "nothing", "left"));
            BadInput answer = assertThrows(BadInput.class, () -> study.vote("anna", item, "5"));
            assertTrue(answer.getMessage().contains("left, right, tie"), answer.getMessage());
            for (String name : new String[]{"", " ", " anna", "an\nna", "a".repeat(65), "\ud800", null}) {
                assertThrows(BadInput.class, () -> study.next(name), name);
            }
        }
        assertEquals(List.of(), VotesFile.read(votes, planned).votes());
        assertEquals(Set.of("anna"), VotesFile.read(votes, planned).places().keySet());
    }

    @Test
    void whenAllPlacesAreTakenNobodyNewIsLetIn() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            for (int i = 0; i < 8; i++) study.next("judge " + i);
            BadInput full = assertThrows(BadInput.class, () -> study.next("late"));
            assertTrue(full.getMessage().contains("8 places"), full.getMessage());
            assertTrue(study.next("judge 3").isPresent());
        }
    }

    @Test
    void theTimeThatAVoteTookIsKeptUnlessNobodyWasThere() throws IOException {
        Instant[] now = {Instant.parse("2026-01-02T03:04:05Z")};
        InstantSource source = () -> now[0];
        Clock clock = source.withZone(ZoneOffset.UTC);
        try (Study study = Study.open(plan, votes, clock)) {
            String item = study.next("anna").orElseThrow().id();
            now[0] = now[0].plusMillis(4200);
            study.vote("anna", item, "left");
            item = study.next("anna").orElseThrow().id();
            now[0] = now[0].plus(Duration.ofHours(9));
            study.vote("anna", item, "left");
        }
        List<Vote> kept = VotesFile.read(votes, planned).votes();
        assertEquals(OptionalLong.of(4200), kept.get(0).millis());
        assertEquals(Instant.parse("2026-01-02T03:04:09.200Z"), kept.get(0).at());
        assertEquals(OptionalLong.empty(), kept.get(1).millis());
    }

    /** Whatever byte a process is killed at: every vote that was taken is there, and voting goes on. */
    @Test
    void fromAFileThatWasCutAnywhereJudgingGoesOn() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            judgeAll(study, "anna");
        }
        byte[] whole = Files.readAllBytes(votes);
        for (int length = 0; length < whole.length; length += length > whole.length - 200 ? 1 : 13) {
            Path cut = folder.resolve("cut.jsonl");
            Files.write(cut, java.util.Arrays.copyOf(whole, length));
            long lines = new String(whole, 0, length).chars().filter(c -> c == '\n').count();
            try (Study study = Study.open(plan, cut)) {
                assertEquals(length > 0 && whole[length - 1] != '\n', study.wasCut(), "" + length);
                int done = study.next("anna").orElseThrow().done();
                assertEquals(Math.max(0, lines - 2), done);
                for (var item = study.next("anna"); item.isPresent(); item = study.next("anna")) {
                    study.vote("anna", item.get().id(), "left");
                }
            }
            VotesFile.Kept kept = VotesFile.read(cut, planned);
            assertEquals(7, kept.votes().size());
            assertFalse(kept.isCut());
        }
    }

    @Test
    void aReportPassesOverTheLineThatIsBeingWritten() throws IOException {
        try (Study study = Study.open(plan, votes)) {
            study.vote("anna", study.next("anna").orElseThrow().id(), "left");
        }
        Files.writeString(votes, "{\"judge\": \"anna\", \"it", StandardOpenOption.APPEND);
        VotesFile.Kept kept = VotesFile.read(votes, planned);
        assertEquals(1, kept.votes().size());
        assertTrue(kept.isCut());
    }

    @Test
    void oneProcessAtATimeTakesVotes() throws IOException {
        try (Study _ = Study.open(plan, votes)) {
            BadInput busy = assertThrows(BadInput.class, () -> Study.open(plan, votes));
            assertTrue(busy.getMessage().contains("another process"), busy.getMessage());
        }
        Study.open(plan, votes).close();
    }

    @Test
    void manyJudgesVoteAtOnceAndNoVoteIsLostOrCountedTwice() throws Exception {
        try (Study study = Study.open(plan, votes); var threads = Executors.newFixedThreadPool(16)) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String judge = "judge " + i / 2; // two windows each
                work.add(() -> {
                    int counted = 0;
                    for (var item = study.next(judge); item.isPresent(); item = study.next(judge)) {
                        if (study.vote(judge, item.get().id(), "right")) counted++;
                    }
                    return counted;
                });
            }
            int counted = 0;
            for (Future<Integer> each : threads.invokeAll(work)) counted += each.get();
            assertEquals(8 * 7, counted);
        }
        VotesFile.Kept kept = VotesFile.read(votes, planned);
        assertEquals(8 * 7, kept.votes().size());
        assertEquals(8, new HashSet<>(kept.places().values()).size());
    }
}
