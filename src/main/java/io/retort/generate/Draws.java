package io.retort.generate;

/**
 * The random numbers of one completion: number t is a function of seed, request, sample and t alone, whoever asks for
 * it and when. Numbers are SplitMix64's (Steele, Lea, Flood 2014), which is a hash of a counter.
 *
 * @param key tells this completion from every other
 */
record Draws(long key) {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    static Draws of(long seed, String id, int sample) {
        return new Draws(mix(mix(mix(seed + GOLDEN) ^ hash(id)) + (sample + 1L) * GOLDEN));
    }

    /** The random number for place t of a completion, uniform in [0, 1). */
    double at(int t) {
        return (mix(key + (t + 1L) * GOLDEN) >>> 11) * 0x1p-53;
    }

    /** The FNV-1a hash of a text's UTF-16 units: it has 64 bits, unlike {@link String#hashCode()}. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        return hash;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
