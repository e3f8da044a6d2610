package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyVerdict;
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
    /** Replies beyond those that are asked for, so that few contexts are looked up twice. */
    private static final int SPARE = 4;
    private static final byte UNKNOWN = 0, PASSES = 1, STOPPED = 2;

    private final Responder responder;
    private final SafetyScreen screen;
    /** By row. Threads may judge a row at the same time; they come to the same verdict. */
    private final byte[] verdicts;

    private ScreenedResponder(Responder responder, SafetyScreen screen) {
        this.responder = responder;
        this.screen = screen;
        this.verdicts = new byte[responder.size()];
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
        return passes(row, null);
    }

    private boolean passes(int row, String text) {
        if (verdicts[row] == UNKNOWN) {
            boolean isFine = screen.checkReply(text == null ? responder.text(row) : text).passes();
            verdicts[row] = isFine ? PASSES : STOPPED;
        }
        return verdicts[row] == PASSES;
    }

    /** Number of replies that were found so far and are withheld. */
    public int withheld() {
        int count = 0;
        for (byte verdict : verdicts) if (verdict == STOPPED) count++;
        return count;
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
        for (long wanted = Math.min(size(), (long) k + SPARE);; wanted = Math.min(size(), 2 * wanted)) {
            RankedReplies found = responder.reply(context, asked(k, wanted), allowed);
            Optional<RankedReplies> enough = screened(found, k, wanted);
            if (enough.isPresent()) return enough.get();
        }
    }

    /** Nothing beyond {@code k} is asked for where {@code k} is refused. */
    private int asked(int k, long wanted) {
        return k < 1 || k > size() ? k : (int) wanted;
    }

    /** The replies that pass; empty if more must be looked for. */
    private Optional<RankedReplies> screened(RankedReplies found, int k, long wanted) {
        List<RankedReply> ranked = new ArrayList<>(k);
        List<RankedReplies.Withheld> withheld = new ArrayList<>();
        for (RankedReply reply : found.ranked()) {
            if (ranked.size() == k) break;
            if (passes(reply.row(), reply.text())) {
                ranked.add(new RankedReply(ranked.size() + 1, reply.row(), reply.score(), reply.text()));
            } else {
                SafetyVerdict verdict = screen.checkReply(reply.text());
                withheld.add(new RankedReplies.Withheld(reply, verdict.reason()));
            }
        }
        boolean isAll = found.ranked().size() < wanted || wanted == size();
        if (ranked.size() < k && !isAll) return Optional.empty();
        return Optional.of(new RankedReplies(ranked, found.echoes(), withheld, found.tokens(), found.times()));
    }

    @Override
    public List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed) {
        int wanted = (int) Math.min(size(), (long) k + SPARE);
        List<RankedReplies> found = responder.replyToAll(contexts, asked(k, wanted), allowed);
        List<RankedReplies> all = new ArrayList<>(found.size());
        for (int i = 0; i < found.size(); i++) {
            Context context = contexts.get(i);
            all.add(screened(found.get(i), k, wanted).orElseGet(() -> reply(context, k, allowed)));
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
