package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.study.Study;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyCommandTest {
    @TempDir
    Path work;

    private Path talks;
    private Path plan;

    @BeforeEach
    void makePlan() throws IOException {
        List<String> lines = new ArrayList<>(), fox = new ArrayList<>(), hen = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            lines.add(
                    "{\"id\":\"%d\",\"turns\":[{\"s\":\"A\",\"t\":\"say \u001b[31m%d\"},{\"s\":\"B\",\"t\":\"here you have number %d\"}]}"
                            .formatted(i, i, i).replace("\u001b", "\\u001b"));
            fox.add("{\"id\":\"%d#1\",\"reply\":\"one reply %d\"}".formatted(i, i));
            hen.add("{\"id\":\"%d#1\",\"reply\":\"other reply %d\"}".formatted(i, i));
        }
        talks = Files.write(work.resolve("talks.jsonl"), lines);
        Files.write(work.resolve("fox.jsonl"), fox);
        Files.write(work.resolve("hen.jsonl"), hen);
        plan = work.resolve("study.jsonl");
        JsonNode made = Run.json("study", "plan", "--data", talks, "--system", work.resolve("fox.jsonl"),
                work.resolve("hen.jsonl"), "--contexts", 6, "--judges", 2, "--out", plan, "--json");
        assertEquals(6, made.get("items").asInt());
        assertEquals(8, made.get("items_per_judge").asInt());
        assertFalse(made.get("was_there").asBoolean());
    }

    private String judged(String judge, String typed) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Study study = Study.open(plan, Study.votesBeside(plan))) {
            new Judging(study, judge, new BufferedReader(new StringReader(typed)),
                    new PrintStream(out, true, StandardCharsets.UTF_8)).run();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aStudyIsRunFromPlanToReport() throws IOException {
        String first = judged("anna", "1\n x\nT\nq\n");
        assertTrue(first.contains("1 of 8") && first.contains("3 of 8") && first.contains("Type 1, 2, t or q"), first);
        assertTrue(first.contains("Stopped; 2 of 8 votes are kept"), first);
        String rest = judged("anna", "2\n".repeat(6));
        assertTrue(rest.contains("3 of 8") && rest.contains("That was all"), rest);
        for (String seen : List.of(first, rest)) {
            assertFalse(seen.contains("fox") || seen.contains("hen") || seen.contains("check"), seen);
            assertFalse(seen.contains("\u001b"), seen);
        }
        Path page = work.resolve("study.html");
        String told = Run.ok("study", "report", plan, "--out", page, "--checks-passed", 0);
        assertTrue(told.contains("fox : hen") && told.contains("Krippendorff") && told.contains("anna"), told);
        assertTrue(Files.readString(page).contains("Human evaluation"));
        JsonNode json = Run.json("study", "report", plan, "--json", "--checks-passed", 0);
        JsonNode pair = json.at("/pairs/0");
        assertEquals(6, pair.get("wins").asInt() + pair.get("losses").asInt() + pair.get("ties").asInt());
        assertEquals("anna", json.at("/judges/0/judge").asText());
        assertTrue(Run.ok("study", "export", plan, "--out", work.resolve("votes.csv")).contains("8 votes"));
        assertTrue(Run.ok("study", "export", plan, "--as", "pairings", "--out", work.resolve("p.jsonl"))
                .contains("8 pairings"));
        assertTrue(Run.ok("study", "import", work.resolve("p.jsonl"), "--out", work.resolve("q.jsonl"))
                .contains("6 items and 2 checks"));
    }

    @Test
    void whereTheInputEndsNothingButTheAnswersIsKept() throws IOException {
        assertTrue(judged("bert", "1\n").contains("Stopped; 1 of 8"));
        assertEquals(3, Files.readAllLines(Study.votesBeside(plan)).size());
    }

    @Test
    void whatCannotBeUsedIsRefusedByItsName() throws IOException {
        Run.refused(Run.of("study"), "which work?");
        Run.refused(Run.of("study", "plan", "--data", talks, "--system", "a=human", "--out", work.resolve("x")),
                "--system", "two or more");
        Run.refused(Run.of("study", "plan", "--data", talks, "--system", "a=human", "b=human"), "--out");
        Run.refused(Run.of("study", "plan", "--system", "a=human", "b=human", "--out", work.resolve("x")), "--data");
        Run.refused(Run.of("study", "plan", "--data", talks, "--system", "a=human", "b=human", "--out",
                work.resolve("x")), "only 0 of 6", "--contexts");
        Run.refused(Run.of("study", "vote", plan), "--judge");
        Run.refused(Run.of("study", "vote", plan, "--judge", "anna"), "terminal");
        Run.refused(Run.of("study", "report", plan), "study.votes.jsonl", "no such file");
        Run.refused(Run.of("study", "report", talks), "is no plan of a study");
        judged("anna", "1\n");
        Files.writeString(plan, Files.readString(plan).replace("other reply 3", "another reply 3"));
        Run.refused(Run.of("study", "report", plan), "study.votes.jsonl", "the plan was changed");
    }
}
