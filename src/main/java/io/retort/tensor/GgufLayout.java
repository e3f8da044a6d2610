package io.retort.tensor;

/** How a GGUF file stores a parameter, seen from the module's own layout. */
sealed interface GgufLayout {
    /** The parameter is stored as the module has it. */
    record Same() implements GgufLayout {}

    /** The parameter is stored as {@code [out, in]}, while GPT-2's Conv1D keeps {@code [in, out]}. */
    record Transposed() implements GgufLayout {}

    /**
     * The rows of each head are stored interleaved: llama.cpp rotates neighbouring rows 2j and 2j + 1 together, the
     * module rows j and j + half of the head.
     */
    record Interleaved(int heads) implements GgufLayout {}
}
