package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.tensor.TensorInfo;
import java.util.OptionalDouble;

/**
 * The metadata of a GGUF file as fields of a decoder's configuration, whose keys are given without the architecture's
 * prefix. What they leave open, the shapes of tensors say.
 */
public final class DecoderConfigGguf {
    private final GgufFile file;
    private final GgufMetadata metadata;

    private DecoderConfigGguf(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /**
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

    /** Rows of the token embeddings, which the tensor itself says. */
    public int vocabulary(DecoderFamily family) {
        TensorInfo tokens = file.parameters().get(family.tokens());
        if (tokens == null || tokens.shape().rank() != 2) {
            throw BadInput.in(file.path(), "there are no token embeddings of rank 2", "the file is not a whole model");
        }
        return tokens.shape().dim(0);
    }

    /** Whether there is a tensor for a parameter of our graphs. */
    public boolean has(String parameter) {
        return file.parameters().containsKey(parameter);
    }

    /** Refuses models that turn only some dimensions, or more slowly. */
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

    /** That a key changes what is computed; to be thrown. */
    public BadInput unsupported(String suffix, String value) {
        return BadInput.in(file.path(), "metadata " + metadata.key(suffix) + " " + value + " is not supported",
                "only models without it are");
    }

    /**
     * @throws BadInput if there is none
     */
    public int required(String suffix) {
        String key = metadata.key(suffix);
        return narrow(key, metadata.ofAllLayers(key).orElseThrow(() -> metadata.missing(key)));
    }

    /**
     * @throws IllegalArgumentException if it is not
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
