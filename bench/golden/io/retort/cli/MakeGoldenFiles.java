package io.retort.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Trees;
import io.retort.generate.TinyTeacher;
import io.retort.graph.Engine;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.model.TinyModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.simd.WorkerPool;
import io.retort.train.RunFolder;
import io.retort.train.StepReport;
import io.retort.train.TrainingListener;
import io.retort.train.TrainingResult;
import io.retort.train.TrainingRun;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Made the golden files of version 0.1, with the code of that version (see the README beside it). Interrupted work is
 * what a killed process leaves: runs are stopped between two steps, journals are cut within an entry.
 */
final class MakeGoldenFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path HOME = Path.of("src/test/resources/io/retort/golden-0.1");
    private static final Path STUDENT = HOME.resolve("student"), TEACHER = HOME.resolve("teacher");
    private static final Path TALKS = HOME.resolve("talks.jsonl"), RANKING = HOME.resolve("ranking.jsonl");
    private static final Path DISTILLED = HOME.resolve("distilled.jsonl"), SCORED = HOME.resolve("scored.jsonl");
    private static final Path SETTINGS = HOME.resolve("settings.json"), GRID = HOME.resolve("experiment.json");

    public static void main(String[] args) throws Exception {
        Trees.delete(HOME);
        Files.createDirectories(HOME);
        models();
        dialogues();
        indexes();
        distilledData();
        trainings();
        experiment();
    }

    private static void models() throws IOException {
        TinyModel.biEncoder(STUDENT, 1);
        TinyTeacher.write(TEACHER);
        Path config = TEACHER.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("(\"max_position_embeddings\": *)\\d+",
                "$11024"));
    }

    private static void dialogues() throws IOException {
        List<String> talks = new ArrayList<>(), cases = new ArrayList<>();
        for (int i = 0; i + 4 < TinyModel.WORDS.size(); i += 2) {
            List<String> w = TinyModel.WORDS.subList(i, i + 5);
            String turn = w.get(0) + " " + w.get(1), reply = w.get(2) + " " + w.get(3), last = w.get(4) + " too";
            talks.add("{\"id\":\"talk-%d\",\"turns\":[{\"s\":\"A\",\"t\":\"%s\"},{\"s\":\"B\",\"t\":\"%s\"},{\"s\":\"A\",\"t\":\"%s\"}]}"
                    .formatted(i, turn, reply, last));
            cases.add("{\"id\":\"case-%d\",\"context\":[\"%s\"],\"positive\":[\"%s\"],\"random\":[\"%s\",\"%s\"]}"
                    .formatted(i, turn, reply, far(i, 15) + " " + far(i, 16), far(i, 25) + " " + far(i, 26)));
        }
        Files.write(TALKS, talks);
        Files.write(RANKING, cases);
    }

    private static String far(int word, int away) {
        return TinyModel.WORDS.get((word + away) % TinyModel.WORDS.size());
    }

    private static void run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) texts[i] = arguments[i].toString();
        if (Main.run(texts) != 0) throw new IllegalStateException(List.of(texts) + " failed");
    }

    private static void indexes() throws Exception {
        Path reply = HOME.resolve("reply.index"), context = HOME.resolve("context.index");
        run("index", "-m", STUDENT, "-d", TALKS, "-o", reply, "--threads", 1);
        run("index", "-m", STUDENT, "-d", TALKS, "--key", "context", "--metric", "cosine", "-o", context, "--threads", 1);
        expectReplies(reply, HOME.resolve("expected-replies.jsonl"));
        expectReplies(context, HOME.resolve("expected-replies-by-context.jsonl"));
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        DataOptions.readRecords(TALKS, io.retort.dialogue.Exchanges.standard(), replies);
        var chunks = IndexBuilder.class.getDeclaredMethod("inChunksOf", int.class);
        chunks.setAccessible(true);
        ModelFolder folder = ModelFolder.open(STUDENT);
        try (RetrievalModel model = folder.load(Engine.simd(1))) {
            IndexBuilder builder = (IndexBuilder) chunks.invoke(new IndexBuilder(model, folder.name(),
                    new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT), 4);
            builder.build(replies, HOME.resolve("interrupted.index"), (done, all) -> {
                if (done >= 12) throw new IllegalStateException("stopped on purpose");
            });
        } catch (IllegalStateException e) {
            if (!e.getMessage().equals("stopped on purpose")) throw e;
        }
    }

    /** What the command line answers to some contexts, a line each. */
    private static void expectReplies(Path index, Path target) throws IOException {
        PrintStream out = System.out;
        try (PrintStream lines = new PrintStream(Files.newOutputStream(target), true, StandardCharsets.UTF_8)) {
            System.setOut(lines);
            for (String turn : List.of("i you", "cat dog", "do you like tea")) {
                run("reply", "-m", STUDENT, "-i", index, "-k", 3, "--json", "--threads", 1, "-c", turn);
            }
        } finally {
            System.setOut(out);
        }
    }

    private static void distilledData() throws IOException {
        Path part = HOME.resolve("distilled.jsonl.part"), kept = HOME.resolve("interrupted.jsonl.part");
        Files.createFile(part);
        Files.createLink(kept, part); // the job removes its journal in the end
        run("generate", "--teacher", TEACHER, "-d", TALKS, "-o", DISTILLED, "-n", 2, "--temperature", 1, "--max-tokens",
                30, "--rounds", 5, "--limit", 16, "--threads", 1);
        cut(kept);
        part = HOME.resolve("scored.jsonl.part");
        kept = HOME.resolve("interrupted-scored.jsonl.part");
        Files.createFile(part);
        Files.createLink(kept, part);
        run("score", "--teacher", TEACHER, "-d", DISTILLED, "-o", SCORED, "--threads", 1);
        cut(kept);
    }

    /** Leaves the first three entries and a piece of the fourth. */
    private static void cut(Path journal) throws IOException {
        byte[] bytes = Files.readAllBytes(journal);
        int end = 0;
        for (int lines = 0; lines < 4; end++) if (bytes[end] == '\n') lines++;
        try (FileChannel channel = FileChannel.open(journal, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(bytes, 0, end + 20));
        }
    }

    private static void trainings() throws Exception {
        ObjectNode settings = JSON.createObjectNode().put("model", STUDENT.toString()).put("method", "g2r-dm")
                .put("steps", 18).put("batch", 4).put("negatives", 8).put("warmup", 2).put("learning-rate", 3e-3)
                .put("min-words", 1).put("context-tokens", 16).put("reply-tokens", 8).put("validate-every", 3)
                .put("checkpoint-every", 3).put("keep", 1).put("threads", 1);
        settings.putArray("data").add(SCORED.toString());
        settings.putArray("validate-on").add(RANKING.toString());
        Files.writeString(SETTINGS, settings.toPrettyString() + "\n");
        run("train", "--config", SETTINGS, "--out", HOME.resolve("finished-run"));
        TrainOptions.Effective effective = TrainOptions.of(ConfigFile.read(SETTINGS), List.of());
        stopAfter(6, effective, HOME.resolve("interrupted-run"));
    }

    private static void stopAfter(int steps, TrainOptions.Effective effective, Path folder) throws Exception {
        TrainingRun[] run = new TrainingRun[1];
        TrainingListener stopper = new TrainingListener() {
            @Override
            public void stepped(StepReport step) {
                if (step.number() == steps) run[0].stop();
            }
        };
        try (WorkerPool pool = new WorkerPool(1);
                TrainingTask task = Output.muted(() -> effective.options().open(pool));
                RunFolder begun = RunFolder.create(folder, effective.config())) {
            run[0] = new TrainingRun(task, effective.options().settings(), begun, pool, List.of(stopper));
            if (Output.muted(() -> run[0].run(Map.of())).ending() != TrainingResult.Ending.INTERRUPTED) {
                throw new IllegalStateException("ended before it was stopped");
            }
        }
    }

    private static void experiment() throws Exception {
        ObjectNode settings = (ObjectNode) JSON.readTree(SETTINGS.toFile());
        settings.remove("method");
        settings.put("most-contexts", 6).put("samples", 2);
        settings.putArray("seeds").add(1);
        settings.putArray("methods").add("baseline").add("g2r-d");
        settings.putArray("tests").add(RANKING.toString());
        settings.put("contexts", RANKING.toString());
        Files.writeString(GRID, settings.toPrettyString() + "\n");
        Path out = HOME.resolve("interrupted-experiment");
        run("experiment", "--config", GRID, "--out", out);
        Files.copy(out.resolve("report.json"), HOME.resolve("expected-report.json"));
        for (String later : List.of("report.json", "report.html", "evaluations/g2r-d-seed-1.json", "cells/g2r-d-seed-1")) {
            if (Files.notExists(out.resolve(later))) throw new IllegalStateException(later);
            Trees.delete(out.resolve(later));
        }
    }
}
