package io.retort.model;

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
import java.util.regex.Pattern;

/**
 * Finds a decoder's parameters in its files of weights, as strictly as {@link WeightImport} does, and gives parameters
 * back the names that those files use.
 *
 * @param weights the parameters that were found and fit, by the names of our graphs
 */
record DecoderWeights(WeightReport report, SequencedMap<String, Tensor> weights) {
    /** Buffers and copies that checkpoints carry beside the parameters. */
    private static final Pattern UNUSED = Pattern
            .compile("lm_head\\.weight|.*\\.attn\\.(masked_)?bias|.*\\.rotary_emb\\.inv_freq");

    /**
     * @param files among which the parameters are; tensors live as long as these are open
     */
    static DecoderWeights of(DecoderConfig config, List<TensorFile> files) {
        Map<String, Source> sources = new LinkedHashMap<>();
        for (TensorFile file : files) {
            file.parameters().forEach((name, info) -> sources.putIfAbsent(canonical(config, name),
                    new Source(file, name, info)));
        }
        Mapping mapping = new Mapping(sources);
        DecoderParameters.of(config).forEach(mapping::take);
        return mapping.result();
    }

    /** Where a tensor is. */
    private record Source(TensorFile file, String name, TensorInfo info) {
    }

    /** A bare GPT2Model's names lack the prefix. */
    private static String canonical(DecoderConfig config, String name) {
        boolean bare = config.family() == DecoderFamily.GPT2 && name.matches("(h|wte|wpe|ln_f)\\..*");
        return bare ? "transformer." + name : name;
    }

    /** Weights as the Hugging Face Hub's models of the family name and shape them. */
    static SequencedMap<String, Tensor> published(Map<String, Tensor> weights) {
        SequencedMap<String, Tensor> published = new LinkedHashMap<>();
        weights.forEach((name, value) -> {
            int part = FusedProjection.part(name);
            if (part < 0) published.put(name, value);
            else
                published.compute(FusedProjection.fused(name, part),
                        (fused, before) -> FusedProjection.merge(before, value, part));
        });
        return published;
    }

    private static final class Mapping {
        private final Map<String, Source> sources;
        private final Map<String, Source> left;
        private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(Map<String, Source> sources) {
            this.sources = sources;
            this.left = new HashMap<>(sources);
        }

        void take(String name, Shape shape) {
            int part = FusedProjection.part(name);
            String stored = part < 0 ? name : FusedProjection.fused(name, part);
            Shape expected = part < 0 ? shape : FusedProjection.fusedShape(shape);
            Source source = sources.get(stored);
            if (source == null) {
                missing.add(stored);
                return;
            }
            left.remove(stored);
            if (!source.info.shape().equals(expected) || !source.info.type().isFloating()) {
                mismatched.add(stored + " is " + expected + ", the file has " + source.info);
                return;
            }
            Tensor tensor = source.file.parameter(source.name);
            if (!tensor.allFinite()) {
                notFinite.add(stored + " (first at element " + tensor.firstNonFinite() + ")");
                return;
            }
            weights.put(name, part < 0 ? tensor : FusedProjection.split(tensor, part, shape));
        }

        DecoderWeights result() {
            List<String> unused = left.keySet().stream().filter(name -> UNUSED.matcher(name).matches()).sorted()
                    .toList();
            List<String> unexpected = left.keySet().stream().filter(name -> !UNUSED.matcher(name).matches()).sorted()
                    .toList();
            return new DecoderWeights(new WeightReport(List.copyOf(weights.sequencedKeySet()), unused,
                    missing.stream().distinct().toList(), unexpected, mismatched.stream().distinct().toList(),
                    notFinite.stream().distinct().toList()), weights);
        }
    }
}
