package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The demo, and what answers without an index. Trains and encodes in earnest: minutes. */
@ResourceLock("System.in")
class DemoCommandTest {
    @TempDir
    Path work;

    @Test
    @Tag("slow")
    void theQuickDemoTrainsComparesChatsAndRemembers() throws Exception {
        Path out = work.resolve("demo");
        JsonNode report = Run.json("demo", "--quick", "--no-chat", "--json", "--out", out);
        assertEquals(3, report.get("methods").size());
        double random = report.at("/picks/at random/mi").asDouble();
        assertTrue(report.at("/picks/g2r-dm-mi/mi").asDouble() > random, report.get("picks").toString());
        assertTrue(Files.exists(out.resolve("report.html")));

        JsonNode again = Run.json("demo", "--quick", "--no-chat", "--json", "--out", out);
        assertEquals(report.get("cells"), again.get("cells"), "nothing is trained twice");

        String said = talking("hello there\n", "demo", "--quick", "--out", out);
        assertTrue(said.contains("hits@1") && said.contains("Your turn"), said);
        assertTrue(said.lines().toList().getLast().length() > 1, said);
    }

    @Test
    @Tag("slow")
    void withoutAnIndexTheStudentThatComesWithRetortAnswers() throws Exception {
        JsonNode reply = Run.json("reply", "-c", "I failed my exam", "-k", "3", "--json");
        assertEquals(3, reply.get("replies").size());
        assertTrue(talking("I failed my exam\n", "chat").lines().count() == 1);
    }

    @Test
    void aChatIsNoJson() {
        Run.refused(Run.of("demo", "--json"), "--no-chat");
    }

    private static String talking(String input, Object... command) {
        InputStream in = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return Run.ok(command);
        } finally {
            System.setIn(in);
        }
    }
}
