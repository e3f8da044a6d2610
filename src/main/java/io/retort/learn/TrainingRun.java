package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The training loop: steps, validations, checkpoints, and at the end the model with the weights of the best validation.
 * Everything is deterministic; a run that was interrupted, by kill -9 too, goes on from its newest checkpoint, and its
 * weights are then those of a run that was not, bit for bit. One thread; {@link #stop()} may be called from any.
 */
public final class TrainingRun {
    private final TrainingTask task;
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final Checkpoints checkpoints;
    private final WorkerPool pool;
    private final List<TrainingListener> others;
    private volatile boolean stopping;

    private OptimizerState optimizer;
    private List<TrainingListener> listeners = List.of();
    private RunState state;
    private long checkpointedAt;
    private long checkpointed = -1;

    /**
     * @param folder    of the run, begun or to go on with; like task and pool it stays the caller's
     * @param listeners told besides the files of metrics; they stay the caller's
     */
    public TrainingRun(TrainingTask task, TrainingSettings settings, RunFolder folder, WorkerPool pool,
            List<TrainingListener> listeners) {
        this.task = task;
        this.settings = settings;
        this.folder = folder;
        this.pool = pool;
        this.others = listeners;
        this.checkpoints = new Checkpoints(folder, settings.keep());
    }

    /** Asks the run to end after the step at work, with a checkpoint; any thread may call it. */
    public void stop() {
        stopping = true;
    }

    /**
     * Trains until all steps are taken, validations stop getting better, or {@link #stop()} is called.
     *
     * @param environment what the provenance says of program and machine
     * @throws TrainingDiverged if a number is not finite
     * @throws BadInput         if the newest checkpoint is damaged, or data or parents have changed since the beginning
     */
    public TrainingResult run(Map<String, String> environment) throws IOException {
        Optional<TrainingResult> earlier = folder.result();
        if (earlier.isPresent()) return earlier.get();
        TrainingResult result;
        try (OptimizerState moments = settings.optimizer().over(task.buffers(), pool);
                MetricsFile metrics = new MetricsFile(folder, settings.reportEvery());
                EventFile events = new EventFile(folder, settings.reportEvery())) {
            optimizer = moments;
            listeners = new ArrayList<>(List.of(metrics, events));
            listeners.addAll(others);
            start();
            TrainingResult.Ending ending = train();
            result = new TrainingResult(ending, state.step(), state.seconds(), state.history().best(), folder.path());
            if (ending == TrainingResult.Ending.INTERRUPTED) {
                if (checkpointed != state.step()) checkpoint();
                return result;
            }
            restoreBest();
        }
        new TrainedModel(folder, state, task.sources(), environment).write(task);
        folder.end(result);
        checkpoints.deleteAll();
        return result;
    }

    private void start() throws IOException {
        checkpoints.deleteUnfinished();
        Optional<Path> newest = checkpoints.newest();
        if (newest.isPresent()) resume(newest.get());
        else begin();
        checkpointedAt = System.nanoTime();
    }

    private void begin() throws IOException {
        state = RunState.beginning(task, folder.config());
        tellStart(false);
        if (settings.validateEvery() > 0) validate();
    }

    private void resume(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            task.sources().requireDigests(checkpoint.state().digests());
            checkpoint.restore(optimizer);
            checkpoint.restore(task);
            state = checkpoint.state();
        }
        checkpointed = state.step();
        state.history().best().ifPresent(best -> checkpoints.at(best.step()));
        tellStart(true);
    }

    private void tellStart(boolean resumed) throws IOException {
        for (TrainingListener listener : listeners) listener.started(state.step(), resumed);
    }

    private TrainingResult.Ending train() throws IOException {
        while (state.step() < settings.steps()) {
            if (settings.patience() > 0 && state.history().sinceBest() >= settings.patience())
                return TrainingResult.Ending.EARLY;
            if (stopping) return TrainingResult.Ending.INTERRUPTED;
            step();
            if (isValidationDue()) validate();
            if (isCheckpointDue()) checkpoint();
        }
        return TrainingResult.Ending.DONE;
    }

    private void step() throws IOException {
        long started = System.nanoTime();
        double rate = settings.learningRate() * settings.schedule().factor(state.step(), state.history());
        TrainingTask.Step work = task.step(state.step());
        requireFinite("the " + work.losses().firstEntry().getKey(), work.loss());
        double norm = optimizer.gradientNorm();
        requireFinite("the norm of the gradients", norm);
        optimizer.step(rate, TrainingSettings.gradientScale(settings.clip(), norm));
        double seconds = (System.nanoTime() - started) / 1e9;
        state = state.after(work, seconds);
        StepReport report = StepReport.of(state.step(), work, rate, norm, seconds);
        for (TrainingListener listener : listeners) listener.stepped(report);
    }

    private void requireFinite(String what, double value) throws IOException {
        if (!Double.isFinite(value)) throw TrainingDiverged.at(state.step() + 1, what, value, checkpoints.newest());
    }

    private boolean isValidationDue() {
        return settings.validateEvery() > 0
                && (state.step() % settings.validateEvery() == 0 || state.step() == settings.steps());
    }

    /** Gives the task the weights of the best validation, which a checkpoint has kept. */
    private void validate() throws IOException {
        SequencedMap<String, Double> metrics = task.validate();
        if (metrics.isEmpty()) return;
        for (Map.Entry<String, Double> metric : metrics.entrySet()) {
            if (!Double.isFinite(metric.getValue()))
                throw TrainingDiverged.at(state.step(), metric.getKey(), metric.getValue(), checkpoints.newest());
        }
        Validation validation = new Validation(state.step(), metrics);
        state = state.with(validation);
        boolean best = state.history().sinceBest() == 0;
        for (TrainingListener listener : listeners) listener.validated(validation, best);
        if (best) checkpoint();
    }

    private boolean isCheckpointDue() {
        if (checkpointed == state.step() || state.step() == settings.steps()) return false;
        boolean bySteps = settings.checkpointEvery() > 0 && state.step() % settings.checkpointEvery() == 0;
        return bySteps || System.nanoTime() - checkpointedAt > settings.checkpointAfter().toNanos();
    }

    private void checkpoint() throws IOException {
        Path file = checkpoints.write(state, task, optimizer);
        checkpointed = state.step();
        checkpointedAt = System.nanoTime();
        for (TrainingListener listener : listeners) listener.kept(state.step(), file);
    }

    private void restoreBest() throws IOException {
        Optional<Validation> best = state.history().best();
        if (best.isEmpty() || best.get().step() == state.step()) return;
        try (Checkpoint checkpoint = Checkpoint.open(checkpoints.at(best.get().step()))) {
            checkpoint.restore(task);
        }
    }
}
