package io.retort.jobs;

import io.retort.settings.FormerSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.settings.SettingGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * A grid of methods and seeds, and what the trained models are compared on.
 *
 * @param train        how each of them is trained; method, score and seed are the grid's to decide
 * @param judge        the teacher's part
 * @param methods      rows of the grid, each once
 * @param seeds        columns of the grid, each once
 * @param tests        ranking tests on which trained models are compared
 * @param testCases    first contexts of each test that are used, 1 or more; empty for all
 * @param contexts     held-out contexts that are answered out of all candidates; empty while they are to be named
 * @param mostContexts first ones that are answered, 1 or more
 * @param samples      of these, how many the report shows, 0 or more
 */
@FormerSettings({"max-tokens", "weights", "lora", "lora-alpha"})
public record ExperimentSettings(
        @SettingGroup(without = {
            "method", "score", "seed"},
                instead = "the grid decides it: use \"methods\" and \"seeds\"") TrainSettings train,
        JudgeSettings judge,
        @Setting(value = "Rows of the grid.", label = "NAME") List<ComparedMethod> methods,
        @Setting(value = "Columns of the grid.", label = "S") List<Long> seeds,
        @Setting(value = "Ranking tests on which trained models are compared.", label = "FILE") List<Path> tests,
        @Setting(value = "The first contexts of each test that are used.", label = "N",
                defaultText = "all") Optional<Integer> testCases,
        @Setting(value = "Held-out contexts that are answered out of the full response set, the candidates of all "
                + "data: dialogues, a ranking test or distilled data.", label = "FILE") Optional<Path> contexts,
        @Setting(value = "The first contexts that are answered.", label = "N") int mostContexts,
        @Setting(value = "Of these, how many are shown in the report.", label = "N", decides = false) int samples){

    public ExperimentSettings {
        methods = List.copyOf(methods);
        seeds = List.copyOf(seeds);
        tests = List.copyOf(tests);
        InvalidSetting.unless(!methods.isEmpty(), "methods", methods, "name one or more");
        InvalidSetting.unless(!seeds.isEmpty(), "seeds", seeds, "name one or more");
        requireDifferent("methods", methods);
        requireDifferent("seeds", seeds);
        InvalidSetting.unless(testCases.stream().allMatch(some -> some >= 1), "testCases", testCases, "use 1 or more");
        InvalidSetting.unless(mostContexts >= 1, "mostContexts", mostContexts, "use 1 or more");
        InvalidSetting.unless(samples >= 0, "samples", samples, "use 0 or more");
    }

    private static void requireDifferent(String name, List<?> values) {
        if (new HashSet<>(values).size() == values.size()) return;
        throw new InvalidSetting(name, values.toString(), "of which one comes twice", "name each once");
    }

    /** All methods with three seeds; data, tests and contexts are still to be named. */
    public static ExperimentSettings defaults() {
        return new ExperimentSettings(TrainSettings.defaults(), JudgeSettings.defaults(),
                List.of(ComparedMethod.values()),
                List.of(1L, 2L, 3L), List.of(), Optional.empty(), Optional.empty(), 200, 20);
    }

    /** A copy of these settings whose models are trained by other settings. */
    public ExperimentSettings withTrain(TrainSettings train) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, contexts, mostContexts, samples);
    }

    /** A copy of these settings with another teacher as the judge. */
    public ExperimentSettings withJudge(JudgeSettings judge) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, contexts, mostContexts, samples);
    }

    /** A copy of these settings with another grid of methods and seeds. */
    public ExperimentSettings withGrid(List<ComparedMethod> methods, List<Long> seeds) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, contexts, mostContexts, samples);
    }

    /** A copy of these settings that compares models on other ranking tests. */
    public ExperimentSettings withTests(List<Path> tests) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, contexts, mostContexts, samples);
    }

    /** A copy of these settings with other contexts to be answered, of which at most {@code mostContexts} are taken. */
    public ExperimentSettings withContexts(Path contexts, int mostContexts) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, Optional.of(contexts),
                mostContexts, samples);
    }

    /** A copy of these settings with another number of contexts whose replies the report shows. */
    public ExperimentSettings withSamples(int samples) {
        return new ExperimentSettings(train, judge, methods, seeds, tests, testCases, contexts, mostContexts, samples);
    }

    /** The runs of the grid, seed by seed. */
    List<Cell> grid() {
        return Cell.grid(methods, seeds);
    }

    /** How a run of the grid is trained. */
    TrainSettings of(Cell cell) {
        return train.withStudent(train.student().withMethod(cell.method().recipe(), cell.method().score()))
                .withSeed(cell.seed());
    }

    /** One training run of the grid. */
    record Cell(ComparedMethod method, long seed) {
        /** The name of the folder in which the run is kept. */
        public String name() {
            return method + "-seed-" + seed;
        }

        /** The grid, seed by seed, so that a part of it already compares all methods. */
        public static List<Cell> grid(List<ComparedMethod> methods, List<Long> seeds) {
            List<Cell> cells = new ArrayList<>();
            for (long seed : seeds) methods.forEach(method -> cells.add(new Cell(method, seed)));
            return List.copyOf(cells);
        }
    }
}
