package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import io.retort.train.TrainingTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How a retrieval student is trained: method, data, model. */
final class StudentOptions {
    @Option(names = {"-d", "--data"}, arity = "1..*", paramLabel = "FILE",
            description = "Dialogues (method baseline) or distilled data, JSONL, also gzipped.")
    private List<Path> data = new ArrayList<>();

    TrainingTask open(ModelOption model, WorkerPool pool, long steps) throws Exception {
        throw BadInput.of("--task retrieval", "is not here yet");
    }
}
