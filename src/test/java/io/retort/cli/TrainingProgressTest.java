package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.learn.StepReport;
import io.retort.learn.Validation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private String shown(boolean terminal) {
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (StatusLine status = new StatusLine(out, terminal, () -> 200, true);
                TrainingProgress progress = new TrainingProgress(10, status, () -> OptionalDouble.of(2e9))) {
            SequencedMap<String, Double> losses = new LinkedHashMap<>();
            losses.put("loss", 2.5);
            losses.put("kd", 1.25);
            progress.stepped(new StepReport(2, losses, 1, 1, 1, 5e-5, 1, 100));
            progress.stepped(new StepReport(3, losses, 20, 400, 1e9, 5e-5, 1, 2));
            progress.stepped(new StepReport(10, losses, 40, 800, 1e9, 5e-5, 1, 2));
            progress.validated(new Validation(4, new LinkedHashMap<>(Map.of("hits@1", 0.5))), true);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theLineTellsPartsOfTheLossSpeedAndShareOfThePeak() {
        String text = shown(true);
        assertTrue(text.contains("train 10 of 10 (100 %), loss 2.5000, kd 1.2500, rate 5.00e-05, 15 examples/s, "
                + "300 tokens/s, 25 % of peak"), text);
        assertTrue(text.contains("train 2 of 10 (20 %)") && text.contains(" left"), text);
        assertTrue(text.contains("step 4: hits@1 0.5000 (best)\n"), text);
    }

    @Test
    void nothingIsShownWhereThereIsNoTerminal() {
        assertEquals("", shown(false));
    }
}
