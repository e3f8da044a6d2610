package io.retort.learn;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The checkpoints in a run's folder: the newest ones, and that of the best validation. For use by one thread.
 *
 * @param keep newest ones that are kept
 */
record Checkpoints(RunFolder folder, int keep) {
    private static final String PREFIX = "checkpoint-";
    private static final String SUFFIX = ".safetensors";
    private static final String UNFINISHED = ".part";

    /** Writes a checkpoint, and deletes those that are no longer needed. */
    Path write(RunState state, TrainingTask task, OptimizerState optimizer) throws IOException {
        Path file = file(state.step());
        Checkpoint.write(file, state, task, optimizer);
        List<Path> all = all();
        Set<Path> kept = new HashSet<>(all.subList(Math.max(0, all.size() - keep), all.size()));
        state.history().best().ifPresent(best -> kept.add(file(best.step())));
        for (Path old : all) if (!kept.contains(old)) Files.delete(old);
        return file;
    }

    /** Deletes the half-written checkpoints that a killed process left behind. */
    void deleteUnfinished() throws IOException {
        for (Path part : folder.files(PREFIX, UNFINISHED)) Files.delete(part);
    }

    void deleteAll() throws IOException {
        for (Path file : all()) Files.delete(file);
    }

    /** Finds the checkpoint that was written after the most steps; empty if there is none. */
    Optional<Path> newest() throws IOException {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /**
     * The file of the checkpoint that was written after a number of steps.
     *
     * @throws BadInput if it is not there
     */
    Path at(long step) {
        Path file = file(step);
        if (Files.isRegularFile(file)) return file;
        throw BadInput.in(file, "the best checkpoint is missing",
                "put it back, or train again in another folder");
    }

    private Path file(long step) {
        return folder.file(String.format(Locale.ROOT, "%s%010d%s", PREFIX, step, SUFFIX));
    }

    private List<Path> all() throws IOException {
        return folder.files(PREFIX, SUFFIX);
    }
}
