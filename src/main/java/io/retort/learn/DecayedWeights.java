package io.retort.learn;

import java.util.Locale;

/** Which weights decay. */
public enum DecayedWeights {
    /** All of them, as in PyTorch unless its user sorts parameters into groups. */
    ALL,
    /** Parameters of two dimensions or more: biases and what norms multiply and add are left alone. */
    MATRICES;

    /** As settings and files have it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
