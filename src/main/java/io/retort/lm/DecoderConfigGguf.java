package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.tensor.TensorInfo;
import it.unimi.dsi.fastutil.floats.FloatArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the metadata of a GGUF file as fields of a decoder's configuration, for a {@link DecoderFamily} to interpret.
 * Keys are given without the architecture's prefix; what the metadata leave open, the shapes of tensors say.
 */
public final class DecoderConfigGguf {
    /** Keys that change what a model computes; a family that does not read one refuses models that set it. */
    private static final List<String> CHANGING = List.of("attention.causal", "attention.clamp_kqv",
            "attention.max_alibi_bias", "attention.scale", "attention.sliding_window", "attention.temperature_scale",
            "attention.temperature_length", "attention.shared_kv_layers", "attention.q_lora_rank",
            "attention.kv_lora_rank", "attn_logit_softcapping", "embedding_length_per_layer_input", "embedding_scale",
            "expert_count", "final_logit_softcapping", "logit_scale", "nextn_predict_layers", "residual_scale",
            "rope.dimension_count", "rope.freq_base", "rope.freq_base_swa", "rope.scale_linear", "rope.scaling.alpha",
            "rope.scaling.attn_factor", "rope.scaling.factor", "rope.scaling.finetuned", "rope.scaling.type",
            "attention.sliding_window_pattern", "use_parallel_residual");
    private static final Set<String> NEUTRAL = Set.of("0", "0.0", "none", "false");
    private static final int MOST_FACTORS = 1 << 12;

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final Set<String> read = new HashSet<>();

    private DecoderConfigGguf(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /**
     * Reads the configuration of a model of one of the families.
     *
     * @param file opened with the names that the families' tensors have
     * @throws BadInput if metadata are missing, or describe a model of none of the families
     */
    static DecoderConfig read(GgufFile file, DecoderFamilies families) {
        String architecture = file.metadata().architecture();
        DecoderFamily family = families.byArchitecture(architecture).orElseThrow(() -> BadInput.in(file.path(),
                "the architecture \"" + architecture + "\" is not supported", families.remedy()));
        try {
            DecoderConfigGguf fields = new DecoderConfigGguf(file);
            DecoderConfig config = family.config(fields);
            fields.refuseUnread();
            return config;
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file.path(), e.getMessage(), "the file's metadata are wrong: take another one")
                    .causedBy(e);
        }
    }

    /** Refuses a model with a setting that its family knows nothing of, unless the setting says that there is nothing. */
    private void refuseUnread() {
        for (String suffix : CHANGING) {
            String key = metadata.key(suffix);
            if (read.contains(suffix) || !metadata.keys().contains(key)) continue;
            String value = metadata.summary(key).orElse("");
            if (!NEUTRAL.contains(value)) throw unsupported(suffix, value);
        }
    }

    /** Returns how many layers the model has, checked, so that lists of that length may be made. */
    public int layers() {
        return DecoderConfig.requireLayers(required("block_count"));
    }

    /** Returns the size of the vocabulary, which is the number of rows of the token embedding. */
    public int vocabulary(DecoderFamily family) {
        TensorInfo tokens = file.parameters().get(family.tokens());
        if (tokens == null || tokens.shape().rank() != 2) {
            throw BadInput.in(file.path(), "there are no token embeddings of rank 2", "the file is not a whole model");
        }
        return tokens.shape().dim(0);
    }

    /** Returns whether the file has a tensor for this parameter of Retort's graphs. */
    public boolean has(String parameter) {
        return file.parameters().containsKey(parameter);
    }

    /**
     * Returns how many dimensions of a head rotary positions turn.
     *
     * @param headDim size of a head, all of which is turned where the file does not say
     */
    public int turned(int headDim) {
        return integer("rope.dimension_count", headDim);
    }

    /**
     * Returns how the model slows its rotation down: by a factor in the metadata, by YaRN, or by a factor for each
     * frequency, as llama.cpp's converter writes Llama 3's scaling and LongRoPE. What a file leaves out is what llama.cpp
     * takes.
     *
     * @param longest the longest text in tokens
     * @throws BadInput for a scaling that Retort does not know, which it names
     */
    public RotaryScaling scaling(int longest) {
        flag("rope.scaling.finetuned", false); // tells where a model comes from; a family for which it is more reads it
        String type = string("rope.scaling.type", "linear");
        double stretch = real("rope.scaling.factor", real("rope.scale_linear", 0));
        double factor = stretch == 0 || type.equals("none") ? 1 : stretch;
        double attention = real("rope.scaling.attn_factor", 1);
        Optional<float[]> all = floats("rope_freqs.weight");
        Optional<float[]> within = floats("rope_factors_short.weight");
        if (type.equals("yarn") && all.isEmpty() && within.isEmpty()) return yarn(factor, attention, longest);
        if (within.isPresent()) {
            if (factor != 1) throw unsupported("rope.scaling.factor", factor + " beside factors of each frequency");
            float[] beyond = floats("rope_factors_long.weight").orElse(within.get());
            return new RotaryScaling.Each(FloatArrayList.wrap(within.get()), FloatArrayList.wrap(beyond),
                    required("rope.scaling.original_context_length"), attention);
        }
        if (attention != 1) throw unsupported("rope.scaling.attn_factor", String.valueOf(attention));
        if (!type.equals("none") && !type.equals("linear")) throw unsupported("rope.scaling.type", type);
        if (all.isPresent()) return RotaryScaling.Each.of(all.get(), factor);
        return factor == 1 ? RotaryScaling.NONE : new RotaryScaling.Linear(factor);
    }

    /**
     * Reads YaRN. The two bounds are read for every family, which llama.cpp does for few: its converter writes what
     * the model was trained with.
     */
    private RotaryScaling yarn(double factor, double attention, int longest) {
        // llama.cpp computes with these two otherwise than with what its converter writes into them.
        double share = real("rope.scaling.yarn_ext_factor", 1), amplitude = real("rope.scaling.yarn_attn_factor", 1);
        if (share != 1 && share >= 0) throw unsupported("rope.scaling.yarn_ext_factor", String.valueOf(share));
        if (amplitude != 1) throw unsupported("rope.scaling.yarn_attn_factor", String.valueOf(amplitude));
        double all = real("rope.scaling.yarn_log_multiplier", 0);
        double usual = RotaryScaling.Yarn.amplitude(factor, 1);
        return new RotaryScaling.Yarn(factor, real("rope.scaling.yarn_beta_fast", RotaryScaling.Yarn.FAST),
                real("rope.scaling.yarn_beta_slow", RotaryScaling.Yarn.SLOW),
                integer("rope.scaling.original_context_length", longest), true,
                attention * (all == 0 ? usual : usual / RotaryScaling.Yarn.amplitude(factor, all)));
    }

    /** Returns the values of a tensor that belongs to the configuration rather than to the weights, if there is one. */
    private Optional<float[]> floats(String tensor) {
        TensorInfo info = file.parameters().get(tensor);
        if (info == null) return Optional.empty();
        if (info.shape().rank() != 1 || info.shape().size() > MOST_FACTORS || !info.type().isFloating()) {
            throw BadInput.in(file.path(), "the tensor " + tensor + " is " + info + ", no factors of rotation",
                    "download or convert the file again");
        }
        return Optional.of(file.parameter(tensor).toFloats());
    }

    /** Refuses values of another size than keys. */
    public void requireValuesLikeKeys(int headDim) {
        int value = integer("attention.value_length", headDim);
        if (value != headDim) throw unsupported("attention.value_length", value + " beside keys of " + headDim);
    }

    /** Makes the refusal, for the caller to throw, of a key whose value changes what the model computes. */
    public BadInput unsupported(String suffix, String value) {
        return BadInput.in(file.path(), "metadata " + metadata.key(suffix) + " " + value + " is not supported",
                "only models without it are");
    }

    /**
     * Returns an integer that the file must have.
     *
     * @throws BadInput if there is none
     */
    public int required(String suffix) {
        String key = key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElseThrow(() -> metadata.missing(key)));
    }

    /**
     * Returns an integer that the file must have and that must be at least 1.
     *
     * @throws BadInput if the file has no such key
     * @throws IllegalArgumentException if the value is not positive
     */
    public int positive(String suffix) {
        int value = required(suffix);
        if (value < 1) throw new IllegalArgumentException(metadata.key(suffix) + " is " + value);
        return value;
    }

    public int integer(String suffix, int absent) {
        String key = key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElse(absent));
    }

    /**
     * Returns a real number that the file must have.
     *
     * @throws BadInput if there is none
     */
    public double real(String suffix) {
        String key = key(suffix);
        return metadata.real(key).orElseThrow(() -> metadata.missing(key));
    }

    public double real(String suffix, double absent) {
        return metadata.real(key(suffix)).orElse(absent);
    }

    public String string(String suffix, String absent) {
        return metadata.string(key(suffix)).orElse(absent);
    }

    public boolean flag(String suffix, boolean absent) {
        return metadata.bool(key(suffix)).orElse(absent);
    }

    private String key(String suffix) {
        read.add(suffix);
        return metadata.key(suffix);
    }

    private static int narrow(String key, long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " is " + value);
        }
        return (int) value;
    }
}
