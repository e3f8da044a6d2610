package io.retort.search;

/** What a {@link ResponseSearch} promises of its hits. */
public sealed interface Exactness {
    /** The hits are the best there are, and their scores those of {@link ExactSearch}, bit for bit. */
    Exactness EXACT = new Exact();

    /** Whether no better reply is ever missed. */
    default boolean isExact() {
        return this instanceof Exact;
    }

    /** The hits are exactly the best rows: none is missed. */
    record Exact() implements Exactness {
    }

    /**
     * Some of the best rows may be missing from the hits, with worse ones in their place.
     *
     * @param recall     the share of the true k best that is found, at least, in the mean over queries: above 0, below 1
     * @param trueScores whether the hits have their true scores, bit for bit, rather than estimates
     * @param basis      for which data and k this was found to hold, in a sentence for people
     */
    record Approximate(double recall, boolean trueScores, String basis) implements Exactness {
        public Approximate {
            if (!(recall > 0 && recall < 1)) {
                throw new IllegalArgumentException("recall is " + recall + ", not between 0 and 1");
            }
            if (basis.isBlank()) throw new IllegalArgumentException("basis is blank");
        }
    }
}
