package io.retort.retrieval;

/** Where a Transformer layer normalises. */
public enum NormPlacement {
    /** After each residual sum, as BERT does: {@code x = norm(x + f(x))}. */
    POST,
    /** Before each block, with one more norm after the last layer: {@code x = x + f(norm(x))}. */
    PRE
}
