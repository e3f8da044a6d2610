package io.retort.curate;

import io.retort.files.WhiteSpace;

/**
 * What one pass over the characters of a turn tells: how many words it has, and whether those who look closely for
 * {@linkplain PersonalData personal data} and {@linkplain Suspicion suspicious signs} could find any. Most turns are
 * ASCII and hold nothing of the kind; of any other nothing is ruled out.
 *
 * @param words           as {@link WhiteSpace#words} counts them
 * @param mayBePersonal   whether personal data other than listed names may be there
 * @param mayBeSuspicious whether a suspicious sign may be there
 */
record TurnLook(int words, boolean mayBePersonal, boolean mayBeSuspicious) {
    /** Fewer digits are no number of a phone, card or account, nor an address of a host. */
    private static final int FEWEST_DIGITS = 4;
    /** Shorter words are no encoded data, and fewer capitals no shouting; see {@link Suspicion}. */
    private static final int SHORTEST_ENCODED = 32, FEWEST_CAPITALS = 12;
    private static final int CAPITAL = 1, DIGIT = 2, SPACE = 4, SUSPICIOUS = 8, PERSONAL = 16, CLOSER = 32;
    private static final byte[] KINDS = new byte[0x80];
    static {
        for (char c = 0; c < KINDS.length; c++) {
            if (c >= 'A' && c <= 'Z') KINDS[c] = CAPITAL;
            else if (c >= '0' && c <= '9') KINDS[c] = DIGIT;
            else if (WhiteSpace.is(c)) KINDS[c] = SPACE;
            boolean isControl = c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f;
            if (isControl || c == '<' || c == '&' || c == ':') KINDS[c] |= SUSPICIOUS;
            if ("@:([{".indexOf(c) >= 0) KINDS[c] |= PERSONAL;
            if ("./dD".indexOf(c) >= 0) KINDS[c] |= CLOSER;
        }
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
            if ((kind & CLOSER) != 0 && isTelling(text, i, c)) seen |= PERSONAL;
            before = kind;
        }
        longest = Math.max(longest, text.length() - start);
        boolean mayBeSuspicious = (seen & SUSPICIOUS) != 0 || longest >= SHORTEST_ENCODED
                || capitals >= FEWEST_CAPITALS || text.length() > Suspicion.LONG;
        return new TurnLook(words, (seen & PERSONAL) != 0 || digits >= FEWEST_DIGITS * DIGIT, mayBeSuspicious);
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
