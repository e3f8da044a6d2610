package io.retort.teacher.remote;

import java.util.Locale;

/**
 * What a server asks for a million tokens, in whatever money its owner counts.
 *
 * @param read    for tokens that it reads
 * @param written for tokens that it writes
 */
public record Price(double read, double written) {
    private static final double MILLION = 1e6;

    /** @throws IllegalArgumentException if an amount is negative or not finite */
    public Price {
        if (!(read >= 0 && written >= 0 && Double.isFinite(read) && Double.isFinite(written))) {
            throw new IllegalArgumentException("price is " + read + "/" + written + ", not two amounts of 0 or more");
        }
    }

    /**
     * Reads a price such as {@code 0.15/0.60}, or one amount for both.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Price parse(String text) {
        String[] parts = text.strip().split("/", -1);
        try {
            double read = Double.parseDouble(parts[0]);
            if (parts.length <= 2) return new Price(read, parts.length == 1 ? read : Double.parseDouble(parts[1]));
        } catch (NumberFormatException e) {
            // The refusal below says what a price looks like.
        }
        throw new IllegalArgumentException("'" + text + "' is no price; write what a million tokens cost that are read "
                + "and that are written, such as 0.15/0.60");
    }

    /** What so many tokens cost. */
    public double of(long tokensRead, long tokensWritten) {
        return (tokensRead * read + tokensWritten * written) / MILLION;
    }

    /** The price as {@link #parse} reads it. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s/%s", read, written);
    }
}
