package io.retort.tensor;

/**
 * Makes names out of untrusted files fit for a message: short, and without control characters that a terminal would
 * obey.
 */
final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    static String name(String name) {
        StringBuilder quoted = new StringBuilder("'");
        name.codePoints().limit(LONGEST).map(c -> Character.isISOControl(c) ? '?' : c).forEach(quoted::appendCodePoint);
        return quoted.append(name.codePointCount(0, name.length()) > LONGEST ? "…'" : "'").toString();
    }
}
