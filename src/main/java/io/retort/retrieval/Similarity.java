package io.retort.retrieval;

/** How the student scores a reply. */
public enum Similarity {
    /** {@code R(c, r) = h_c(c) · h_r(r)}, the paper's. */
    DOT,
    /** The same between vectors scaled to length 1. */
    COSINE
}
