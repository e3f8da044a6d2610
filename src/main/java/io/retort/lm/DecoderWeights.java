package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.LazyTensor;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import io.retort.tensor.WeightReport;
import io.retort.tensor.WrapperPrefixes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds a decoder's parameters in its files of weights, as strictly as an encoder's are found, and gives parameters
 * back the names that those files use.
 *
 * @param weights the parameters that were found and fit, by the names of our graphs
 */
record DecoderWeights(WeightReport report, SequencedMap<String, ParameterValue> weights) {
    /** Names of buffers that checkpoints of any family may carry beside the parameters. */
    private static final Pattern BUFFERS = Pattern.compile(".*\\.rotary_emb\\.inv_freq|(.*\\.)?position_ids");
    /** Prefixes that a bare model's names lack: the module that holds it within a model with a head. */
    private static final List<String> BASES = List.of("model.", "transformer.");

    /**
     * Finds the parameters of a model in a file of weights.
     *
     * @param file    where the parameters are; what is found of them lives as long as it is open
     * @param storage in which matrices are wanted
     * @throws io.retort.files.BadInput if the file has two different tensors for one parameter
     */
    static DecoderWeights of(DecoderConfig config, TensorFile file, WeightStorage storage) {
        Mapping mapping = new Mapping(config, file, storage);
        mapping.declared.forEach(mapping::take);
        return mapping.result();
    }

    /** Returns weights under the names and in the shapes that the Hugging Face Hub's models of the family have. */
    static SequencedMap<String, ParameterValue> published(DecoderFamily family,
            Map<String, ? extends ParameterValue> weights) {
        SequencedMap<String, ParameterValue> published = new LinkedHashMap<>();
        weights.forEach((name, value) -> fusedOf(family, name).ifPresentOrElse(
                fused -> published.computeIfAbsent(fused.whole(name),
                        _ -> new LazyTensor(fused.shape(name, weights), () -> fused.join(name, weights))),
                () -> published.put(name, shifted(value, -family.offset(name)))));
        return published;
    }

    /** Returns the elements of all these values. */
    static SequencedMap<String, Tensor> plain(Map<String, ParameterValue> values) {
        SequencedMap<String, Tensor> plain = new LinkedHashMap<>();
        values.forEach((name, value) -> plain.put(name, value.plain()));
        return plain;
    }

    private static ParameterValue shifted(ParameterValue value, float by) {
        if (by == 0) return value;
        float[] values = value.plain().toFloats().clone();
        for (int i = 0; i < values.length; i++) values[i] += by;
        return Tensor.of(values, value.shape().toArray());
    }

    private static Optional<FusedProjection> fusedOf(DecoderFamily family, String parameter) {
        return family.fused().stream().filter(fused -> fused.part(parameter) >= 0).findFirst();
    }

    private static final class Mapping {
        private final DecoderConfig config;
        private final TensorFile file;
        private final WeightStorage storage;
        private final SequencedMap<String, Shape> declared;
        /** The names that the model's parameters have in files. */
        private final Set<String> expected;
        /** For each parameter, by its name in files, the tensor that holds it. */
        private final Map<String, String> sources = new HashMap<>();
        /** Tensors that no parameter has asked for yet, each with its name freed from wrappers' prefixes. */
        private final SequencedMap<String, String> left = new LinkedHashMap<>();
        private final SequencedMap<String, ParameterValue> weights = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> mismatched = new ArrayList<>();
        private final List<String> notFinite = new ArrayList<>();

        Mapping(DecoderConfig config, TensorFile file, WeightStorage storage) {
            this.config = config;
            this.file = file;
            this.storage = storage;
            this.declared = DecoderParameters.of(config);
            this.expected = declared.keySet().stream().map(this::stored).collect(Collectors.toSet());
            this.expected.addAll(config.family().copiesOfTokens());
            for (String name : file.parameters().keySet()) {
                String canonical = canonical(name);
                left.put(name, canonical);
                // A tensor that bears the very name comes before one that a wrapper renamed.
                if (canonical.equals(name)) sources.put(canonical, name);
                else sources.putIfAbsent(canonical, name);
            }
            if (config.tied()) tie();
            for (String copy : config.family().copiesOfTokens()) tie(config.family().tokens(), copy);
        }

        /**
         * Lets the one matrix of tied embeddings be found under either of its two names, of which a file may hold one
         * or both.
         */
        private void tie() {
            tie(config.head(), config.family().head());
        }

        private void tie(String parameter, String other) {
            String copy = sources.get(other);
            String tokens = sources.get(parameter);
            if (copy == null || copy.equals(tokens)) return;
            if (tokens == null) sources.put(parameter, copy);
            else requireEqual(tokens, copy);
        }

        /**
         * Refuses a file whose two tensors for one tied matrix differ: other programs do not agree on which to take, so
         * neither is taken.
         */
        private void requireEqual(String tokens, String head) {
            TensorInfo one = file.parameters().get(tokens);
            TensorInfo other = file.parameters().get(head);
            boolean equal = one.shape().equals(other.shape()) && one.type().isFloating() && other.type().isFloating()
                    && equal(file.storedParameter(tokens), file.storedParameter(head));
            if (!equal) {
                throw BadInput.in(file.path(), "holds a " + head + " that differs from " + tokens
                        + ", while the configuration ties them",
                        "set tie_word_embeddings to false if the model has a "
                                + "head of its own, or take " + head + " out of the file");
            }
        }

        private static boolean equal(ParameterValue one, ParameterValue other) {
            return switch (one) {
                case QuantizedTensor a when other instanceof QuantizedTensor b && a.type() == b.type() ->
                    a.blocks().mismatch(b.blocks()) < 0;
                case Tensor a when other instanceof Tensor b && a.type() == b.type() -> a.data().mismatch(b.data()) < 0;
                default -> Arrays.equals(one.plain().toFloats(), other.plain().toFloats());
            };
        }

        private String stored(String name) {
            return fusedOf(config.family(), name).map(fused -> fused.whole(name)).orElse(name);
        }

        /**
         * Returns the name that a parameter has in files, without what a wrapper put before it and with the prefix that
         * a bare model leaves out.
         */
        private String canonical(String name) {
            for (String bare = name;; bare = WrapperPrefixes.strip(bare)) {
                if (expected.contains(bare)) return bare;
                String own = config.family().canonical(bare);
                if (expected.contains(own)) return own;
                for (String base : BASES) if (expected.contains(base + bare)) return base + bare;
                if (bare.equals(WrapperPrefixes.strip(bare))) return bare;
            }
        }

        void take(String name, Shape shape) {
            Optional<FusedProjection> fused = fusedOf(config.family(), name);
            if (fused.isEmpty()) {
                read(name, shape).ifPresent(value -> weights.put(name, storage.of(value)));
                return;
            }
            FusedProjection whole = fused.get();
            List<Shape> shapes = whole.siblings(name).stream().map(declared::get).toList();
            read(whole.whole(name), whole.shape(shapes))
                    .ifPresent(value -> weights.put(name, storage.of(whole.split(value, whole.part(name), shapes))));
        }

        private Optional<ParameterValue> read(String stored, Shape expected) {
            String source = sources.get(stored);
            if (source == null) {
                OptionalDouble absent = config.family().absent(stored);
                if (absent.isPresent()) {
                    float[] all = new float[Math.toIntExact(expected.size())];
                    Arrays.fill(all, (float) absent.getAsDouble());
                    return Optional.of(Tensor.of(all, expected.toArray()));
                }
                missing.add(stored);
                return Optional.empty();
            }
            left.remove(source);
            TensorInfo info = file.parameters().get(source);
            if (!info.shape().equals(expected) || !info.type().isFloating()) {
                mismatched.add(stored + " is " + expected + ", the file has " + info);
                return Optional.empty();
            }
            ParameterValue value = file.storedParameter(source);
            long notFiniteAt = value.firstNonFinite();
            if (notFiniteAt < 0) {
                return Optional.of(file instanceof GgufFile ? value : shifted(value, config.family().offset(stored)));
            }
            notFinite.add(stored + " (first at element " + notFiniteAt + ")");
            return Optional.empty();
        }

        /** Returns whether an unclaimed tensor may be ignored, such as a second copy of a tied model's head. */
        private boolean isUnused(String name) {
            return name.equals(config.family().head()) || config.family().copiesOfTokens().contains(name)
                    || config.family().isUnused(name)
                    || BUFFERS.matcher(name).matches();
        }

        DecoderWeights result() {
            List<String> unused = left.entrySet().stream().filter(e -> isUnused(e.getValue()))
                    .map(Map.Entry::getKey).sorted().toList();
            List<String> unexpected = left.keySet().stream().filter(name -> !unused.contains(name)).sorted().toList();
            return new DecoderWeights(new WeightReport(List.copyOf(weights.sequencedKeySet()), unused,
                    missing.stream().distinct().toList(), unexpected, mismatched.stream().distinct().toList(),
                    notFinite.stream().distinct().toList()), weights);
        }
    }
}
