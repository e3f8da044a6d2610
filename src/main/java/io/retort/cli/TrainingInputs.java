package io.retort.cli;

import io.retort.distill.WeightedFile;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What any model is trained and validated on, and how much of it at a time. */
final class TrainingInputs {
    @Option(names = {"-d", "--data"}, arity = "1..*", paramLabel = "FILE[@WEIGHT]",
            description = "Dialogues (a generator, or a student by method baseline) or distilled data, JSONL, also "
                    + "gzipped. FILE@0.5 takes half of the file's examples in each epoch, others each time.")
    private List<String> data = new ArrayList<>();

    @Option(names = "--negatives-from", arity = "1..*", paramLabel = "FILE",
            description = "A student: hard negatives of your own, JSONL lines {\"id\": a context's, \"negatives\": "
                    + "[text, ...]}. A context of dialogues has the id DIALOGUE#TURN.")
    private List<Path> negatives;

    @Option(names = "--validate-on", arity = "1..*", paramLabel = "FILE",
            description = "A student: ranking tests, the mean hits@1 tells the best checkpoint. A generator: "
                    + "dialogues, the loss does.")
    List<Path> validation = new ArrayList<>();

    @Option(names = "--validation-cases", paramLabel = "N", defaultValue = "500",
            description = "The first contexts of each ranking test, or the first dialogues of each file, that are "
                    + "used. Default: ${DEFAULT-VALUE}.")
    private int validationCases;

    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Most turns of a student's context; for a generator, turns that are read again where a long "
                    + "dialogue is cut. Default: ${DEFAULT-VALUE}.")
    int history;

    @Option(names = "--batch", paramLabel = "N",
            description = "Contexts of a student's batch, texts of a generator's. Default: 48 and 12.")
    private Integer batch;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of order, draws, dropout and new weights. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--tokens-at-once", paramLabel = "N", defaultValue = "4096",
            description = "Most tokens of one pass, a student's padding included; larger batches take several passes. "
                    + "Changes neither batches nor negatives. Default: ${DEFAULT-VALUE}.")
    private int tokensAtOnce;

    List<WeightedFile> data() {
        if (data.isEmpty()) throw BadInput.of("--data is missing", "name files of dialogues or distilled data");
        List<WeightedFile> files = data.stream().map(WeightedFile::parse).toList();
        Set<Path> seen = new HashSet<>();
        for (WeightedFile file : files) {
            if (!seen.add(file.file()))
                throw BadInput.in(file.file(), "is named twice", "write FILE@2 for twice as much");
        }
        return files;
    }

    /** Files of listed negatives; often none. */
    List<Path> negatives() {
        return negatives == null ? List.of() : negatives;
    }

    boolean validates() {
        return !validation.isEmpty();
    }

    int validationCases() {
        if (validationCases < 1) throw BadInput.of("--validation-cases " + validationCases, "use 1 or more");
        return validationCases;
    }

    /**
     * @param usual what it is if the user does not say
     */
    int batch(int usual) {
        return batch == null ? usual : batch;
    }

    int tokensAtOnce() {
        if (tokensAtOnce < 1) throw BadInput.of("--tokens-at-once " + tokensAtOnce, "use 1 or more");
        return tokensAtOnce;
    }
}
