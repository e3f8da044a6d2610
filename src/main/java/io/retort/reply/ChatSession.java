package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A conversation between a person and a {@link Responder}: keeps the last turns as context and never says a reply twice
 * until all are used up. One thread; it holds nothing that needs closing.
 */
public final class ChatSession {
    /** Number of candidates that {@link #candidates} shows where nobody says otherwise. */
    static final int SHOWN = 5;

    private final Responder responder;
    private final int replies;
    private final int history;
    private final int shown;
    private final Deque<String> turns = new ArrayDeque<>();
    private final BitSet unsaid;
    private final ResponsePolicy policy;
    private final OwnWords own = new OwnWords();
    private List<RankedReplies.Withheld> passedOver = List.of();
    private RankedReplies last;
    private ChatReply said;
    private int fallbacks, fixedAnswers, guarded;

    /**
     * @param history most turns of both sides that count as context, at least 1
     * @param shown   candidates kept for {@link #candidates}, at least 1
     */
    ChatSession(Responder responder, int history, int shown) {
        this(responder, history, shown, ResponsePolicy.none());
    }

    /**
     * @param policy what is said beside replies out of the index
     */
    ChatSession(Responder responder, int history, int shown, ResponsePolicy policy) {
        if (policy == null) throw new IllegalArgumentException("policy is null");
        if (history < 1) throw new IllegalArgumentException("history is " + history + ", not 1 or more");
        if (shown < 1) throw new IllegalArgumentException("shown is " + shown + ", not 1 or more");
        this.responder = responder;
        this.replies = responder.size();
        this.history = history;
        this.policy = policy;
        this.shown = Math.min(shown, replies);
        this.unsaid = new BitSet(replies);
        unsaid.set(0, replies);
    }

    /**
     * Takes a person's turn and answers it out of the index, whatever the policy of the session.
     *
     * @throws BadInput if nothing is left of the turn once it is tokenised, or every reply only repeats what was said
     */
    public RankedReply answer(String turn) {
        RankedReply reply = look(turn).best();
        use(turn, new ChatReply.Found(reply, reply.score(), OptionalDouble.empty()));
        return reply;
    }

    /**
     * Takes a person's turn and answers it as the session's policy has it: as a safety screen demands, with a fixed
     * answer, a reply out of the index, or a fallback. A turn that the screen stops is no context of later ones.
     *
     * @throws BadInput if nothing is left of the turn once it is tokenised, or every reply only repeats what was said
     */
    public ChatReply reply(String turn) {
        Optional<ChatReply> stopped = policy.guard(turn, guarded);
        if (stopped.isPresent()) {
            last = null;
            passedOver = List.of();
            guarded++;
            said = stopped.get();
            return said;
        }
        Optional<ChatReply> fixed = policy.answer(turn, fixedAnswers);
        if (fixed.isPresent()) {
            last = null;
            passedOver = List.of();
            fixedAnswers++;
            return use(turn, fixed.get());
        }
        RankedReplies found = look(turn);
        if (policy.consistent()) {
            RankedReplies fitting = own.fitting(found, 1, turn);
            passedOver = fitting.passedOver();
            found = fitting;
        }
        RankedReply best = found.best();
        ChatReply reply = policy.judge(best, responder.score(context(turn), best), fallbacks);
        if (reply instanceof ChatReply.Fallback) fallbacks++;
        return use(turn, reply);
    }

    private Context context(String turn) {
        List<String> context = new ArrayList<>(turns);
        context.add(turn);
        return new Context(context).latest(history);
    }

    private RankedReplies look(String turn) {
        passedOver = List.of();
        last = found(context(turn));
        return last;
    }

    /** Keeps in mind what was said on both sides. */
    private ChatReply use(String turn, ChatReply reply) {
        said = reply;
        own.heard(turn);
        own.said(reply.text());
        remember(turn);
        remember(reply.text());
        if (reply instanceof ChatReply.Found found) unsaid.clear(found.reply().row());
        // A person's own words stay theirs when they have left the context.
        for (RankedReply echo : echoes()) unsaid.clear(echo.row());
        if (unsaid.isEmpty()) unsaid.set(0, replies);
        return reply;
    }

    /** Looks among what was not said yet and, where that only repeats the context, among all. */
    private RankedReplies found(Context context) {
        RankedReplies found = responder.reply(context, shown, unsaid);
        if (found.ranked().isEmpty()) found = responder.reply(context, shown);
        if (found.ranked().isEmpty()) {
            throw BadInput.of("every reply that there is was said just now", "give an index with more replies");
        }
        return found;
    }

    private void remember(String turn) {
        turns.addLast(turn);
        while (turns.size() > history) turns.removeFirst();
    }

    /** The best candidates for the last turn, the reply that was given first; empty before the first turn. */
    public List<RankedReply> candidates() {
        return last == null ? List.of() : last.ranked();
    }

    /** The candidates for the last turn that were passed over, since they only repeat what was said. */
    public List<RankedReply> echoes() {
        return last == null ? List.of() : last.echoes();
    }

    /** The candidates for the last turn that the safety screen stopped. */
    public List<RankedReplies.Withheld> withheld() {
        return last == null ? List.of() : last.withheld();
    }

    /** Candidates for the last turn that scored better than the reply and contradict or nearly repeat the session. */
    public List<RankedReplies.Withheld> passedOver() {
        return List.copyOf(passedOver);
    }

    /** What was said last, and why; empty before the first turn. */
    public Optional<ChatReply> said() {
        return Optional.ofNullable(said);
    }

    /** How long the last answer took; null before the first turn, and where nothing was looked for. */
    public RankedReplies.StageTimes times() {
        return last == null ? null : last.times();
    }

    /** The turns that count as context now, oldest first. */
    public List<String> context() {
        return Collections.unmodifiableList(new ArrayList<>(turns));
    }

    /** Forgets the conversation: the next turn begins a new one, in which every reply may be chosen again. */
    public void reset() {
        turns.clear();
        own.forget();
        passedOver = List.of();
        unsaid.set(0, replies);
        last = null;
        said = null;
    }
}
