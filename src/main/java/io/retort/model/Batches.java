package io.retort.model;

import io.retort.text.LengthBuckets;

/** How much an encoder takes at once. */
final class Batches {
    /** Large enough to fill every core, small enough for the caches and for memory. */
    private static final int TOKENS = 2048;

    private Batches() {}

    static LengthBuckets buckets(ModelConfig config) {
        return new LengthBuckets(TOKENS, config.encoder().maxTokens());
    }
}
