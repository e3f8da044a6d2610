package io.retort.text.template;

/** Bounds the work of one rendering: each step costs one, text its length as often as it is copied or compared. */
final class Fuel {
    private static final long TANK = 1L << 25;

    private final Source source;
    private long left = TANK;

    Fuel(Source source) {
        this.source = source;
    }

    void burn(long amount, int at) {
        left -= amount;
        if (left < 0) throw source.fault(at, "it does too much work for these messages");
    }
}
