package io.retort.curate;

import io.retort.dialogue.NormalForm;
import io.retort.files.WhiteSpace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What {@link TurnLook} tells of a text of ASCII, and the hash of its {@link NormalForm}, found in one pass over its
 * bytes: letters and the single spaces between them eight at a time, all else one by one. Used again for the next text.
 * One thread.
 */
final class AsciiLook {
    static final int CAPITAL = 1, DIGIT = 2, SPACE = 4, SUSPICIOUS = 8, PERSONAL = 16, CLOSER = 32;
    private static final int PUNCTUATION = 64;
    /** What each character of ASCII may tell. */
    static final byte[] KINDS = new byte[0x80];
    static {
        for (char c = 0; c < KINDS.length; c++) {
            if (c >= 'A' && c <= 'Z') KINDS[c] = CAPITAL;
            else if (c >= '0' && c <= '9') KINDS[c] = DIGIT;
            else if (WhiteSpace.is(c)) KINDS[c] = SPACE;
            boolean isControl = c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f;
            if (isControl || c == '<' || c == '&' || c == ':') KINDS[c] |= SUSPICIOUS;
            if ("@:([{".indexOf(c) >= 0) KINDS[c] |= PERSONAL;
            if ("./dD".indexOf(c) >= 0) KINDS[c] |= CLOSER;
            if (NormalForm.isPunctuation(c)) KINDS[c] |= PUNCTUATION;
        }
    }
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = ONES << 7;

    private byte[] text;
    private int end;
    private byte[] form = new byte[256];
    private int length;
    private boolean spaceIsDue;
    private int words;
    private int capitals;
    private int before;
    private int start;
    private int longest;
    private boolean mayBePersonal;
    private boolean mayBeSuspicious;

    /** Looks at a text; the bytes from one place to another are ASCII. */
    void at(byte[] bytes, int from, int to) {
        text = bytes;
        end = to;
        if (form.length < to - from + Long.BYTES) form = new byte[Math.max(2 * form.length, to - from + Long.BYTES)];
        length = words = capitals = longest = 0;
        spaceIsDue = mayBePersonal = false;
        before = SPACE;
        start = from;
        int seen = 0, digits = 0;
        for (int i = from; i < to;) {
            int run = run(i);
            if (run > 0) {
                i += run;
                continue;
            }
            byte c = text[i];
            int kind = KINDS[c];
            seen |= kind;
            capitals += kind & CAPITAL;
            digits += kind & DIGIT;
            if ((kind & SPACE) != 0) {
                longest = Math.max(longest, i - start);
                start = i + 1;
                spaceIsDue = length > 0;
            } else {
                if ((before & SPACE) != 0) words++;
                if ((kind & CLOSER) != 0) mayBePersonal |= isTelling(i, c, from);
                append(c, kind);
            }
            before = kind;
            i++;
        }
        longest = Math.max(longest, to - start);
        mayBePersonal |= (seen & PERSONAL) != 0 || digits >= TurnLook.FEWEST_DIGITS * DIGIT;
        mayBeSuspicious = (seen & SUSPICIOUS) != 0
                || TurnLook.isSuspicious(longest, capitals, to - from);
    }

    private void append(byte c, int kind) {
        if (spaceIsDue && (kind & PUNCTUATION) == 0 && !endsInPunctuation()) form[length++] = ' ';
        spaceIsDue = false;
        form[length++] = (byte) ((kind & CAPITAL) != 0 ? c | 0x20 : c);
    }

    private boolean endsInPunctuation() {
        return (KINDS[form[length - 1]] & PUNCTUATION) != 0;
    }

    /**
     * Takes the letters from a place on, up to eight, with single spaces between them.
     *
     * @return how many bytes these are; 0 where something else begins, or what takes a closer look
     */
    private int run(int at) {
        if (at + Long.BYTES > text.length) return 0;
        long word = (long) LONGS.get(text, at);
        if ((word & HIGH_BITS) != 0) return 0; // only beyond the text
        long lower = word | ONES * 0x20;
        long letters = lower + ONES * (0x80 - 'a') & ~(lower + ONES * (0x7f - 'z')) & HIGH_BITS;
        long spaces = ~((word ^ ONES * ' ') + ONES * 0x7f) & HIGH_BITS;
        long other = ~(letters | spaces) & HIGH_BITS | spaces & spaces << 8;
        int run = Math.min(Long.numberOfTrailingZeros(other) >> 3, end - at);
        if (run > 0 && (spaces >>> 8 * run - 1 & 1) != 0) run--;
        if (run <= 0) return 0;
        long mask = -1L >>> Long.SIZE - 8 * run;
        spaces &= mask;
        boolean beginsInSpace = (spaces & 0x80) != 0;
        if (beginsInSpace && (length == 0 || spaceIsDue || endsInPunctuation())) return 0;
        long ds = ~((lower ^ ONES * 'd') + ONES * 0x7f) & HIGH_BITS & mask;
        long first = (before & SPACE) != 0 ? 0x80 : 0;
        if ((ds & (spaces << 8 | first)) != 0) mayBePersonal |= hasTellingWord(at, ds & (spaces << 8 | first));
        if (first != 0) words++;
        capitals += Long.bitCount(letters & mask & ~(word << 2));
        if (spaces != 0) {
            words += Long.bitCount(spaces);
            longest = Math.max(longest, at + (Long.numberOfTrailingZeros(spaces) >> 3) - start);
            start = at + (Long.SIZE - Long.numberOfLeadingZeros(spaces) >> 3);
        }
        if (spaceIsDue && !endsInPunctuation()) form[length++] = ' ';
        spaceIsDue = false;
        LONGS.set(form, length, lower);
        length += run;
        before = 0;
        return run;
    }

    /** Whether one of the letters d that begin a word, given by bits, begins a written-out dot. */
    private boolean hasTellingWord(int at, long ds) {
        for (long rest = ds; rest != 0; rest &= rest - 1) {
            int place = at + (Long.numberOfTrailingZeros(rest) >> 3);
            if (isTelling(place, text[place], 0)) return true;
        }
        return false;
    }

    /** Whether there may be www., a forum's u/ or a written-out dot. */
    private boolean isTelling(int at, byte c, int from) {
        byte last = at == from ? 0 : text[at - 1];
        return switch (c) {
            case '.' -> (last | 0x20) == 'w';
            case '/' -> last == 'u';
            default -> last == ' ' && at + 2 < end && (text[at + 1] | 0x20) == 'o' && (text[at + 2] | 0x20) == 't';
        };
    }

    int words() {
        return words;
    }

    boolean mayBePersonal() {
        return mayBePersonal;
    }

    boolean mayBeSuspicious() {
        return mayBeSuspicious;
    }

    /** What {@link ReplyRepetition#hash} gives for the normal form. */
    long hash() {
        long hash = 0x9e3779b97f4a7c15L ^ length;
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            long four = (int) INTS.get(form, i) & 0xffff_ffffL;
            four = (four | four << 16) & 0x0000_ffff_0000_ffffL;
            four = (four | four << 8) & 0x00ff_00ff_00ff_00ffL;
            hash = (hash ^ four) * 0xff51afd7ed558ccdL;
            hash ^= hash >>> 32;
        }
        for (; i < length; i++) {
            hash = (hash ^ form[i]) * 0xff51afd7ed558ccdL;
            hash ^= hash >>> 29;
        }
        return ReplyRepetition.mixed(hash);
    }
}
