package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The folder in which a bot is made. Each stage keeps its own files there, in the form of its own job; {@code
 * state.json} says what came of them and what they took, over all processes that worked on it.
 */
final class DistillFolder implements AutoCloseable {
    static final String DISTILLED = "distilled.jsonl.gz", SCORED = "scored.jsonl.gz", STUDENT = "student",
            INDEX = "replies.index", REPORT = "report.json", PAGE = "report.html";
    private static final String STATE = "state.json", STAGES = "stages", SPLIT = "split", ESTIMATE = "estimate";
    /** The most seconds of work whose time is forgotten when the process is killed. */
    private static final long KEEP_NANOS = 5_000_000_000L;

    private final JobFolder folder;
    private final ObjectNode state;

    private DistillFolder(JobFolder folder, ObjectNode state) {
        this.folder = folder;
        this.state = state;
    }

    /** Begins a distillation, or goes on with it; the parameters are those of {@link JobFolder#open}. */
    static DistillFolder open(Path path, ObjectNode config, Set<String> free, UnaryOperator<ObjectNode> rewriting)
            throws IOException {
        JobFolder folder = JobFolder.open(path, "distillation", config, free, rewriting);
        try {
            JsonNode kept = folder.read(STATE).orElseGet(JsonNodeFactory.instance::objectNode);
            return new DistillFolder(folder,
                    kept instanceof ObjectNode state ? state : JsonNodeFactory.instance.objectNode());
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /** What the dialogues were divided into; empty while they are not, or if a file of it has gone. */
    Optional<TalkSplit> split() {
        for (String file : new String[]{TalkSplit.LEARNED, TalkSplit.TEST, TalkSplit.VALIDATION}) {
            if (!Files.isRegularFile(resolve(file))) return Optional.empty();
        }
        return TalkSplit.of(state.path(SPLIT));
    }

    void keep(TalkSplit split) throws IOException {
        state.set(SPLIT, split.json());
        write();
    }

    /** What the stages were reckoned to take; empty before. */
    Optional<DistillEstimate> estimate() {
        return state.path(ESTIMATE).isObject()
                ? Optional.of(DistillEstimate.of(state.path(ESTIMATE)))
                : Optional.empty();
    }

    void keep(DistillEstimate estimate) throws IOException {
        state.set(ESTIMATE, estimate.json());
        write();
    }

    /** What a finished stage took and counted; empty while it is not finished. */
    Optional<DistillJob.Cost> cost(DistillStage stage) {
        JsonNode kept = state.path(STAGES).path(stage.toString());
        if (!kept.path("done").asBoolean()) return Optional.empty();
        Map<String, Long> counts = new TreeMap<>();
        kept.path("counts").properties().forEach(count -> counts.put(count.getKey(), count.getValue().asLong()));
        return Optional.of(new DistillJob.Cost(stage, kept.path("seconds").asDouble(), new TreeMap<>(counts)));
    }

    /** Begins to measure the time of a stage, on top of what earlier processes spent on it. */
    Clock clock(DistillStage stage) {
        return new Clock(stage);
    }

    /** The time of a stage. One thread. */
    final class Clock {
        private final DistillStage stage;
        private final double before;
        private final long started = System.nanoTime();
        private long kept = started;

        private Clock(DistillStage stage) {
            this.stage = stage;
            this.before = state.path(STAGES).path(stage.toString()).path("seconds").asDouble();
        }

        /** Called often while the stage is at work; keeps its time every few seconds. */
        void tick() {
            if (System.nanoTime() - kept < KEEP_NANOS) return;
            kept = System.nanoTime();
            try {
                entry().put("seconds", seconds());
                write();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Called at the end of the stage with what was counted. */
        DistillJob.Cost done(Map<String, Long> counts) throws IOException {
            ObjectNode entry = entry().put("seconds", seconds()).put("done", true);
            ObjectNode told = entry.putObject("counts");
            counts.forEach(told::put);
            write();
            return cost(stage).orElseThrow();
        }

        private double seconds() {
            return before + (System.nanoTime() - started) / 1e9;
        }

        private ObjectNode entry() {
            ObjectNode stages = state.path(STAGES) instanceof ObjectNode there ? there : state.putObject(STAGES);
            return stages.path(stage.toString()) instanceof ObjectNode own ? own : stages.putObject(stage.toString());
        }
    }

    private void write() throws IOException {
        folder.write(STATE, state);
    }

    void write(String name, JsonNode content) throws IOException {
        folder.write(name, content);
    }

    void write(String name, String content) throws IOException {
        folder.write(name, content);
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
