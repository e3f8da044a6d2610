package io.retort.reply;

import java.util.List;
import java.util.NoSuchElementException;

/**
 * The replies that were found for a context, best first, with the time that each stage took.
 *
 * @param ranked best first; fewer than were asked for, or none, where a filter allowed no more
 * @param echoes those that were passed over, since they only repeat a turn of the context; the rank of each is the one
 *               that the reply after it got
 * @param withheld those that a safety screen stopped; their ranks are those that they were found with
 * @param passedOver those that contradict or nearly repeat what was said before in the conversation
 * @param tokens that the model read of the context
 * @param times  what finding them took
 */
public record RankedReplies(List<RankedReply> ranked, List<RankedReply> echoes, List<Withheld> withheld,
        List<Withheld> passedOver, int tokens, StageTimes times) {
    public RankedReplies {
        ranked = List.copyOf(ranked);
        echoes = List.copyOf(echoes);
        withheld = List.copyOf(withheld);
        passedOver = List.copyOf(passedOver);
    }

    /** Replies that nobody has compared with what was said before. */
    public RankedReplies(List<RankedReply> ranked, List<RankedReply> echoes, List<Withheld> withheld, int tokens,
            StageTimes times) {
        this(ranked, echoes, withheld, List.of(), tokens, times);
    }

    /** Replies of which none was withheld. */
    public RankedReplies(List<RankedReply> ranked, List<RankedReply> echoes, int tokens, StageTimes times) {
        this(ranked, echoes, List.of(), tokens, times);
    }

    /** Replies of which none was passed over. */
    public RankedReplies(List<RankedReply> ranked, int tokens, StageTimes times) {
        this(ranked, List.of(), tokens, times);
    }

    /**
     * The best reply.
     *
     * @throws NoSuchElementException if a filter allowed none, or all that it allowed only repeat the context
     */
    public RankedReply best() {
        if (ranked.isEmpty()) throw new NoSuchElementException("there is no reply that may be given");
        return ranked.getFirst();
    }

    /** What the {@link #best} reply says. */
    public String text() {
        return best().text();
    }

    /** A reply that is not given, and why. */
    public record Withheld(RankedReply reply, String reason) {}

    /** Nanoseconds that each stage took; of contexts that were answered together, each one's share. */
    public record StageTimes(long tokenise, long encode, long search) {
        /** Nanoseconds that all stages took together. */
        public long total() {
            return tokenise + encode + search;
        }
    }
}
