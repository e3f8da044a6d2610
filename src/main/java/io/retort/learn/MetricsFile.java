package io.retort.learn;

import java.nio.channels.Channels;
import io.retort.files.OutputChannel;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * {@code training/metrics.jsonl}: a line for every few steps, and one for each validation. A resumed run drops the lines
 * of the steps that it takes again.
 */
final class MetricsFile implements TrainingListener {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final long every;
    private BufferedWriter out;

    MetricsFile(RunFolder folder, long every) {
        this.file = folder.file("metrics.jsonl");
        this.every = every;
    }

    @Override
    public void started(long steps, boolean resumed) throws IOException {
        List<String> kept = resumed && Files.exists(file)
                ? Files.readAllLines(file).stream().filter(line -> isUpTo(steps, line)).toList()
                : List.of();
        String text = kept.isEmpty() ? "" : String.join("\n", kept) + "\n";
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        out = new BufferedWriter(Channels.newWriter(
                OutputChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                StandardCharsets.UTF_8));
    }

    private static boolean isUpTo(long steps, String line) {
        try {
            JsonNode step = JSON.readTree(line).path("step");
            return step.isIntegralNumber() && step.longValue() <= steps;
        } catch (JsonProcessingException e) {
            return false; // The process was killed while it wrote the line.
        }
    }

    @Override
    public void stepped(StepReport report) throws IOException {
        if (report.number() % every != 0) return;
        ObjectNode line = JSON.createObjectNode().put("step", report.number());
        report.losses().forEach(line::put);
        line.put("learning_rate", report.learningRate()).put("gradient_norm", report.gradientNorm());
        line.put("examples", report.examples()).put("tokens", report.tokens());
        write(line.put("seconds", report.seconds()));
    }

    @Override
    public void validated(Validation validation, boolean best) throws IOException {
        ObjectNode line = JSON.createObjectNode().put("step", validation.step());
        ObjectNode metrics = line.putObject("validation");
        validation.metrics().forEach(metrics::put);
        write(line.put("best", best));
    }

    private void write(ObjectNode line) throws IOException {
        out.write(JSON.writeValueAsString(line));
        out.write('\n');
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (out != null) out.close();
    }
}
