package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.reply.ResponsePolicy;
import io.retort.reply.ScoreCalibration;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
    @TempDir
    Path folder;

    /** A test whose right replies are what the contexts say, which an untrained encoder finds likeliest. */
    private Path test() throws IOException {
        StringBuilder lines = new StringBuilder();
        List<String> words = List.of("tea", "rain", "fish", "dog", "hello", "love");
        for (int i = 0; i < words.size(); i++) {
            lines.append("""
                    {"id": "%d", "context": ["%s"], "positive": ["%s"], "adversarial": [], "random": ["%s", "%s"]}
                    """.formatted(i, words.get(i), words.get(i), words.get((i + 1) % 6), words.get((i + 3) % 6)));
        }
        return Files.writeString(folder.resolve("test.jsonl"), lines);
    }

    @Test
    void aStudentIsGivenTheFloorOfItsChatsAndStaysTheSameModel() throws IOException {
        ModelFolder model = TinyModel.biEncoder(folder.resolve("model"), 1);
        assertTrue(ResponsePolicy.of(model.path()).minScore().isEmpty());
        JsonNode said = Run.json("calibrate", "--model", model.path(), "--data", test(), "--engine", "stock", "--json");
        assertEquals(6, said.get("contexts").asInt());
        ScoreCalibration kept = ScoreCalibration.read(model.path()).orElseThrow();
        assertEquals(said.get("floor").asDouble(), kept.floor(), 1e-6);
        assertTrue(kept.fitting() > kept.random(), kept.toString());
        assertEquals(kept.floor(), ResponsePolicy.of(model.path()).minScore().getAsDouble());
        assertEquals(model.fingerprint(), ModelFolder.open(model.path()).fingerprint());
    }

    @Test
    void withoutDataOrModelItIsRefused() throws IOException {
        Run.refused(Run.of("calibrate", "--data", test()), "--model");
        Run.refused(Run.of("calibrate", "--model", TinyModel.biEncoder(folder.resolve("m"), 1).path()), "--data");
    }
}
