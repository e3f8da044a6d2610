package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.study.AcutePairings;
import io.retort.study.Study;
import io.retort.study.StudyPlan;
import io.retort.study.StudyPlanFile;
import io.retort.study.StudyReport;
import io.retort.study.VoteTable;
import io.retort.study.VotesFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what the votes of a study say, or writes what others read of it. It may be run at any time, also while judges are
 * at work.
 */
public final class StudyReportJob {
    private final Path plan;
    private final StudyReportSettings settings;

    /** Prepares the report of a plan; nothing is read yet. */
    public StudyReportJob(Path plan, StudyReportSettings settings) {
        if (plan == null) throw new IllegalArgumentException("plan is null");
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.plan = plan;
        this.settings = settings;
    }

    /**
     * A report in all its forms.
     *
     * @param report what the votes say
     * @param json   the same for machines, one JSON object
     * @param lines  the same as a table for a terminal
     */
    public record Result(StudyReport report, String json, List<String> lines) {
    }

    /**
     * Reads plan and votes, and evaluates them.
     *
     * @param page the HTML file to write; empty for none
     * @throws BadInput if plan or votes are damaged or do not belong together, or there are no votes yet
     */
    public Result run(Optional<Path> page) throws IOException {
        if (page.isPresent()) requireOther(page.get());
        StudyPlan read = StudyPlanFile.read(plan);
        VotesFile.Kept votes = votes(read);
        StudyReport report = StudyReport.of(read, votes, settings.checksPassed(), settings.seed());
        ObjectNode json = StudyFigures.of(report, votes);
        if (page.isPresent()) {
            AtomicFile.write(page.get(), StudyPage.of(json).getBytes(StandardCharsets.UTF_8));
        }
        return new Result(report, json.toString(), StudyLines.of(json));
    }

    /**
     * Writes the votes with the names of systems, for other programs.
     *
     * @param out CSV if its name ends in .csv, else JSONL
     */
    public int exportVotes(Path out) throws IOException {
        requireOther(out);
        StudyPlan read = StudyPlanFile.read(plan);
        VotesFile.Kept votes = votes(read);
        VoteTable.write(out, read, votes.votes());
        return votes.votes().size();
    }

    /**
     * Writes the plan's pairs as pairings of ACUTE-Eval.
     *
     * @throws BadInput if the plan compares nothing
     */
    public int exportPairings(Path out) throws IOException {
        requireOther(out);
        List<AcutePairings.Pairing> pairings = AcutePairings.of(StudyPlanFile.read(plan));
        AcutePairings.write(out, pairings);
        return pairings.size();
    }

    private List<Path> files() {
        return settings.votes().isEmpty() ? List.of(Study.votesBeside(plan)) : settings.votes();
    }

    private VotesFile.Kept votes(StudyPlan read) throws IOException {
        return VotesFile.readAll(files(), read);
    }

    /** What is written must not take the place of what is read. */
    private void requireOther(Path out) {
        boolean isRead = Stream.concat(Stream.of(plan), files().stream())
                .anyMatch(file -> normal(file).equals(normal(out)));
        if (isRead) throw BadInput.in(out, "is the plan or its votes", "name another file to write");
    }

    private static String normal(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }
}
