package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.tensor.TensorInfo;
import java.util.OptionalDouble;

/**
 * Reads the metadata of a GGUF file as fields of a decoder's configuration, for a {@link DecoderFamily} to interpret.
 * Keys are given without the architecture's prefix; what the metadata leave open, the shapes of tensors say.
 */
public final class DecoderConfigGguf {
    private final GgufFile file;
    private final GgufMetadata metadata;

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
            return family.config(new DecoderConfigGguf(file));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file.path(), e.getMessage(), "the file's metadata are wrong: take another one")
                    .causedBy(e);
        }
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
     * Refuses a model whose rotary positions turn only some dimensions or are scaled, and other traits that plain
     * attention lacks: values of another size than keys, and experts.
     */
    public void refuseWhatChangesRotation() {
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
        String key = metadata.key(suffix);
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
        String key = metadata.key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElse(absent));
    }

    /**
     * Returns a real number that the file must have.
     *
     * @throws BadInput if there is none
     */
    public double real(String suffix) {
        String key = metadata.key(suffix);
        return metadata.real(key).orElseThrow(() -> metadata.missing(key));
    }

    public double real(String suffix, double absent) {
        return metadata.real(metadata.key(suffix)).orElse(absent);
    }

    private static int narrow(String key, long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " is " + value);
        }
        return (int) value;
    }
}
