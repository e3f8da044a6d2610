package io.retort.model;

/** Architectures of decoder-only Transformers, by their {@code model_type} on the Hugging Face Hub. */
public enum DecoderFamily {
    /** RMSNorm, rotary positions, grouped-query attention, SwiGLU: {@code "llama"}. */
    LLAMA("model.embed_tokens.weight"),
    /** Learned positions, LayerNorm, GELU-tanh, biases: {@code "gpt2"}, DialoGPT among them. */
    GPT2("transformer.wte.weight");

    private final String tokens;

    DecoderFamily(String tokens) {
        this.tokens = tokens;
    }

    /** The parameter that holds the embeddings of tokens, {@code [vocabulary, dim]}. */
    String tokens() {
        return tokens;
    }

    /** The parameter that hidden states are multiplied with for logits, {@code [vocabulary, dim]}. */
    String head(boolean tied) {
        return tied ? tokens : "lm_head.weight";
    }
}
