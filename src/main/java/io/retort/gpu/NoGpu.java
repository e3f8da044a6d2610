package io.retort.gpu;

import io.retort.files.BadInput;

/**
 * A card was asked for where there is none, or none that can do it. The message says what is missing. No fault of the
 * input: the command line maps it to exit code 1.
 */
public final class NoGpu extends BadInput {
    private static final long serialVersionUID = 1L;

    NoGpu(String obstacle) {
        super("no GPU: " + obstacle + "; search on the CPU finds the same", null);
    }
}
