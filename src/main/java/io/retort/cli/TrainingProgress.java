package io.retort.cli;

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
     * @param steps of the whole run
     */
    TrainingProgress(long steps, int threads) {
        this(steps, new StatusLine(),
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

    private String line(StepReport report) {
        StringBuilder text = new StringBuilder();
        append(text, "train %,d of %,d (%.0f %%)", report.number(), steps, 100.0 * report.number() / steps);
        for (Map.Entry<String, Double> loss : report.losses().entrySet()) {
            append(text, ", %s %.4f", loss.getKey(), loss.getValue());
        }
        append(text, ", rate %.2e, %,.0f examples/s, %,.0f tokens/s", report.learningRate(),
                means.examples / means.seconds, means.tokens / means.seconds);
        if (means.flop > 0 && peakFlops.isPresent()) {
            append(text, ", %.0f %% of peak", 100 * means.flop / means.seconds / peakFlops.getAsDouble());
        }
        long left = steps - report.number();
        if (left > 0) append(text, ", %s left", StatusLine.clock(left * means.seconds));
        return text.toString();
    }

    private static void append(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }

    @Override
    public void validated(Validation validation, boolean best) {
        StringBuilder text = new StringBuilder("step ").append(validation.step()).append(':');
        validation.metrics().forEach((name, value) -> append(text, " %s %.4f", name, value));
        status.keep(text + (best ? " (best)" : ""));
    }

    /**
     * Tells how to go on if the run was stopped, at once, since the process has no time left when the work has ended.
     */
    TrainingResult told(TrainingResult result) {
        if (result.ending() != TrainingResult.Ending.INTERRUPTED) return result;
        close();
        System.err.println("retort: stopped after step " + result.steps()
                + "; the same command (retort train: with --resume) goes on");
        return result;
    }

    @Override
    public void noted(String note) {
        System.err.println("retort: " + note);
    }

    @Override
    public void close() {
        status.close();
    }
}
