package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.StudyPlanJob;
import io.retort.jobs.StudyPlanSettings;
import io.retort.runtime.RuntimeSettings;
import io.retort.study.StudyItem;
import io.retort.study.StudyPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "plan", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Plans a study: draws contexts, lets each system reply, and assigns items to judges so that every pair of "
                    + "systems comes equally often, on either side, and nobody gets a context twice.",
            "The plan names the systems: keep it from judges, who see items by `retort study vote`."},
        footer = {"", "Say:  retort study plan --data talks.jsonl --system own=bot human --out study.jsonl"})
final class StudyPlanCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, StudyPlanSettings.class)
            .basic("data", "system", "form", "contexts", "judges", "items", "checks");
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE", description = "The plan to write, JSONL.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, RuntimeSettings.class, StudyPlanSettings.class)) return 0;
        StudyPlanSettings chosen = settings.get(StudyPlanSettings.class);
        if (out == null) throw BadInput.of("--out is missing", "name a file to write");
        StatusLine status = new StatusLine();
        StudyPlanJob.Result result;
        try (ProgressLine progress = new ProgressLine("plan", "contexts", status).begun();
                Interruption _ = Interruption.losing(status)) {
            result = new StudyPlanJob(out, news -> status.say("retort: " + news)).run(chosen,
                    CommandRuntime.of(settings.get(RuntimeSettings.class)), progress);
        }
        tell(result, output);
        return 0;
    }

    /** Prints what a plan has. */
    static void tell(StudyPlanJob.Result result, Output output) {
        StudyPlan plan = result.plan();
        long checks = plan.items().stream().filter(StudyItem::isCheck).count();
        int each = plan.places().getFirst().size();
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("out", result.out().toString());
            facts.put("fingerprint", plan.fingerprint());
            facts.put("form", plan.form().label());
            facts.put("systems", plan.systems());
            facts.put("items", plan.items().size() - checks);
            facts.put("checks", checks);
            facts.put("judges", plan.places().size());
            facts.put("items_per_judge", each);
            facts.put("was_there", result.wasThere());
            output.json(facts);
            return;
        }
        output.line(String.format(Locale.ROOT, "%s: %s of %s%s; %,d items and %,d checks; %,d judges, %,d each",
                result.out(), plan.form().label(), String.join(", ", plan.systems()),
                result.wasThere() ? " (as it was)" : "", plan.items().size() - checks, checks, plan.places().size(),
                each));
        output.line("Judge: retort study vote " + result.out() + " --judge NAME");
    }
}
