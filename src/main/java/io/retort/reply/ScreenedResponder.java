package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.safety.SafetyScreen;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A responder that withholds replies which a screen stops, and gives the next best instead. Each reply is judged when it
 * is first found, and its verdict kept. Any thread; closing it closes the responder beneath.
 */
public final class ScreenedResponder implements Responder {
    private final Responder responder;
    private final SafetyScreen screen;
    private final ReplyVerdicts verdicts;

    private ScreenedResponder(Responder responder, SafetyScreen screen) {
        this.responder = responder;
        this.screen = screen;
        this.verdicts = new ReplyVerdicts(screen, responder);
    }

    /** A responder that gives what another finds, as far as a screen lets it pass. */
    public static ScreenedResponder over(Responder responder, SafetyScreen screen) {
        if (responder == null) throw new IllegalArgumentException("responder is null");
        if (screen == null) throw new IllegalArgumentException("screen is null");
        return new ScreenedResponder(responder, screen);
    }

    /** The screen that judges replies. */
    public SafetyScreen screen() {
        return screen;
    }

    /** What the screen says of a row of the index; its text is only judged the first time. */
    public boolean passes(int row) {
        return verdicts.of(row, responder.text(row)).passes();
    }

    /** Number of replies that were found so far and are withheld. */
    public int withheld() {
        return verdicts.withheld();
    }

    @Override
    public int size() {
        return responder.size();
    }

    @Override
    public String text(int row) {
        return responder.text(row);
    }

    @Override
    public Optional<Map<String, Object>> metadata(int row) {
        return responder.metadata(row);
    }

    @Override
    public RankedReplies reply(Context context, int k, BitSet allowed) {
        return reply(context, k, allowed, 0);
    }

    private RankedReplies reply(Context context, int k, BitSet allowed, int from) {
        for (int round = from;; round++) {
            int wanted = wanted(k, round);
            Optional<RankedReplies> enough = verdicts.screened(responder.reply(context, wanted, allowed), k, wanted,
                    size());
            if (enough.isPresent()) return enough.get();
        }
    }

    /** Nothing beyond {@code k} is asked for where {@code k} is refused. */
    private int wanted(int k, int round) {
        return k < 1 || k > size() ? k : ReplyVerdicts.wanted(k, round, size());
    }

    @Override
    public List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed) {
        int wanted = wanted(k, 0);
        List<RankedReplies> found = responder.replyToAll(contexts, wanted, allowed);
        List<RankedReplies> all = new ArrayList<>(found.size());
        for (int i = 0; i < found.size(); i++) {
            Context context = contexts.get(i);
            all.add(verdicts.screened(found.get(i), k, wanted, size())
                    .orElseGet(() -> reply(context, k, allowed, 1)));
        }
        return all;
    }

    @Override
    public ChatSession session() {
        return session(usualHistory());
    }

    @Override
    public int usualHistory() {
        return responder.usualHistory();
    }

    @Override
    public double score(Context context, RankedReply reply) {
        return responder.score(context, reply);
    }

    @Override
    public void close() {
        responder.close();
    }
}
