package io.retort.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import io.retort.train.RunFolder;
import io.retort.train.Sources;
import io.retort.train.TrainingResult;
import io.retort.train.TrainingTask;
import io.retort.train.WeightComparison;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "reproduce", mixinStandardHelpOptions = true,
        description = "Trains a model again by the settings kept in its folder, in another folder, and compares the "
                + "weights. On the same kind of machine they are the same bit for bit. Exit code 1 if they differ.")
final class ReproduceCommand implements Callable<Integer> {
    private static final String WEIGHTS = "model.safetensors";

    @Mixin
    private Output output;

    @Parameters(paramLabel = "DIR", description = "A folder of `retort train`.")
    private Path original;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "DIR",
            description = "Where it is trained again; a run in it that was interrupted goes on.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        TrainOptions.Effective effective = TrainOptions.of(ConfigFile.ofRun(original, RunFolder.configOf(original)),
                List.of());
        if (!Files.isRegularFile(original.resolve(WEIGHTS))) {
            throw BadInput.in(original, "its training has not ended", "end it with `retort train --resume`");
        }
        JsonNode provenance = new ObjectMapper().readTree(original.resolve("provenance.json").toFile());
        TrainingResult result = new TrainingJob(effective, out, true).run(task -> requireSame(task, provenance));
        if (result.ending() == TrainingResult.Ending.INTERRUPTED) return 1;
        WeightComparison weights = WeightComparison.of(original.resolve(WEIGHTS), out.resolve(WEIGHTS));
        print(result, weights);
        return weights.identical() ? 0 : 1;
    }

    /** Other data make another model. */
    private void requireSame(TrainingTask task, JsonNode provenance) {
        requireSame(task.sources().data(), provenance.path("data"), "sha256");
        requireSame(task.sources().parents(), provenance.path("parents"), "fingerprint");
    }

    private void requireSame(List<Sources.Source> now, JsonNode then, String digest) {
        Set<String> digests = new HashSet<>();
        then.forEach(source -> digests.add(source.path(digest).asText()));
        for (Sources.Source source : now) {
            if (digests.contains(source.digest())) continue;
            throw BadInput.of(source.name() + " is not what " + original + " was trained with",
                    "put the file back whose " + digest + " its provenance.json tells");
        }
    }

    private void print(TrainingResult result, WeightComparison weights) {
        if (output.json) {
            Map<String, Object> facts = TrainCommand.facts(result);
            facts.put("identical", weights.identical());
            facts.put("greatest_difference", weights.greatest());
            facts.put("where", weights.where());
            output.json(facts);
            return;
        }
        TrainCommand.print(output, result);
        output.line(weights.identical()
                ? "The weights are those of " + original + ", bit for bit."
                : String.format(Locale.ROOT, "The weights differ from those of %s by up to %.3g, in %s.", original,
                        weights.greatest(), weights.where()));
    }
}
