package io.retort.cli;

import io.retort.cli.StatusText.Importance;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.Validation;
import io.retort.simd.MachinePeak;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * Shows a training run on the terminal: a line that is rewritten as it goes, and one that stays for each validation.
 */
final class TrainingProgress implements TrainingListener {
    /** The least weight of the newest step in the means that are shown. */
    private static final double NEWEST = 0.05;

    private final StatusLine status;
    private final long steps;
    private final Supplier<OptionalDouble> peak;
    private OptionalDouble peakFlops;
    private Means means;
    private int steady;

    /** Means over the last steps, which weigh less the older they are. */
    private record Means(double seconds, double examples, double tokens, double flop) {
        static Means of(StepReport report) {
            return new Means(report.seconds(), report.examples(), report.tokens(),
                    report.flop());
        }

        Means towards(Means newest, double share) {
            return new Means(seconds + share * (newest.seconds - seconds),
                    examples + share * (newest.examples - examples), tokens + share * (newest.tokens - tokens),
                    flop + share * (newest.flop - flop));
        }
    }

    /**
     * @param steps  of the whole run
     * @param status the line to be written to, which stays the caller's
     */
    TrainingProgress(long steps, int threads, StatusLine status) {
        this(steps, status,
                () -> MachinePeak.measure(threads).map(p -> OptionalDouble.of(p.peakGflops() * 1e9))
                        .orElse(OptionalDouble.empty()));
    }

    /**
     * @param peak what the machine does at most, FLOP/s; asked for once, when it is first needed
     */
    TrainingProgress(long steps, StatusLine status, Supplier<OptionalDouble> peak) {
        this.steps = steps;
        this.status = status;
        this.peak = peak;
    }

    @Override
    public void stepped(StepReport report) {
        if (!status.isVisible()) return;
        if (report.flop() > 0 && peakFlops == null) peakFlops = peak.get();
        Means newest = Means.of(report);
        // The first step compiles graph and kernels: the second takes its place.
        means = means == null ? newest : means.towards(newest, Math.max(NEWEST, 1.0 / ++steady));
        status.show(() -> line(report), report.number() == steps);
    }

    private StatusText line(StepReport report) {
        StatusText text = new StatusText().add("train");
        String percent = String.format(Locale.ROOT, "%.0f %%", Math.floor(100.0 * report.number() / steps));
        text.add(Importance.AMOUNT,
                String.format(Locale.ROOT, " %,d of %,d (%s)", report.number(), steps, percent), " " + percent);
        Importance importance = Importance.QUALITY; // of the loss itself; its parts may go sooner
        for (Map.Entry<String, Double> loss : report.losses().entrySet()) {
            text.add(importance, String.format(Locale.ROOT, ", %s %.4f", loss.getKey(), loss.getValue()), "");
            importance = Importance.DETAIL;
        }
        text.add(Importance.DETAIL, String.format(Locale.ROOT, ", rate %.2e", report.learningRate()), "");
        text.add(Importance.DETAIL,
                String.format(Locale.ROOT, ", %,.0f examples/s", means.examples / means.seconds), "");
        text.add(Importance.SPEED, String.format(Locale.ROOT, ", %,.0f tokens/s", means.tokens / means.seconds), "");
        if (means.flop > 0 && peakFlops.isPresent()) {
            text.add(Importance.DETAIL, String.format(Locale.ROOT, ", %.0f %% of peak",
                    100 * means.flop / means.seconds / peakFlops.getAsDouble()), "");
        }
        long left = steps - report.number();
        return left > 0 ? text.add(TimeLeft.text(left * means.seconds)) : text;
    }

    @Override
    public void validated(Validation validation, boolean best) {
        StringBuilder text = new StringBuilder("step ").append(validation.step()).append(':');
        validation.metrics()
                .forEach((name, value) -> text.append(String.format(Locale.ROOT, " %s %.4f", name, value)));
        status.keep(text + (best ? " (best)" : ""));
    }

    /**
     * Tells how to go on if the run was stopped, at once, since the process has no time left when the work has ended.
     *
     * @param again what goes on
     */
    TrainingResult told(TrainingResult result, Invocation again) {
        if (result.ending() != TrainingResult.Ending.INTERRUPTED) return result;
        status.clear();
        status.say("retort: " + Interruption.goingOn("stopped after step " + result.steps(), again));
        return result;
    }

    @Override
    public void noted(String note) {
        status.say("retort: " + note);
    }

    @Override
    public void close() {
        status.clear();
    }
}
