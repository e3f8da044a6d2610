package io.retort.learn;

import java.util.Locale;

/** Which of a model's weights are pulled towards 0 by weight decay. */
public enum DecayedWeights {
    /** All of them, as in PyTorch unless its user sorts parameters into groups. */
    ALL,
    /** Parameters of two dimensions or more: biases and what norms multiply and add are left alone. */
    MATRICES;

    /** The name in lower case, as settings and files write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
