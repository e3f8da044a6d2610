package io.retort.curate;

import io.retort.files.WhiteSpace;

/**
 * What one pass over the characters of a turn tells: how many words it has, and whether those who look closely for
 * {@linkplain PersonalData personal data} and {@linkplain Suspicion suspicious signs} could find any. Most turns are
 * ASCII and hold nothing of the kind; of any other nothing is ruled out. {@link AsciiLook} tells the same of bytes.
 *
 * @param words           as {@link WhiteSpace#words} counts them
 * @param mayBePersonal   whether personal data other than listed names may be there
 * @param mayBeSuspicious whether a suspicious sign may be there
 */
record TurnLook(int words, boolean mayBePersonal, boolean mayBeSuspicious) {
    /** Fewer digits are no number of a phone, card or account, nor an address of a host. */
    static final int FEWEST_DIGITS = 4;
    /** Shorter words are no encoded data, and fewer capitals no shouting; see {@link Suspicion}. */
    private static final int SHORTEST_ENCODED = 32, FEWEST_CAPITALS = 12;
    private static final int CAPITAL = AsciiLook.CAPITAL, DIGIT = AsciiLook.DIGIT, SPACE = AsciiLook.SPACE;
    private static final byte[] KINDS = AsciiLook.KINDS;

    /** Whether lengths and numbers alone are suspicious. */
    static boolean isSuspicious(int longestWord, int capitals, int length) {
        return longestWord >= SHORTEST_ENCODED || capitals >= FEWEST_CAPITALS || length > Suspicion.LONG;
    }

    static TurnLook at(String text) {
        int seen = 0, before = SPACE, capitals = 0, digits = 0, words = 0, start = 0, longest = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= KINDS.length) return new TurnLook(WhiteSpace.words(text), true, true);
            int kind = KINDS[c];
            seen |= kind;
            capitals += kind & CAPITAL;
            digits += kind & DIGIT;
            if ((kind & SPACE) != 0) {
                longest = Math.max(longest, i - start);
                start = i + 1;
            } else if ((before & SPACE) != 0) {
                words++;
            }
            if ((kind & AsciiLook.CLOSER) != 0 && isTelling(text, i, c)) seen |= AsciiLook.PERSONAL;
            before = kind;
        }
        longest = Math.max(longest, text.length() - start);
        boolean mayBeSuspicious = (seen & AsciiLook.SUSPICIOUS) != 0
                || isSuspicious(longest, capitals, text.length());
        return new TurnLook(words, (seen & AsciiLook.PERSONAL) != 0 || digits >= FEWEST_DIGITS * DIGIT,
                mayBeSuspicious);
    }

    /** Whether there may be www., a forum's u/ or a written-out dot. */
    private static boolean isTelling(String text, int at, char c) {
        char before = at == 0 ? 0 : text.charAt(at - 1);
        return switch (c) {
            case '.' -> (before | 0x20) == 'w';
            case '/' -> before == 'u';
            default -> before == ' ' && at + 2 < text.length() && (text.charAt(at + 1) | 0x20) == 'o'
                    && (text.charAt(at + 2) | 0x20) == 't';
        };
    }
}
