package io.retort.distill;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fewest and the most turns that dialogues are made with; written as {@code 4..8}.
 *
 * @param fewest 2 or more
 * @param most   {@value #MOST} or fewer
 */
public record TurnRange(int fewest, int most) {
    /** The most turns that a dialogue may be made with. */
    public static final int MOST = 100;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,3})\\.\\.(\\d{1,3})");

    /** @throws IllegalArgumentException if a number is out of its range */
    public TurnRange {
        if (fewest < 2 || most < fewest || most > MOST) {
            throw new IllegalArgumentException("dialogues of " + fewest + " to " + most + " turns: use 2 to " + MOST);
        }
    }

    /**
     * Reads a range as {@link #toString} writes it.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static TurnRange parse(String text) {
        Matcher range = RANGE.matcher(text);
        if (!range.matches()) throw new IllegalArgumentException("'" + text + "' is no range of turns: write 4..8");
        return new TurnRange(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
    }

    @Override
    public String toString() {
        return fewest + ".." + most;
    }
}
