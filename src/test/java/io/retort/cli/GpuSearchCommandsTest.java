package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.gpu.Gpu;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command that searches takes {@code --search gpu}, and says what is missing where there is no card. */
class GpuSearchCommandsTest {
    @TempDir
    static Path work;
    private static Path model;

    @BeforeAll
    static void make() throws IOException {
        model = TinyModel.biEncoder(work.resolve("tiny"), 1).path();
        Files.writeString(work.resolve("talk.jsonl"), CommandsTest.DIALOGUES);
        Run.ok("index", "-m", model, "-d", work.resolve("talk.jsonl"), "-o", work.resolve("index"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reply -m MODEL -i WORK/index -c hello", "chat -m MODEL -i WORK/index",
        "bench search --rows 100 --dims 8 -k 1", "bench reply -m MODEL -i WORK/index -c WORK/talk.jsonl",
        "eval -m MODEL -i WORK/index -d WORK/talk.jsonl --candidates 2",
        "mine -m MODEL -d WORK/talk.jsonl --min-words 1 -o WORK/out",
        "train -m MODEL -d WORK/talk.jsonl --min-words 1 --hard-negatives 1 --negatives 1 --batch 2 --steps 1 --context-tokens 16 "
                + "--reply-tokens 8 -o WORK/out"})
    void withoutACardACommandSaysSoAndFails(String command) {
        assumeTrue(Gpu.obstacle().isPresent(), "there is a card here");
        List<Object> arguments = new ArrayList<>();
        for (String word : command.split(" ")) {
            arguments.add(word.replace("MODEL", model.toString()).replace("WORK", work.toString()));
        }
        arguments.addAll(List.of("--search", "gpu"));
        Run run = Run.of(arguments.toArray());
        assertEquals(1, run.code(), run.err());
        assertEquals("", run.out());
        assertTrue(run.err().contains("retort: no GPU: " + Gpu.obstacle().orElseThrow()
                + "; search on the CPU finds the same"), run.err());
        assertFalse(Files.exists(work.resolve("out")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reply", "chat", "demo", "eval", "mine", "train", "experiment", "bench search",
        "bench reply"})
    void helpTellsOfTheCard(String command) {
        List<Object> arguments = new ArrayList<>(List.of((Object[]) command.split(" ")));
        arguments.addAll(List.of("--help", "--all"));
        String help = Run.ok(arguments.toArray()).replaceAll("\\s+", " ");
        assertTrue(help.contains("--search") && help.contains("gpu") && help.contains("NVIDIA card"), help);
    }
}
