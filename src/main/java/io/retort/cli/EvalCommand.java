package io.retort.cli;

import io.retort.distill.TeacherScore;
import io.retort.jobs.EvaluateJob;
import io.retort.jobs.EvaluateResult;
import io.retort.jobs.EvaluateSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "eval", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class, description = {
    "Ranks candidate replies and measures how often the right one wins, with 95%% intervals.",
    "Data: a ranking test (context, positive, adversarial, random), or dialogues, of which each reply is ranked "
            + "among random others."})
final class EvalCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(EvaluateSettings.class, RuntimeSettings.class)
            .basic("data", "model", "teacher", "index", "limit", "history");

    @Mixin
    private Output output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, EvaluateSettings.class, RuntimeSettings.class)) return 0;
        EvaluateSettings job = settings.get(EvaluateSettings.class);
        EvaluateResult result;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("eval", job.teacher().isEmpty() ? "texts" : "contexts", status)
                .begun(); Interruption _ = Interruption.losing(status)) {
            result = new EvaluateJob(job).run(CommandRuntime.of(settings.get(RuntimeSettings.class)),
                    listener(progress, status));
        }
        if (output.json) output.json(facts(result, job));
        else show(result, job);
        return 0;
    }

    /** Shows how far an evaluation is, and what it notes. */
    static EvaluateJob.Listener listener(ProgressLine progress, StatusLine status) {
        return new EvaluateJob.Listener() {
            @Override
            public void update(long done, long total) {
                progress.update(done, total);
            }

            @Override
            public void noted(String note) {
                status.say("retort: " + note);
            }
        };
    }

    private static Map<String, Object> facts(EvaluateResult result, EvaluateSettings job) {
        Map<String, Object> facts = new LinkedHashMap<>(result.values());
        if (result instanceof EvaluateResult.OfTeacher judged) {
            Map<String, Object> prompt = new LinkedHashMap<>(job.prompt().choice().provenance());
            prompt.put("history", job.history());
            facts.put("prompt", prompt);
            facts.put("seconds", judged.time().toNanos() / 1e9);
        }
        facts.put("model", result.model());
        facts.put("data", job.data().orElseThrow().toString());
        return facts;
    }

    private void show(EvaluateResult result, EvaluateSettings job) {
        String on = result.model() + " on " + job.data().orElseThrow() + ", ";
        switch (result) {
            case EvaluateResult.OfModel model -> {
                output.line(on + model.metrics().contexts() + " contexts");
                rows(model.values());
            }
            case EvaluateResult.OfTeacher judged -> {
                output.line(String.format(Locale.ROOT, "%s%d contexts, %.1f s", on,
                        judged.metrics().firstEntry().getValue().contexts(), judged.time().toNanos() / 1e9));
                for (Map.Entry<TeacherScore, EvaluateResult.RankingMetrics> each : judged.metrics().entrySet()) {
                    output.line("by " + each.getKey());
                    rows(each.getValue().values());
                }
            }
        }
    }

    private void rows(Map<String, Object> values) {
        for (String key : values.keySet()) {
            if (values.get(key) instanceof Double value) output.line(row(key, value, values.get(key + "_ci")));
        }
    }

    private static String row(String key, double value, Object interval) {
        String text = String.format(Locale.ROOT, "  %-16s %8.4f", key, value);
        return interval instanceof List<?> ends
                ? text + String.format(Locale.ROOT, "   [%.4f, %.4f]", ends.get(0), ends.get(1))
                : text;
    }
}
