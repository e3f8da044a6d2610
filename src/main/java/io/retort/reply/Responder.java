package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Answers contexts out of replies that have numbers, the rows from 0 on. What a student opens answers by the vectors of
 * an index; tests and special cases may have one of their own.
 *
 * <p>A reply that only repeats a turn of the context, but for case, punctuation and white space, is passed over and told
 * of in {@link RankedReplies#echoes}, unless the responder was opened with {@link ResponderSettings#withEchoes}: people
 * whose dialogues were indexed would be given back their own words.
 *
 * <p>It may be used from any thread, many at once. Closing it waits for the replies that are under way.
 */
public interface Responder extends AutoCloseable {
    /** Number of replies among which the responder chooses. */
    int size();

    /**
     * The text of the reply in a row of the index.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    String text(int row);

    /**
     * What was indexed with a reply, read when it is asked for; empty if there is nothing.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    Optional<Map<String, Object>> metadata(int row);

    /** Finds the best reply to a single turn, without any turns before it. */
    default RankedReplies reply(String turn) {
        if (turn == null) throw new IllegalArgumentException("turn is null");
        return reply(Context.of(turn), 1);
    }

    /**
     * The {@code k} best replies to a context; if it is longer than the model reads, its newest turns count.
     *
     * @param k 1 to {@link #size}
     * @throws IllegalArgumentException if {@code k} is another
     * @throws BadInput                 if nothing is left of the context once it is tokenised
     * @throws IllegalStateException    if the responder, or the runtime, is closed
     */
    default RankedReplies reply(Context context, int k) {
        return reply(context, k, null);
    }

    /**
     * Finds the {@code k} best replies to a context among some rows of the index.
     *
     * @param allowed rows that may be given ({@link #rowsWhere}); null allows all. With fewer of them than {@code k}
     *                there are fewer replies. It must not change during the call
     */
    RankedReplies reply(Context context, int k, BitSet allowed);

    /**
     * The {@code k} best replies to each of many contexts, in their order: several times as fast as one after the
     * other. Scores may differ in their last digits from those of a context that is answered alone, since texts of a
     * batch are padded to one length.
     */
    default List<RankedReplies> replyToAll(List<Context> contexts, int k) {
        return replyToAll(contexts, k, null);
    }

    /** Finds the {@code k} best replies to each of many contexts among some rows of the index. */
    List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed);

    /**
     * The rows that pass a test, as a filter for {@link #reply(Context, int, BitSet)}; it may serve any number of
     * calls. The test is asked about every row, so a filter that serves often is made once.
     */
    default BitSet rowsWhere(IntPredicate test) {
        if (test == null) throw new IllegalArgumentException("test is null");
        BitSet rows = new BitSet(size());
        for (int row = 0; row < size(); row++) if (test.test(row)) rows.set(row);
        return rows;
    }

    /** Begins a conversation that remembers as many turns as the replies were indexed by, or three. */
    ChatSession session();

    /**
     * Begins a conversation that is answered by this responder.
     *
     * @param history most turns of both sides that count as context, at least 1
     */
    default ChatSession session(int history) {
        return new ChatSession(this, history, ChatSession.SHOWN);
    }

    /**
     * Begins a conversation that says more than what this responder finds, and withholds what the policy's safety screen
     * stops. Where there are many conversations, one {@link ScreenedResponder} for all of them keeps its verdicts.
     *
     * @param history most turns of both sides that count as context, at least 1
     */
    default ChatSession session(int history, ResponsePolicy policy) {
        boolean isScreened = policy == null || policy.safety().isEmpty() || this instanceof ScreenedResponder;
        Responder responder = isScreened ? this : ScreenedResponder.over(this, policy.safety().get());
        return new ChatSession(responder, history, ChatSession.SHOWN, policy);
    }

    /** Turns that a {@link #session()} remembers: as many as the replies were indexed by, or three. */
    default int usualHistory() {
        return 3;
    }

    /**
     * How sure the model is of a reply that was found for a context, as calibrations mean it. It is the score that the
     * reply was found with, unless the index is keyed by other things than replies: the model's own score then, or that of
     * reply and context together if those are what is searched for and it is greater (decision 60).
     */
    default double score(Context context, RankedReply reply) {
        return reply.score();
    }

    /** Refuses new work, waits for what is under way, and frees what it holds. May be called again. */
    @Override
    void close();
}
