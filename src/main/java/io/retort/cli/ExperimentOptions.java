package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.experiment.Cell;
import io.retort.experiment.Method;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Everything that decides what an experiment gives: the keys of its config file, those of `retort train` among them. */
final class ExperimentOptions {
    /** Training settings that the grid decides, and what to use instead. */
    private static final Map<String, String> GRIDS = Map.of("--method", "use --methods", "--score", "use --methods",
            "--seed", "use --seeds", "--task", "an experiment trains retrieval students");

    @Mixin
    final TrainOptions train = new TrainOptions();
    @Mixin
    final JudgeOptions judge = new JudgeOptions();

    @Option(names = "--methods", arity = "1..*", split = ",", paramLabel = "NAME",
            defaultValue = "baseline,g2r-d,g2r-dm-ll,g2r-dm-mi",
            description = "Rows of the grid: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Method> methods = new ArrayList<>();

    @Option(names = "--seeds", arity = "1..*", split = ",", paramLabel = "S", defaultValue = "1,2,3",
            description = "Columns of the grid. Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = new ArrayList<>();

    @Option(names = "--tests", arity = "1..*", paramLabel = "FILE",
            description = "Ranking tests on which trained models are compared.")
    List<Path> tests = new ArrayList<>();

    @Option(names = "--test-cases", paramLabel = "N",
            description = "The first contexts of each test that are used. Default: all.")
    private Integer testCases;

    @Option(names = "--contexts", paramLabel = "FILE",
            description = "Held-out contexts that are answered out of the full response set, the candidates of all "
                    + "data: dialogues, a ranking test or distilled data.")
    private Path contexts;

    @Option(names = "--most-contexts", paramLabel = "N", defaultValue = "200",
            description = "The first contexts that are answered. Default: ${DEFAULT-VALUE}.")
    private int mostContexts;

    @Option(names = "--samples", paramLabel = "N", defaultValue = "20",
            description = "Of these, how many are shown in the report. Default: ${DEFAULT-VALUE}.")
    private int samples;

    /** Options with the effective settings. */
    record Effective(ExperimentOptions options, ObjectNode config) {
    }

    /**
     * @param given what the command line said
     * @throws BadInput if a key is unknown, or is the grid's to decide
     */
    static Effective of(ConfigFile file, List<OptionSpec> given) {
        ExperimentOptions options = new ExperimentOptions();
        CommandSpec spec = file.apply(options, given);
        for (Map.Entry<String, String> fixed : GRIDS.entrySet()) {
            if (spec.commandLine().getParseResult().hasMatchedOption(fixed.getKey())) {
                throw BadInput.of(fixed.getKey() + " is decided by the grid", fixed.getValue());
            }
        }
        ObjectNode config = ConfigFile.values(spec);
        for (String fixed : GRIDS.keySet()) config.remove(fixed.substring(2));
        return new Effective(options, config);
    }

    /** Settings of a training run of the grid: those that `retort train` knows, with what the grid decides. */
    static TrainOptions.Effective cell(ObjectNode config, Cell cell, Path folder) {
        ObjectNode own = config.objectNode();
        Set<String> keys = new HashSet<>();
        new CommandLine(new TrainOptions()).getCommandSpec().options()
                .forEach(option -> keys.add(option.longestName().substring(2)));
        config.properties().stream().filter(entry -> keys.contains(entry.getKey()))
                .forEach(entry -> own.set(entry.getKey(), entry.getValue()));
        own.put("method", cell.method().recipe().toString()).put("score", cell.method().score().key()).put("seed",
                cell.seed());
        return TrainOptions.of(ConfigFile.ofRun(folder, own), List.of());
    }

    /**
     * @throws BadInput if a row or column comes twice
     */
    List<Cell> grid() {
        if (new HashSet<>(methods).size() < methods.size() || new HashSet<>(seeds).size() < seeds.size()) {
            throw BadInput.of("a method or a seed that comes twice", "name each once");
        }
        return Cell.grid(methods, seeds);
    }

    int testCases() {
        if (testCases != null && testCases < 1) throw BadInput.of("--test-cases " + testCases, "use 1 or more");
        return testCases == null ? Integer.MAX_VALUE : testCases;
    }

    Path contexts() {
        if (contexts == null) throw BadInput.of("--contexts is missing", "name a file of contexts that are answered");
        return contexts;
    }

    int mostContexts() {
        if (mostContexts < 1) throw BadInput.of("--most-contexts " + mostContexts, "use 1 or more");
        return mostContexts;
    }

    int samples() {
        if (samples < 0) throw BadInput.of("--samples " + samples, "use 0 or more");
        return samples;
    }
}
