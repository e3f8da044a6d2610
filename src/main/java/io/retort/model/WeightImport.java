package io.retort.model;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Finds a model's parameters in a file of weights, strictly: every parameter must have its tensor, and every tensor its
 * reason. Matrices in 8 bits are read with their scales ({@link Int8Weights}).
 *
 * @param weights the parameters that were found and fit, by name
 */
public record WeightImport(WeightReport report, SequencedMap<String, Tensor> weights) {

    /** Maps a file's tensors to a model's parameters. An encoder checkpoint serves both sides of an untied model. */
    public static WeightImport of(ModelConfig config, TensorFile file) {
        return new Mapping(config, file).run();
    }

    private static final class Mapping {
        private final ModelConfig config;
        private final TensorFile file;
        private final Map<String, String> sources = new HashMap<>();
        private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        private final List<String> mapped = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(ModelConfig config, TensorFile file) {
            this.config = config;
            this.file = file;
        }

        WeightImport run() {
            for (String name : file.parameters().keySet()) sources.putIfAbsent(HubNames.canonical(name), name);
            Map<String, String> left = new LinkedHashMap<>();
            for (String name : file.parameters().keySet()) {
                if (!Int8Weights.isScale(file, name)) left.put(name, HubNames.canonical(name));
            }
            ModelParameters.of(config).forEach((name, shape) -> {
                String source = source(name);
                if (source == null) {
                    missing.add(name);
                } else {
                    left.remove(source);
                    take(name, shape, source);
                }
            });
            List<String> unused = left.entrySet().stream().filter(e -> HubNames.isUnused(e.getValue()))
                    .map(Map.Entry::getKey).toList();
            List<String> unexpected = left.entrySet().stream().filter(e -> !HubNames.isUnused(e.getValue()))
                    .map(Map.Entry::getKey).toList();
            return new WeightImport(new WeightReport(mapped, unused, missing, unexpected, mismatched, notFinite),
                    weights);
        }

        private String source(String name) {
            String own = sources.get(name);
            if (own != null || config.tied()) return own;
            String bare = name.startsWith(config.contextPrefix())
                    ? name.substring(config.contextPrefix().length())
                    : name.startsWith(config.replyPrefix()) ? name.substring(config.replyPrefix().length()) : name;
            return sources.get(bare);
        }

        private void take(String name, Shape shape, String source) {
            TensorInfo info = file.parameters().get(source);
            boolean int8 = Int8Weights.isIn(file, source);
            if (!info.shape().equals(shape) || !info.type().isFloating() && !int8) {
                mismatched.add(name + " is " + shape + ", the file has " + info
                        + (info.type() == ElementType.I8 && !int8 ? " without scales that fit it" : ""));
                return;
            }
            Tensor tensor = int8 ? Int8Weights.read(file, source) : file.parameter(source);
            if (!tensor.allFinite()) {
                notFinite.add(name + " (first at element " + tensor.firstNonFinite() + ")");
                return;
            }
            mapped.add(name);
            weights.put(name, tensor);
        }
    }
}
