package io.retort.model;

import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.tensor.TensorInfo;
import java.util.Map;
import java.util.OptionalDouble;

/** A decoder's configuration out of a GGUF file's metadata; what it leaves open, the shapes of its tensors say. */
final class DecoderConfigGguf {
    private final GgufFile file;
    private final GgufMetadata metadata;

    private DecoderConfigGguf(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /**
     * @throws BadInput if metadata are missing, or describe a model that Retort does not know
     */
    static DecoderConfig read(GgufFile file) {
        try {
            return new DecoderConfigGguf(file).config();
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file.path(), e.getMessage(), "the file's metadata are wrong: take another one")
                    .causedBy(e);
        }
    }

    private DecoderConfig config() {
        DecoderFamily family = switch (metadata.architecture()) {
            case "llama" -> DecoderFamily.LLAMA;
            case "gpt2" -> DecoderFamily.GPT2;
            default -> throw BadInput.in(file.path(),
                    "the architecture \"" + metadata.architecture() + "\" is not supported",
                    "Retort knows the generators \"llama\" and \"gpt2\"");
        };
        Map<String, TensorInfo> parameters = file.parameters();
        boolean llama = family == DecoderFamily.LLAMA;
        if (llama) refuseWhatChangesRotation();
        TensorInfo tokens = parameters.get(family.tokens());
        if (tokens == null || tokens.shape().rank() != 2) {
            throw BadInput.in(file.path(), "there are no token embeddings of rank 2", "the file is not a whole model");
        }
        int dim = required("embedding_length"), heads = required("attention.head_count");
        if (heads < 1) throw new IllegalArgumentException(metadata.key("attention.head_count") + " is " + heads);
        String epsilon = llama ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
        return new DecoderConfig(family, tokens.shape().dim(0), dim, required("block_count"), heads,
                integer("attention.head_count_kv", heads), integer("attention.key_length", dim / heads),
                required("feed_forward_length"), required("context_length"),
                metadata.real(metadata.key(epsilon)).orElseThrow(() -> metadata.missing(metadata.key(epsilon))),
                llama ? real("rope.freq_base", 10_000) : 0, !parameters.containsKey(family.head(false)));
    }

    /** Turning only some dimensions, or more slowly, is another model. */
    private void refuseWhatChangesRotation() {
        metadata.string(metadata.key("rope.scaling.type")).filter(type -> !type.equals("none")).ifPresent(type -> {
            throw unsupported("rope.scaling.type", type);
        });
        OptionalDouble linear = metadata.real(metadata.key("rope.scale_linear"));
        if (linear.isPresent() && linear.getAsDouble() != 1) {
            throw unsupported("rope.scale_linear", String.valueOf(linear.getAsDouble()));
        }
        if (file.tensors().containsKey("rope_freqs.weight")) {
            throw BadInput.in(file.path(), "the tensor rope_freqs.weight (scaled rotation) is not supported",
                    "only models without rope scaling are");
        }
        int head = integer("attention.key_length",
                required("embedding_length") / Math.max(1, required("attention.head_count")));
        int turned = integer("rope.dimension_count", head);
        if (turned != head) throw unsupported("rope.dimension_count", turned + " of " + head);
        int value = integer("attention.value_length", head);
        if (value != head) throw unsupported("attention.value_length", value + " beside keys of " + head);
        if (integer("expert_count", 0) != 0) throw unsupported("expert_count", "not 0");
    }

    private BadInput unsupported(String suffix, String value) {
        return BadInput.in(file.path(), "metadata " + metadata.key(suffix) + " " + value + " is not supported",
                "only models without it are");
    }

    private int required(String suffix) {
        String key = metadata.key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElseThrow(() -> metadata.missing(key)));
    }

    private int integer(String suffix, int absent) {
        String key = metadata.key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElse(absent));
    }

    private double real(String suffix, double absent) {
        return metadata.real(metadata.key(suffix)).orElse(absent);
    }

    private static int narrow(String key, long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " is " + value);
        }
        return (int) value;
    }
}
