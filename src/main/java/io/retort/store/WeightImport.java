package io.retort.store;

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
import java.util.SequencedMap;
import java.util.regex.Pattern;

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
    }

    private static final class Mapping {
        private final ModelConfig config;
        /** Every tensor of the files, with the name that Retort's graphs have for it. */
        private final SequencedMap<Source, String> canonical = new LinkedHashMap<>();
        private final Map<String, Source> sources = new HashMap<>();
        private final boolean distilBert;
        private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        private final List<String> mapped = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(ModelConfig config, TensorFile file, List<TensorFile> dense) {
            this.config = config;
            for (String name : file.parameters().keySet()) {
                canonical.put(new Source(file, name), BertNames.canonical(name));
            }
            for (int i = 0; i < dense.size(); i++) {
                for (String name : dense.get(i).parameters().keySet()) {
                    canonical.put(new Source(dense.get(i), name),
                            WrapperPrefixes.strip(name).replaceFirst("^linear\\.", VectorHead.parameter(i) + "."));
                }
            }
            canonical.forEach((source, name) -> sources.putIfAbsent(name, source));
            this.distilBert = file.parameters().keySet().stream()
                    .anyMatch(name -> name.endsWith(".attention.q_lin.weight"));
        }

        WeightImport run() {
            SequencedMap<Source, String> left = new LinkedHashMap<>(canonical);
            left.keySet().removeIf(source -> Int8Weights.isScale(source.file, source.name));
            ModelParameters.of(config).forEach((name, shape) -> {
                Source source = source(name);
                if (source == null && distilBert && name.endsWith(ModelParameters.TOKEN_TYPES)) {
                    weights.put(name, Tensor.of(new float[(int) shape.size()], shape.toArray()));
                } else if (source == null) {
                    missing.add(name);
                } else {
                    left.remove(source);
                    take(name, shape, source);
                }
            });
            List<String> unused = left.entrySet().stream().filter(e -> BertNames.isUnused(e.getValue()))
                    .map(e -> e.getKey().name).toList();
            List<String> unexpected = left.entrySet().stream().filter(e -> !BertNames.isUnused(e.getValue()))
                    .map(e -> e.getKey().name).toList();
            return new WeightImport(new WeightReport(mapped, unused, missing, unexpected, mismatched, notFinite),
                    weights);
        }

        private Source source(String name) {
            Source own = sources.get(name);
            if (own != null || config.tied()) return own;
            String bare = name.startsWith(config.contextPrefix())
                    ? name.substring(config.contextPrefix().length())
                    : name.startsWith(config.replyPrefix()) ? name.substring(config.replyPrefix().length()) : name;
            return sources.get(bare);
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
            boolean finite = int8 && Int8Weights.isFinite(source.file, source.name) || tensor.allFinite();
            if (!finite) {
                notFinite.add(name + " (first at element " + tensor.firstNonFinite() + ")");
                return;
            }
            mapped.add(name);
            weights.put(name, tensor);
        }
    }

    /**
     * Translates the names that the Hugging Face Hub's models of the BERT family have for parameters to those of a bare
     * BertModel.
     */
    private static final class BertNames {
        /** Prefixes that models put before the names of an encoder that they hold as a part. */
        private static final List<String> HOLDERS = List.of("0.auto_model.", "0.model.", "auto_model.", "bert.",
                "roberta.",
                "distilbert.", "roberta_prelayernorm.");
        /** Names of parts of a checkpoint that an encoder of texts does not use. */
        private static final Pattern UNUSED = Pattern
                .compile("pooler\\..*|cls\\..*|lm_head\\..*|embeddings\\.position_ids"
                        + "|embeddings\\.token_type_ids|vocab_(transform|layer_norm|projector)\\..*");
        /** The names that DistilBERT has for the parts of BERT's layers, with BERT's own. */
        private static final Map<String, String> DISTILBERT = Map.of(".attention.q_lin.", ".attention.self.query.",
                ".attention.k_lin.", ".attention.self.key.", ".attention.v_lin.", ".attention.self.value.",
                ".attention.out_lin.", ".attention.output.dense.", ".sa_layer_norm.", ".attention.output.LayerNorm.",
                ".ffn.lin1.", ".intermediate.dense.", ".ffn.lin2.", ".output.dense.", ".output_layer_norm.",
                ".output.LayerNorm.");

        private BertNames() {}

        private static String without(List<String> prefixes, String name) {
            for (String prefix : prefixes) if (name.startsWith(prefix)) return name.substring(prefix.length());
            return name;
        }

        /** Returns the name that Retort's graphs use for a parameter of an encoder. */
        static String canonical(String name) {
            String before;
            String bare = name;
            do {
                before = bare;
                bare = without(HOLDERS, WrapperPrefixes.strip(bare));
            } while (!bare.equals(before));
            if (bare.startsWith("transformer.layer.")) bare = distilBert(bare);
            // TensorFlow's names of layer normalisation, in checkpoints that came from it.
            return bare.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
        }

        private static String distilBert(String name) {
            for (Map.Entry<String, String> part : DISTILBERT.entrySet()) {
                if (name.contains(part.getKey())) {
                    return name.replace(part.getKey(), part.getValue()).replaceFirst("^transformer", "encoder");
                }
            }
            return name;
        }

        /** Returns whether a parameter of this translated name is known to be of no use here. */
        static boolean isUnused(String canonical) {
            return UNUSED.matcher(canonical).matches();
        }
    }
}
