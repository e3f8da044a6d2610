package io.retort.curate;

import io.retort.settings.InvalidSetting;
import java.util.Arrays;

/**
 * Finds, for each reply, one that came before and has most words and pairs of neighbouring words in common with it
 * (Jaccard similarity). Numbers count as one word: "ticket 4711" and "ticket 4712" are the same. Candidates are found by
 * MinHash in bands, and then compared exactly. A bounded number of replies is kept; those that were met again stay
 * longest. Deterministic. One thread.
 */
final class NearDuplicates {
    /** Replies that are kept; they take about 300 bytes each. */
    static final int DEFAULT_CAPACITY = 300_000;
    /** Fewer words make no near-duplicates: "yes please" and "no please" have most in common. */
    private static final int FEWEST_WORDS = 4;
    private static final int MOST_WORDS = 200;
    private static final int BANDS = 4;
    private static final int ROWS = 3;
    private static final int TRIES = 4;

    /** Odd numbers, which make as many orders of the shingles out of one hash of each. */
    private static final long[] FACTORS = new long[BANDS * ROWS];
    static {
        for (int i = 0; i < FACTORS.length; i++) FACTORS[i] = ReplyRepetition.mixed(i + 1) | 1;
    }

    private final double similarity;
    private final int[][] shingles; // of the replies that are kept, sorted
    private final long[] marks; // of each of these a bit for every shingle, by its hash
    private final int[] counts;
    private final int[] slots; // a reply plus one, by band and hash; 0 for none
    private final int slotMask;
    private final long[] minima = new long[BANDS * ROWS];
    private int hand;
    private boolean exact = true;

    NearDuplicates(int capacity, double similarity) {
        InvalidSetting.unless(similarity > 0 && similarity <= 1, "similarity", similarity,
                "use more than 0, at most 1");
        this.similarity = similarity;
        this.shingles = new int[capacity][];
        this.marks = new long[capacity];
        this.counts = new int[capacity];
        int perBand = Integer.highestOneBit(Math.max(64, capacity * 4 - 1));
        this.slots = new int[BANDS * perBand];
        this.slotMask = perBand - 1;
    }

    int capacity() {
        return counts.length;
    }

    /** Whether nothing had to be forgotten. */
    boolean isExact() {
        return exact;
    }

    /** Counts a reply in its normal form; how often it or one like it came, this time included. */
    int add(String form) {
        int[] its = shingles(form);
        if (its.length == 0) return 1;
        int like = find(its);
        if (like >= 0) return ++counts[like];
        keep(its);
        return 1;
    }

    private int find(int[] its) {
        minimize(its);
        long its64 = marks(its);
        for (int band = 0; band < BANDS; band++) {
            int place = place(band);
            for (int t = 0; t < TRIES; t++) {
                int kept = slots[slot(band, place + t)] - 1;
                if (kept < 0) break;
                if (mayBeSimilar(its.length, its64, marks[kept]) && shingles[kept] != null
                        && isSimilar(its, shingles[kept]))
                    return kept;
            }
        }
        return -1;
    }

    private static long marks(int[] its) {
        long marks = 0;
        for (int shingle : its) marks |= 1L << (shingle ^ shingle >>> 15);
        return marks;
    }

    /**
     * Rules out, without a look at the shingles themselves, most of those that are not similar: each mark of the one that
     * the other has not is a shingle that they do not share. No other has fewer than the share of the one's shingles.
     */
    private boolean mayBeSimilar(int length, long its, long others) {
        int needed = (int) Math.ceil(similarity * length - 1e-6);
        return length - Long.bitCount(its & ~others) >= needed;
    }

    private void keep(int[] its) {
        // A clock: what was met again is passed over, at the price of half of its count.
        while (counts[hand] > 1) {
            counts[hand] >>= 1;
            hand = (hand + 1) % counts.length;
        }
        if (shingles[hand] != null) exact = false;
        shingles[hand] = its;
        marks[hand] = marks(its);
        counts[hand] = 1;
        for (int band = 0; band < BANDS; band++) {
            int place = place(band), t = 0;
            while (t < TRIES - 1 && slots[slot(band, place + t)] != 0) t++;
            slots[slot(band, place + t)] = hand + 1;
        }
        hand = (hand + 1) % counts.length;
    }

    private int place(int band) {
        long key = band;
        for (int row = 0; row < ROWS; row++) key = ReplyRepetition.mixed(key * 31 + minima[band * ROWS + row]);
        return (int) key & slotMask;
    }

    private int slot(int band, int place) {
        return band * (slotMask + 1) + (place & slotMask);
    }

    private void minimize(int[] its) {
        Arrays.fill(minima, Long.MAX_VALUE);
        for (int shingle : its) {
            long hash = ReplyRepetition.mixed(shingle);
            for (int i = 0; i < minima.length; i++) minima[i] = Math.min(minima[i], hash * FACTORS[i] ^ hash >>> 32);
        }
    }

    private boolean isSimilar(int[] one, int[] other) {
        // As many must be common; once too many are not, the rest needs no look.
        int needed = (int) Math.ceil(similarity * (one.length + other.length) / (1 + similarity) - 1e-9);
        int spareOfOne = one.length - needed, spareOfOther = other.length - needed;
        for (int i = 0, j = 0; spareOfOne >= 0 && spareOfOther >= 0;) {
            if (i == one.length || j == other.length) return true;
            if (one[i] == other[j]) {
                i++;
                j++;
            } else if (one[i] < other[j]) {
                i++;
                spareOfOne--;
            } else {
                j++;
                spareOfOther--;
            }
        }
        return false;
    }

    /** Hashes of the words and of the pairs of neighbours, sorted, each once; none where the words are too few. */
    private static int[] shingles(String form) {
        int[] found = new int[2 * MOST_WORDS];
        int words = 0, size = 0;
        int before = 0;
        for (int at = 0; at < form.length() && words < MOST_WORDS;) {
            int c = form.codePointAt(at);
            if (!Character.isLetterOrDigit(c)) {
                at += Character.charCount(c);
                continue;
            }
            int word = 17;
            boolean hasDigit = false;
            while (at < form.length() && Character.isLetterOrDigit(c = form.codePointAt(at))) {
                hasDigit |= Character.isDigit(c);
                word = (word ^ c) * 0x01000193;
                at += Character.charCount(c);
            }
            if (hasDigit) word = 1;
            found[size++] = word;
            if (words > 0) found[size++] = (int) ReplyRepetition.mixed(before * 0x9e3779b97f4a7c15L ^ word);
            before = word;
            words++;
        }
        if (words < FEWEST_WORDS) return new int[0];
        int[] sorted = Arrays.copyOf(found, size);
        Arrays.sort(sorted);
        int kept = 0;
        for (int i = 0; i < size; i++) if (i == 0 || sorted[i] != sorted[kept - 1]) sorted[kept++] = sorted[i];
        return Arrays.copyOf(sorted, kept);
    }
}
