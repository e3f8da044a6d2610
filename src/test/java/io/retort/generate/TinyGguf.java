package io.retort.generate;

import io.retort.tensor.GgufBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A GGUF file that is opened and asked about text and shapes; it has no layers' weights, so it says nothing. */
public final class TinyGguf {
    /** By id; the last three are control tokens. */
    public static final String[] TOKENS = {"a", "b", "\u0120", ":", "<|begin|>", "<|im_end|>", "<|endoftext|>"};

    private TinyGguf() {}

    /** Writes a file of two layers with the metadata that every file has, and these. */
    public static Path write(Path file, UnaryOperator<GgufBytes> more) throws IOException {
        GgufBytes bytes = GgufBytes.ofVersion(3).string("general.architecture", "llama").integer("llama.block_count", 2)
                .integer("llama.embedding_length", 4).integer("llama.context_length", 16)
                .real("llama.attention.layer_norm_rms_epsilon", 1e-5f).string("tokenizer.ggml.model", "gpt2")
                .strings("tokenizer.ggml.tokens", TOKENS).integers("tokenizer.ggml.token_type", 1, 1, 1, 1, 3, 3, 3)
                .strings("tokenizer.ggml.merges", "a b")
                .tensor("token_embd.weight", new float[4 * TOKENS.length], TOKENS.length, 4);
        return Files.write(file, more.apply(bytes).toBytes());
    }

    /** The shapes that such a file has. */
    public static GgufBytes shapes(GgufBytes bytes) {
        return bytes.integer("llama.attention.head_count", 2).integer("llama.feed_forward_length", 8);
    }
}
