package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.StudyReportJob;
import io.retort.jobs.StudyReportSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "export", mixinStandardHelpOptions = true,
        description = {
            "Writes a study for other programs: its votes with the names of systems, as JSONL or CSV, or its "
                    + "pairs as pairings of ACUTE-Eval for ParlAI's task.",
            "Both name systems: they are not for judges."},
        footer = {"", "Say:  retort study export study.jsonl --out votes.csv",
            "Say:  retort study export study.jsonl --as pairings --out pairings.jsonl"})
final class StudyExportCommand implements Callable<Integer> {
    /** What can be written. */
    enum What {
        VOTES, PAIRINGS
    }

    @Mixin
    private Output output;

    @Parameters(paramLabel = "PLAN", description = "The plan.")
    private Path plan;

    @Option(names = "--as", paramLabel = "WHAT", defaultValue = "votes",
            description = "votes (CSV if the file's name ends in .csv, else JSONL) or pairings. Default: votes.")
    private What what;

    @Option(names = "--votes", paramLabel = "FILE", arity = "1..*",
            description = "Files of votes. Default: that beside the plan.")
    private List<Path> votes = List.of();

    @Option(names = {"-o", "--out"}, paramLabel = "FILE", description = "The file to write.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        if (out == null) throw BadInput.of("--out is missing", "name a file to write");
        StudyReportJob job = new StudyReportJob(plan, StudyReportSettings.defaults().withVotes(votes));
        int written = what == What.VOTES ? job.exportVotes(out) : job.exportPairings(out);
        String name = what.name().toLowerCase(Locale.ROOT);
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("out", out.toString());
            facts.put(name, written);
            output.json(facts);
        } else {
            output.line(String.format(Locale.ROOT, "%s: %,d %s", out, written, name));
        }
        return 0;
    }
}
