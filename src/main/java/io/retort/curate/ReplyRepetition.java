package io.retort.curate;

import io.retort.dialogue.NormalForm;
import io.retort.settings.InvalidSetting;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Counts how often replies come, in whatever spelling, and nearly the same. It keeps a bounded number of replies
 * whatever the size of the input: when there are too many, those that came least often are forgotten (lossy counting),
 * so that what comes often is always known, and no count is ever too high. The same replies in the same order give the
 * same answers. One thread.
 */
public final class ReplyRepetition {
    /** Replies that are kept unless another number is asked for; they take about 20 bytes each. */
    public static final int DEFAULT_CAPACITY = 4_000_000;

    private final Long2IntOpenHashMap counts = new Long2IntOpenHashMap();
    private final int capacity;
    private final NearDuplicates near;
    private final long mostCompared;
    private boolean forgot;
    private long replies;
    private long repeated;
    private long nearlyRepeated;

    /**
     * What is known of a reply after it has come once more.
     *
     * @param times   that it has come, in whatever spelling, this time included
     * @param similar how often it or nearly the same has come, this time included
     */
    public record Times(int times, int similar) {
    }

    /**
     * @param capacity   number of different replies that are kept
     * @param similarity share of words and pairs of words that two replies have in common to be nearly the same, above 0
     *                   and at most 1
     */
    public ReplyRepetition(int capacity, double similarity) {
        this(capacity, similarity, Long.MAX_VALUE);
    }

    /**
     * Prepares for replies of which only the first are compared, so that the rest costs little.
     *
     * @param mostCompared replies among which, from the first, those that are nearly the same are looked for
     */
    ReplyRepetition(int capacity, double similarity, long mostCompared) {
        InvalidSetting.unless(capacity >= 16, "capacity", capacity, "use 16 or more");
        this.capacity = capacity;
        this.mostCompared = mostCompared;
        this.near = new NearDuplicates(Math.min(capacity, NearDuplicates.DEFAULT_CAPACITY), similarity);
    }

    /** The usual: millions of replies, nearly the same where four fifths agree. */
    public ReplyRepetition() {
        this(DEFAULT_CAPACITY, 0.8);
    }

    /** Counts a reply, and tells how often it, or one nearly the same, has come. */
    public Times add(String text) {
        String form = NormalForm.of(text);
        return add(hash(form), () -> form);
    }

    /** Counts a reply by the hash of its normal form, which is made where it is needed. */
    Times add(long hash, Supplier<String> form) {
        replies++;
        int times = counts.addTo(hash, 1) + 1;
        if (counts.size() > capacity) forget();
        int similar = replies <= mostCompared ? near.add(form.get()) : 1;
        if (times > 1) repeated++;
        else if (similar > 1) nearlyRepeated++;
        return new Times(times, Math.max(times, similar));
    }

    /** Halves the table at least, by what came least often; a count that remains is right or too low. */
    private void forget() {
        for (int rarest = 1; counts.size() > capacity / 2; rarest++) {
            int most = rarest;
            counts.long2IntEntrySet().removeIf(entry -> entry.getIntValue() <= most);
        }
        forgot = true;
    }

    /** A hash of 64 bits: among a hundred million texts two share one with a chance of 3 in 10,000. */
    static long hash(String text) {
        long hash = 0x9e3779b97f4a7c15L ^ text.length();
        int i = 0;
        for (; i + 4 <= text.length(); i += 4) {
            long four = text.charAt(i) | (long) text.charAt(i + 1) << 16 | (long) text.charAt(i + 2) << 32
                    | (long) text.charAt(i + 3) << 48;
            hash = (hash ^ four) * 0xff51afd7ed558ccdL;
            hash ^= hash >>> 32;
        }
        for (; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0xff51afd7ed558ccdL;
            hash ^= hash >>> 29;
        }
        return mixed(hash);
    }

    static long mixed(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }

    /** Number of replies that came. */
    public long replies() {
        return replies;
    }

    /** How many of them had come before, in whatever spelling. */
    public long repeated() {
        return repeated;
    }

    /** How many had not, but nearly the same had. */
    public long nearlyRepeated() {
        return nearlyRepeated;
    }

    /** Among how many of them, from the first, those that are nearly the same were looked for. */
    public long compared() {
        return Math.min(replies, mostCompared);
    }

    /** What there was more of than is kept, with the number that is. */
    List<String> bounds() {
        List<String> bounds = new ArrayList<>();
        if (forgot) bounds.add(String.format(Locale.ROOT, "%,d different replies", capacity));
        if (!near.isExact()) bounds.add(String.format(Locale.ROOT, "%,d replies to be near to", near.capacity()));
        return bounds;
    }

    /** Whether all replies are still known; where some had to be forgotten, counts may be too low. */
    public boolean isExact() {
        return !forgot && near.isExact();
    }
}
