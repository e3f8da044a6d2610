package io.retort.learn;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.lm.LowRank;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Writes adapters without the model that they belong to, as PEFT reads them. */
final class AdapterFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> TARGETS = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj",
            "down_proj");

    private AdapterFolder() {}

    /**
     * @param base  name of the model that the adapters belong to
     * @param values of the adapters by name
     */
    static void write(Path folder, String base, LowRank adapters, Map<String, Tensor> values) throws IOException {
        Files.createDirectories(folder);
        SequencedMap<String, Tensor> named = new LinkedHashMap<>();
        values.forEach((name, value) -> named.put("base_model.model." + name, value));
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), named, Map.of("format", "pt"));
        ObjectNode config = JSON.createObjectNode().put("peft_type", "LORA").put("task_type", "CAUSAL_LM")
                .put("base_model_name_or_path", base).put("r", adapters.rank()).put("lora_alpha", adapters.alpha())
                .put("lora_dropout", 0.0).put("bias", "none");
        TARGETS.forEach(config.putArray("target_modules")::add);
        AtomicFile.write(folder.resolve("adapter_config.json"),
                (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }
}
