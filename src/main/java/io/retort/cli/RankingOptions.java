package io.retort.cli;

import java.util.Locale;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.ResponseFile;
import io.retort.eval.RankingCases;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which candidates of which contexts are ranked. */
final class RankingOptions {
    @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE",
            description = "The test, JSONL, also gzipped.")
    Path data;

    @Option(names = "--candidates", paramLabel = "N", defaultValue = "20",
            description = "With dialogues: candidates of a context, the right one included. Default: ${DEFAULT-VALUE}.")
    private int candidates;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "With dialogues: draws the candidates. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--positives", paramLabel = "N",
            description = "With a ranking test: only the first N replies that fit. Default: all.")
    private Integer positives;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N contexts.")
    private Integer limit;

    private void tellCopies(List<RankingCase> cases) {
        long contexts = cases.stream().filter(ranking -> ranking.copies() > 0).count();
        if (contexts == 0) return;
        int copies = cases.stream().mapToInt(RankingCase::copies).sum();
        System.err.println(String.format(Locale.ROOT, "retort: %s: %,d of the wrong replies are copies of a right one "
                + "(%,d of %,d contexts); they are left out", data, copies, contexts, cases.size()));
    }

    /** @param history newest turns of a context that count */
    List<RankingCase> cases(int history) throws IOException {
        if (limit != null && limit < 1) throw BadInput.of("--limit " + limit, "use 1 or more");
        if (positives != null && positives < 1) throw BadInput.of("--positives " + positives, "use 1 or more");
        List<RankingCase> all = switch (RecordFile.sniff(data)) {
            case RankingFile format -> format.readAll(data).stream().map(ranking -> ranking.withHistory(history))
                    .map(ranking -> positives == null ? ranking : ranking.withPositives(positives)).toList();
            case DialogueFile format -> {
                if (candidates < 2) throw BadInput.of("--candidates " + candidates, "use 2 or more");
                Exchanges exchanges = Exchanges.standard().withHistory(history);
                yield new RankingCases(exchanges, candidates - 1, seed).of(format.readAll(data)).toList();
            }
            case ResponseFile _ -> throw BadInput.in(data, "holds replies without contexts",
                    "give a ranking test or dialogues");
            case DistilledFile _ -> throw BadInput.in(data, "is distilled data, which has no wrong candidates",
                    "give a ranking test or dialogues");
        };
        List<RankingCase> used = limit == null || limit >= all.size() ? all : all.subList(0, limit);
        tellCopies(used);
        return used;
    }
}
