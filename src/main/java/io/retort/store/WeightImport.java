package io.retort.store;

import io.retort.retrieval.EncoderFamily;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ModelParameters;
import io.retort.retrieval.VectorHead;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import io.retort.tensor.WeightReport;
import io.retort.tensor.WrapperPrefixes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        return of(config, file, List.of());
    }

    /**
     * Maps the tensors of several files to a model's parameters.
     *
     * @param file with the encoder
     * @param dense a file for each dense layer, with {@code linear.weight} and {@code linear.bias}, as
     *     sentence-transformers keeps them; empty if they are in {@code file}
     */
    static WeightImport of(ModelConfig config, TensorFile file, List<TensorFile> dense) {
        return new Mapping(config, file, dense).run();
    }

    /** A tensor and the file that holds it. */
    private record Source(TensorFile file, String name) {
        TensorInfo info() {
            return file.parameters().get(name);
        }

        // Written out for a quick start: the JVM makes classes for what a record has by itself.
        @Override
        public boolean equals(Object other) {
            return other instanceof Source source && file == source.file && name.equals(source.name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    private static final class Mapping {
        private final ModelConfig config;
        private final EncoderFamily family;
        /** Every tensor of the files, with the name that Retort's graphs have for it. */
        private final SequencedMap<Source, String> canonical = new LinkedHashMap<>();
        private final Map<String, Source> sources = new HashMap<>();
        private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        private final List<String> mapped = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(ModelConfig config, TensorFile file, List<TensorFile> dense) {
            this.config = config;
            this.family = config.encoder().family();
            Names names = new Names(family);
            for (String name : file.parameters().keySet()) {
                canonical.put(new Source(file, name), names.canonical(name));
            }
            for (int i = 0; i < dense.size(); i++) {
                for (String name : dense.get(i).parameters().keySet()) {
                    canonical.put(new Source(dense.get(i), name),
                            WrapperPrefixes.strip(name).replaceFirst("^linear\\.", VectorHead.parameter(i) + "."));
                }
            }
            canonical.forEach((source, name) -> sources.putIfAbsent(name, source));
        }

        WeightImport run() {
            SequencedMap<Source, String> left = new LinkedHashMap<>(canonical);
            left.keySet().removeIf(source -> Int8Weights.isScale(source.file, source.name));
            SequencedMap<String, Shape> shapes = ModelParameters.of(config);
            shapes.forEach((name, shape) -> {
                Source source = source(name);
                Optional<FusedWeights> fused = source == null ? fused(name, shapes) : Optional.empty();
                if (fused.isPresent()) {
                    left.remove(sources.get(fused.get().whole()));
                    takePart(name, fused.get());
                } else if (source == null) {
                    missing.add(name);
                } else {
                    left.remove(source);
                    take(name, shape, source);
                }
            });
            List<String> unused = left.entrySet().stream().filter(e -> family.isUnused(e.getValue()))
                    .map(e -> e.getKey().name).toList();
            List<String> unexpected = left.entrySet().stream().filter(e -> !family.isUnused(e.getValue()))
                    .map(e -> e.getKey().name).toList();
            return new WeightImport(new WeightReport(mapped, unused, missing, unexpected, mismatched, notFinite),
                    weights);
        }

        private Source source(String name) {
            Source own = sources.get(name);
            return own != null || config.tied() ? own : sources.get(bare(name));
        }

        /** Returns a parameter's name without the side that it belongs to. */
        private String bare(String name) {
            return name.startsWith(config.contextPrefix())
                    ? name.substring(config.contextPrefix().length())
                    : name.startsWith(config.replyPrefix()) ? name.substring(config.replyPrefix().length()) : name;
        }

        /** Returns the parameter of the file that holds this one as a part; empty if none does. */
        private Optional<FusedWeights> fused(String name, SequencedMap<String, Shape> shapes) {
            return FusedWeights.of(family, name, shapes)
                    .map(fused -> sources.containsKey(fused.whole()) || config.tied()
                            ? fused
                            : fused.named(bare(fused.whole())))
                    .filter(fused -> sources.containsKey(fused.whole()));
        }

        private void takePart(String name, FusedWeights fused) {
            Source source = sources.get(fused.whole());
            TensorInfo info = source.info();
            if (!info.shape().equals(fused.shape()) || !info.type().isFloating()) {
                mismatched.add(fused.whole() + " is " + fused.shape() + ", the file has " + info);
                return;
            }
            add(name, fused.part(source.file.parameter(source.name)));
        }

        private void take(String name, Shape shape, Source source) {
            TensorInfo info = source.info();
            boolean int8 = Int8Weights.isIn(source.file, source.name);
            if (!info.shape().equals(shape) || !info.type().isFloating() && !int8) {
                mismatched.add(name + " is " + shape + ", the file has " + info
                        + (info.type() == ElementType.I8 && !int8 ? " without scales that fit it" : ""));
                return;
            }
            Tensor tensor = int8 ? Int8Weights.read(source.file, source.name) : source.file.parameter(source.name);
            if (int8 && Int8Weights.isFinite(source.file, source.name)) put(name, tensor);
            else add(name, tensor);
        }

        private void add(String name, Tensor tensor) {
            if (tensor.allFinite()) put(name, tensor);
            else notFinite.add(name + " (first at element " + tensor.firstNonFinite() + ")");
        }

        private void put(String name, Tensor tensor) {
            mapped.add(name);
            weights.put(name, tensor);
        }
    }

    /** Translates the names that files have for parameters to those of a bare encoder of the family. */
    private record Names(EncoderFamily family) {
        /** Prefixes that sentence-transformers puts before the names of its Transformer module. */
        private static final List<String> MODULES = List.of("0.auto_model.", "0.model.", "auto_model.");

        /** Returns the name that Retort's graphs use for a parameter of an encoder. */
        String canonical(String name) {
            String before;
            String bare = name;
            do {
                before = bare;
                bare = without(family.holders(), without(MODULES, WrapperPrefixes.strip(bare)));
            } while (!bare.equals(before));
            // TensorFlow's names of layer normalisation, in checkpoints that came from it.
            return bare.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
        }

        private static String without(List<String> prefixes, String name) {
            for (String prefix : prefixes) if (name.startsWith(prefix)) return name.substring(prefix.length());
            return name;
        }
    }
}
