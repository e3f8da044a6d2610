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
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Finds a decoder's parameters in its files of weights, as strictly as {@link WeightImport} does, and gives parameters
 * back the names that those files use.
 *
 * @param weights the parameters that were found and fit, by the names of our graphs
 */
record DecoderWeights(WeightReport report, SequencedMap<String, Tensor> weights) {
    /**
     * @param files among which the parameters are; tensors live as long as these are open
     */
    static DecoderWeights of(DecoderConfig config, List<TensorFile> files) {
        Map<String, Source> sources = new LinkedHashMap<>();
        for (TensorFile file : files) {
            file.parameters().forEach((name, info) -> sources.putIfAbsent(config.family().canonical(name),
                    new Source(file, name, info)));
        }
        Mapping mapping = new Mapping(config.family(), DecoderParameters.of(config), sources);
        mapping.declared.forEach(mapping::take);
        return mapping.result();
    }

    /** Where a tensor is. */
    private record Source(TensorFile file, String name, TensorInfo info) {
    }

    /** Weights as the Hugging Face Hub's models of the family name and shape them. */
    static SequencedMap<String, Tensor> published(DecoderFamily family, Map<String, Tensor> weights) {
        SequencedMap<String, Tensor> published = new LinkedHashMap<>();
        weights.forEach((name, value) -> fusedOf(family, name).ifPresentOrElse(
                fused -> published.computeIfAbsent(fused.whole(name), whole -> fused.join(name, weights)),
                () -> published.put(name, value)));
        return published;
    }

    private static Optional<FusedProjection> fusedOf(DecoderFamily family, String parameter) {
        return family.fused().stream().filter(fused -> fused.part(parameter) >= 0).findFirst();
    }

    private static final class Mapping {
        private final DecoderFamily family;
        private final SequencedMap<String, Shape> declared;
        private final Map<String, Source> sources;
        private final Map<String, Source> left;
        private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(DecoderFamily family, SequencedMap<String, Shape> declared, Map<String, Source> sources) {
            this.family = family;
            this.declared = declared;
            this.sources = sources;
            this.left = new HashMap<>(sources);
        }

        void take(String name, Shape shape) {
            Optional<FusedProjection> fused = fusedOf(family, name);
            if (fused.isEmpty()) {
                read(name, shape).ifPresent(tensor -> weights.put(name, tensor));
                return;
            }
            FusedProjection whole = fused.get();
            List<Shape> shapes = whole.siblings(name).stream().map(declared::get).toList();
            read(whole.whole(name), whole.shape(shapes))
                    .ifPresent(tensor -> weights.put(name, whole.split(tensor, whole.part(name), shapes)));
        }

        private Optional<Tensor> read(String stored, Shape expected) {
            Source source = sources.get(stored);
            if (source == null) {
                missing.add(stored);
                return Optional.empty();
            }
            left.remove(stored);
            if (!source.info.shape().equals(expected) || !source.info.type().isFloating()) {
                mismatched.add(stored + " is " + expected + ", the file has " + source.info);
                return Optional.empty();
            }
            Tensor tensor = source.file.parameter(source.name);
            if (tensor.allFinite()) return Optional.of(tensor);
            notFinite.add(stored + " (first at element " + tensor.firstNonFinite() + ")");
            return Optional.empty();
        }

        /** A tied model's files may hold its head once more. */
        private boolean isUnused(String name) {
            return name.equals(family.head()) || family.isUnused(name);
        }

        DecoderWeights result() {
            List<String> unused = left.keySet().stream().filter(this::isUnused).sorted()
                    .toList();
            List<String> unexpected = left.keySet().stream().filter(name -> !isUnused(name)).sorted()
                    .toList();
            return new DecoderWeights(new WeightReport(List.copyOf(weights.sequencedKeySet()), unused,
                    missing.stream().distinct().toList(), unexpected, mismatched.stream().distinct().toList(),
                    notFinite.stream().distinct().toList()), weights);
        }
    }
}
