package io.retort.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes what is left when a run has ended: the model in the run's folder, with its provenance and its card.
 *
 * @param environment what the provenance says of program and machine
 */
record TrainedModel(RunFolder folder, RunState state, TrainingSources sources, Map<String, String> environment) {
    private static final String CONFIG = "config.json";
    private static final String CARD = "README.md";
    private static final String UNFINISHED = "model";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Writes the model as the task has it, replacing what an interrupted call may have left. */
    void write(TrainingTask task) throws IOException {
        Path unfinished = folder.file(UNFINISHED);
        Folders.delete(unfinished);
        task.save(unfinished, provenance());
        AtomicFile.write(unfinished.resolve(CARD), card().getBytes(StandardCharsets.UTF_8));
        install(unfinished);
        Folders.delete(unfinished);
    }

    /** Moves the model's files to where they belong, one at a time; only the last one makes the folder a model. */
    private void install(Path unfinished) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(unfinished)) {
            files = tree.filter(Files::isRegularFile).map(unfinished::relativize).sorted().toList();
        }
        for (Path file : files) if (!file.equals(Path.of(CONFIG))) move(unfinished, file);
        if (files.contains(Path.of(CONFIG))) move(unfinished, Path.of(CONFIG));
    }

    private void move(Path from, Path file) throws IOException {
        Path target = folder.path().resolve(file);
        Files.createDirectories(target.toAbsolutePath().getParent());
        AtomicFile.replace(from.resolve(file), target);
    }

    private ObjectNode provenance() {
        ObjectNode root = JSON.createObjectNode();
        environment.forEach(root::put);
        root.put("summary", sources.summary()).put("steps", state.step()).put("examples", state.examples())
                .put("tokens", state.tokens()).put("seconds", state.seconds());
        state.history().best().ifPresent(best -> root.set("best", best.json()));
        list(root.putArray("data"), "sha256", sources.data());
        list(root.putArray("parents"), "fingerprint", sources.parents());
        root.set("config", state.config());
        return root;
    }

    private static void list(ArrayNode to, String digest, List<TrainingSources.Source> sources) {
        for (TrainingSources.Source source : sources) {
            ObjectNode node = to.addObject().put("name", source.name()).put(digest, source.digest());
            if (!source.licence().isEmpty()) node.put("licence", source.licence());
        }
    }

    private String card() throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("---\nlibrary_name: retort\ntags:\n- retort\n- dialogue\n---\n\n");
        text.append("# ").append(folder.path().toAbsolutePath().normalize().getFileName()).append("\n\n");
        text.append(sources.summary()).append("\n\n");
        text.append("## Training\n\n")
                .append(String.format(Locale.ROOT, "%,d steps, %,d examples, %,d tokens, %,.0f s.\n", state.step(),
                        state.examples(), state.tokens(), state.seconds()));
        environment.forEach((name, value) -> text.append("* ").append(name).append(": ").append(value).append('\n'));
        appendValidations(text);
        appendSources(text, "Data", "SHA-256", sources.data());
        appendSources(text, "Parents", "fingerprint", sources.parents());
        text.append("\n## Settings\n\n```json\n").append(JSON.writeValueAsString((JsonNode) state.config()))
                .append("\n```\n");
        text.append(
                "\n## Reproduction\n\nWhere data and parents are at hand under the names above, `retort reproduce` of `")
                .append(folder.path())
                .append("` trains the model again, into a folder of its own, and compares the weights.\n");
        return text.toString();
    }

    private void appendValidations(StringBuilder text) {
        List<Validation> all = state.history().validations();
        if (all.isEmpty()) return;
        long best = state.history().best().orElseThrow().step();
        text.append("\n## Validation\n\nThe weights are those of step ").append(best).append(", the best by ")
                .append(all.getFirst().metrics().firstEntry().getKey()).append(".\n\n| step |");
        all.getFirst().metrics().keySet().forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---:|").append("---:|".repeat(all.getFirst().metrics().size())).append('\n');
        for (Validation validation : all) {
            text.append("| ").append(validation.step()).append(" |");
            validation.metrics().values().forEach(value -> text.append(String.format(Locale.ROOT, " %.4f |", value)));
            text.append('\n');
        }
    }

    private static void appendSources(StringBuilder text, String title, String digest,
            List<TrainingSources.Source> sources) {
        if (sources.isEmpty()) return;
        text.append("\n## ").append(title).append("\n\n| name | licence | ").append(digest)
                .append(" |\n|---|---|---|\n");
        for (TrainingSources.Source source : sources) {
            text.append("| `").append(source.name()).append("` | ")
                    .append(source.licence().isEmpty() ? "not known" : source.licence()).append(" | `")
                    .append(source.digest()).append("` |\n");
        }
    }
}
