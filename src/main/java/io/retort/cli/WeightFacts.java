package io.retort.cli;

import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.tensor.OnnxFile;
import io.retort.tensor.PyTorchFile;
import io.retort.tensor.SafetensorsFile;
import io.retort.tensor.ShardedSafetensors;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The facts that {@code inspect} tells of a weight file, which has been checked to be whole. */
record WeightFacts(TensorFile file) {
    Map<String, Object> all() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", kind());
        if (file instanceof GgufFile gguf) putModel(gguf, facts);
        if (file instanceof OnnxFile onnx && !onnx.externalData().isEmpty()) {
            facts.put("external_data", List.copyOf(onnx.externalData()));
        }
        facts.putAll(tensors());
        return facts;
    }

    private String kind() {
        return "weights (" + switch (file) {
            case GgufFile gguf -> "GGUF version " + gguf.version();
            case OnnxFile onnx -> "ONNX";
            case PyTorchFile pytorch -> "PyTorch";
            case SafetensorsFile safetensors -> "safetensors";
            case ShardedSafetensors shards -> "safetensors in shards";
        } + "), whole";
    }

    private static void putModel(GgufFile gguf, Map<String, Object> facts) {
        GgufMetadata metadata = gguf.metadata();
        facts.put("architecture", metadata.summary("general.architecture").orElse("not said"));
        facts.put("types", counts(gguf, gguf::storedType));
        long unreadable = gguf.tensors().keySet().stream().filter(name -> !gguf.isReadable(name)).count();
        if (unreadable > 0) facts.put("unreadable", unreadable);
        Map<String, String> values = new LinkedHashMap<>();
        for (String key : metadata.keys()) values.put(key, metadata.summary(key).orElseThrow());
        facts.put("metadata", values);
    }

    /** How many tensors there are of each type. */
    private static Map<String, Long> counts(GgufFile gguf, Function<String, String> type) {
        return gguf.tensors().keySet().stream()
                .collect(Collectors.groupingBy(type, LinkedHashMap::new, Collectors.counting()));
    }

    /**
     * The number of elements and a line for each tensor, named as the file has them; tensors of ONNX as the module has
     * them.
     */
    Map<String, Object> tensors() {
        Collection<TensorInfo> infos = (file instanceof GgufFile ? file.tensors() : file.parameters()).values();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("parameters", infos.stream().mapToLong(info -> info.shape().size()).sum());
        facts.put("tensors", infos.stream().map(this::line).toList());
        return facts;
    }

    private String line(TensorInfo info) {
        return file instanceof GgufFile gguf
                ? info.name() + " " + gguf.storedType(info.name()) + info.shape()
                : info.toString();
    }
}
