package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.study.Study;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "vote", mixinStandardHelpOptions = true,
        description = {"Shows a judge the items of a study, one after the other, and takes the votes, on a terminal: a "
                + "key and Enter. Nothing that is shown names a system.",
            "Each vote is kept as it is given. q stops; the same command goes on."},
        footer = {"", "Say:  retort study vote study.jsonl --judge anna"})
final class StudyVoteCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PLAN", description = "The plan of the study.")
    private Path plan;

    @Option(names = "--judge", paramLabel = "NAME", description = "Who judges; the name goes into the file of votes.")
    private String judge;

    @Option(names = "--votes", paramLabel = "FILE", description = "The file of votes. Default: that beside the plan.")
    private Path votes;

    @Override
    public Integer call() throws IOException {
        if (judge == null) throw BadInput.of("--judge is missing", "say who judges");
        if (System.console() == null || !System.console().isTerminal()) {
            throw BadInput.of("votes are taken on a terminal", "run this where somebody sits at the keyboard");
        }
        Charset keyboard = System.console().charset();
        try (Study study = Study.open(plan, votes == null ? Study.votesBeside(plan) : votes)) {
            new Judging(study, judge, new BufferedReader(new InputStreamReader(System.in, keyboard)), System.out)
                    .run();
        }
        return 0;
    }
}
