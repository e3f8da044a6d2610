package io.retort.teacher.remote;

/** The kinds of servers that have ways of their own beside OpenAI's protocol. */
enum ServerKind {
    VLLM("vLLM"), SGLANG("SGLang"), TGI("Text Generation Inference"), LLAMA_CPP("llama.cpp's server"),
    LLAMA_CPP_PYTHON("llama-cpp-python's server"), OTHER("a server of OpenAI's protocol");

    private final String label;

    ServerKind(String label) {
        this.label = label;
    }

    /** The kind's name, for people. */
    String label() {
        return label;
    }

    /** Whether the server knows the sampling settings of llama.cpp, and samples by some of them unless told not to. */
    boolean isLlama() {
        return this == LLAMA_CPP || this == LLAMA_CPP_PYTHON;
    }

    /** Whether the server knows the sampling settings that vLLM and SGLang have in common. */
    boolean isLarge() {
        return this == VLLM || this == SGLANG;
    }
}
