package io.retort.retrieval;

/** How the vectors of a context and a reply are compared. */
public enum Similarity {
    /** The dot product {@code R(c, r) = h_c(c) · h_r(r)}, as in the paper. */
    DOT,
    /** The dot product of the vectors scaled to length 1, which is the cosine of their angle. */
    COSINE
}
