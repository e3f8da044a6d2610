package io.retort.cli;

import io.retort.files.Release;
import io.retort.generate.Teacher;
import io.retort.generate.TeacherFingerprint;
import io.retort.graph.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which teacher, and what executes it. */
final class TeacherOption extends EngineOption {
    @Option(names = "--teacher", required = true, paramLabel = "FILE|DIR",
            description = "The language model: a GGUF file, or a folder of the Hugging Face Hub (config.json, "
                    + "safetensors, tokenizer.json).")
    private Path teacher;

    Teacher open(Engine engine) throws IOException {
        return Teacher.open(teacher, engine);
    }

    /** What is told of the teacher in what it makes. */
    Map<String, Object> provenance(Engine engine) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", teacher.toAbsolutePath().normalize().getFileName().toString());
        facts.put("sha256", TeacherFingerprint.of(teacher));
        facts.put("engine", engine.name());
        facts.put("code", Release.NAME);
        return facts;
    }
}
