package io.retort.reply;

import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyVerdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * What a safety screen says of the replies of an index, of which each is judged when it is first found, and its verdict
 * kept; and what is left of replies that were found. Any thread.
 */
public final class ReplyVerdicts {
    /** Replies beyond those that are asked for, so that few contexts are looked up twice. */
    private static final int SPARE = 4;

    private final SafetyScreen screen;
    /** What the student's own classifier says of rows by their vectors. */
    private final IntFunction<Optional<SafetyVerdict>> rows;
    /** By row, whether it is known to pass. What a thread notes while another makes room may be lost: it is judged anew. */
    private volatile boolean[] passing = new boolean[0];
    private final Map<Integer, SafetyVerdict> stopped = new ConcurrentHashMap<>();

    /**
     * Begins without verdicts; replies are judged as they are found: by their words and, where the screen has the
     * classifier of the responder's own student, by their vectors.
     */
    public ReplyVerdicts(SafetyScreen screen, Responder responder) {
        if (screen == null) throw new IllegalArgumentException("screen is null");
        this.screen = screen;
        this.rows = screen.classifier().orElse(null) instanceof StudentTurnClassifier its
                && responder instanceof ModelResponder model ? its.ofReplies(model) : _ -> Optional.empty();
    }

    /** The verdict on a reply, by its row and what it says. */
    public SafetyVerdict of(int row, String text) {
        boolean[] known = passing;
        if (row < known.length && known[row]) return SafetyVerdict.PASSES;
        SafetyVerdict before = stopped.get(row);
        if (before != null) return before;
        SafetyVerdict verdict = screen.checkReply(text, () -> rows.apply(row));
        if (verdict.passes()) room(row)[row] = true;
        else stopped.put(row, verdict);
        return verdict;
    }

    private boolean[] room(int row) {
        if (row >= passing.length) {
            synchronized (this) {
                if (row >= passing.length) passing = Arrays.copyOf(passing, Math.max(row + 1, 2 * passing.length));
            }
        }
        return passing;
    }

    /** Why a row is withheld; empty if it passes, or was not judged yet. */
    public Optional<SafetyVerdict> stopped(int row) {
        return Optional.ofNullable(stopped.get(row));
    }

    /** Number of replies that were judged so far and are withheld. */
    public int withheld() {
        return stopped.size();
    }

    /**
     * How many replies are looked for so that enough of them pass.
     *
     * @param k     that are to be given
     * @param round 0 at first, one more whenever {@link #screened} left too few
     * @param size  number of replies there are
     */
    public static int wanted(int k, int round, int size) {
        return (int) Math.min(size, ((long) k + SPARE) << Math.min(round, 31));
    }

    /**
     * The replies that pass, at most so many, and those better ones that are withheld; empty if too few pass and looking
     * for more may help.
     *
     * @param wanted how many were looked for
     * @param size   number of replies there are
     */
    public Optional<RankedReplies> screened(RankedReplies found, int k, int wanted, int size) {
        List<RankedReply> ranked = new ArrayList<>(k);
        List<RankedReplies.Withheld> withheld = new ArrayList<>();
        for (RankedReply reply : found.ranked()) {
            if (ranked.size() == k) break;
            SafetyVerdict verdict = of(reply.row(), reply.text());
            if (verdict.passes()) {
                ranked.add(new RankedReply(ranked.size() + 1, reply.row(), reply.score(), reply.text()));
            } else {
                withheld.add(new RankedReplies.Withheld(reply, verdict.reason()));
            }
        }
        boolean isAll = found.ranked().size() < wanted || wanted >= size;
        if (ranked.size() < k && !isAll) return Optional.empty();
        return Optional.of(new RankedReplies(ranked, found.echoes(), withheld, found.tokens(), found.times()));
    }
}
