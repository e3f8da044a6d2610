package io.retort.reply;

import io.retort.settings.Setting;

/**
 * How a responder searches its index.
 *
 * @param search   the method; whichever it is, but for ann, the replies and their scores are the same, bit for bit
 * @param searches how many it is opened for
 * @param echoes   whether replies that only repeat a turn of the context may be given, as measurements want it
 * @param reranking how what is found is put in order anew, where the index keeps the contexts of its replies
 */
public record ResponderSettings(
        @Setting(value = "exact scores every reply; screened first bounds all scores with a copy of the vectors in 8 "
                + "bits, made in memory at the start, and scores what may be among the best; gpu copies the vectors to an "
                + "NVIDIA card and searches there. All find the same, bit for bit. ann walks a graph of neighbours beside the "
                + "index, which is made first where it is missing, and misses some of the best. auto takes what is faster "
                + "of the exact: with many searches of a large index it screens, of a very large one it takes the card, "
                + "if there is one that can.", label = "METHOD",
                decides = false) SearchChoice search,
        @Setting(value = "many prepares for many searches, and has the JVM compile its loops meanwhile; one is "
                + "quicker for a single search.", label = "NUMBER", decides = false) Searches searches,
        @Setting("Give replies that only repeat a turn of the context, too: for measurements.") boolean echoes,
        Reranking reranking) {
    public ResponderSettings {
        if (search == null) throw new IllegalArgumentException("search is null");
        if (searches == null) throw new IllegalArgumentException("searches is null");
        if (reranking == null) throw new IllegalArgumentException("reranking is null");
    }

    /** The settings of a responder that puts what it finds in order anew by the usual weights. */
    public ResponderSettings(SearchChoice search, Searches searches, boolean echoes) {
        this(search, searches, echoes, Reranking.defaults());
    }

    /** The settings of a responder that never repeats a turn of the context. */
    public ResponderSettings(SearchChoice search, Searches searches) {
        this(search, searches, false);
    }

    /** The usual settings: whichever method is fastest for many searches, and no echoes. */
    public static ResponderSettings defaults() {
        return new ResponderSettings(SearchChoice.AUTO, Searches.MANY);
    }

    /** A copy of these settings with another search method. */
    public ResponderSettings withSearch(SearchChoice search) {
        return new ResponderSettings(search, searches, echoes, reranking);
    }

    /** A copy of these settings for another number of expected searches. */
    public ResponderSettings withSearches(Searches searches) {
        return new ResponderSettings(search, searches, echoes, reranking);
    }

    /** A copy of these settings that gives replies which only repeat a turn of the context, or never does. */
    public ResponderSettings withEchoes(boolean echoes) {
        return new ResponderSettings(search, searches, echoes, reranking);
    }

    /** A copy of these settings that puts what is found in order anew by other weights, or not at all. */
    public ResponderSettings withReranking(Reranking reranking) {
        return new ResponderSettings(search, searches, echoes, reranking);
    }

    /** The methods by which the best rows of an index can be found. */
    public enum SearchChoice {
        /** Whichever of the methods is fastest here; the CPU takes over where a card fails. */
        AUTO,
        /** Every reply is scored. */
        EXACT,
        /** Replies are scored where a bound in 8 bits does not rule them out. */
        SCREENED,
        /** Replies are scored on the first NVIDIA card; refused where there is none, or none that can. */
        GPU,
        /** A graph of neighbours beside the index is walked: most of the best are found, and some are missed. */
        ANN;

        /** Whether the best are always found, so that the choice changes nothing but the time that it takes. */
        public boolean isExact() {
            return this != ANN;
        }
    }

    /** How many searches a responder is opened for, which decides what preparation pays. */
    public enum Searches {
        /** One search, after which the process ends. */
        ONE,
        /** Many searches, in a process that goes on; equal contexts get equal scores, to the bit. */
        MANY,
        /**
         * The same, in a server: the index is copied into memory, so that whatever becomes of its file ends no process;
         * and nothing is warmed up beside, since the server answers made-up contexts before the first real one.
         */
        SERVED,
        /**
         * The searches of a talk, whose first answer is waited for: it is computed by what the JVM compiles soonest, and
         * later ones by what is fastest then, whose scores may differ in their last digits.
         */
        TALK
    }
}
