package io.retort.tensor;

/** How a GGUF file stores a parameter, seen from the module's own layout. */
sealed interface GgufLayout {
    /** As the module has it. */
    record Same() implements GgufLayout {}

    /** {@code [out, in]}, where GPT-2's Conv1D keeps {@code [in, out]}. */
    record Transposed() implements GgufLayout {}

    /**
     * The rows of each head interleaved: llama.cpp rotates neighbouring rows 2j and 2j + 1, the module rows j and j +
     * half of the head.
     */
    record Interleaved(int heads) implements GgufLayout {}
}
