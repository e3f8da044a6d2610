package io.retort.cli;

import io.retort.dialogue.Distilled;
import io.retort.files.Progress;
import io.retort.jobs.DistillEstimate;
import io.retort.jobs.DistillJob;
import io.retort.jobs.DistillStage;
import io.retort.jobs.RecordsListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows on the terminal how far a distillation has come. For use by one thread. */
final class DistillProgress extends StudentProgress implements DistillJob.Listener {
    DistillProgress(int threads, StatusLine status) {
        super(threads, status);
    }

    /** What a distillation will take, in words. */
    static List<String> lines(DistillEstimate estimate) {
        List<String> lines = new ArrayList<>();
        List<String> stages = new ArrayList<>();
        estimate.seconds().forEach((stage, seconds) -> stages.add(stage + " " + about(seconds)));
        lines.add("about " + about(estimate.total()) + " (" + String.join(", ", stages) + ")"
                + (estimate.memoryBytes().isPresent()
                        ? String.format(Locale.ROOT, ", %,.1f GB of memory",
                                estimate.memoryBytes().getAsLong() / 1e9)
                        : ""));
        lines.add(String.format(Locale.ROOT, "%,d contexts to learn from in %,d steps; %,d dialogues held out%s",
                estimate.contexts(), estimate.steps(), estimate.heldOut(), estimate.tokensPerS() > 0
                        ? String.format(Locale.ROOT, "; the teacher writes %,.0f tokens/s", estimate.tokensPerS())
                        : ""));
        return lines;
    }

    private static String about(double seconds) {
        if (seconds < 90) return Math.max(1, Math.round(seconds)) + " s";
        return seconds < 5400
                ? Math.round(seconds / 60) + " min"
                : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }

    @Override
    public void measuring() {
        status.clear();
        new ProgressLine("trying a few contexts", "contexts", status).begun();
    }

    @Override
    public void estimated(DistillEstimate estimate) {
        status.clear();
        lines(estimate).forEach(line -> status.say("retort: " + line));
    }

    @Override
    public void began(DistillStage stage, int number, int of) {
        status.clear();
        status.stage(number, of);
    }

    @Override
    public RecordsListener<Distilled> records(DistillStage stage) {
        ProgressLine line = new ProgressLine(stage.toString(), stage.items(), status).begun();
        long started = System.nanoTime();
        return new RecordsListener<>() {
            private long tokens;

            @Override
            public void progress(long done, long total) {
                line.update(done, total);
            }

            @Override
            public void effort(double done, double total) {
                line.effort(done, total);
            }

            @Override
            public void tokens(long more) {
                tokens += more;
                line.note(String.format(Locale.ROOT, "%,.0f tokens/s", tokens / ((System.nanoTime() - started) / 1e9)));
            }
        };
    }

    @Override
    public Progress progress(DistillStage stage) {
        return new ProgressLine(stage.toString(), stage.items(), status).begun();
    }

    @Override
    public void ended(DistillJob.Cost cost, boolean before) {
        List<String> parts = new ArrayList<>();
        for (Map.Entry<String, Long> count : cost.counts().entrySet()) {
            parts.add(String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey().replace('_', ' ')));
        }
        parts.add(String.format(Locale.ROOT, "%.1f s", cost.seconds()));
        status.clear();
        status.say("retort: " + cost.stage() + (before ? " was finished before: " : ": ") + String.join(", ", parts));
    }
}
