package io.retort.curate;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How whole numbers are spread: counted one by one up to a bound, so that memory is bounded too. One thread while it is
 * added to.
 */
public final class Spread {
    private static final int BOUND = 4096;

    private final long[] counts = new long[BOUND + 1];
    private long number;
    private double sum;
    private long greatest;

    void add(long value) {
        counts[(int) Math.min(value, BOUND)]++;
        number++;
        sum += value;
        greatest = Math.max(greatest, value);
    }

    /** The arithmetic mean; 0 of no numbers. */
    public double mean() {
        return number == 0 ? 0 : sum / number;
    }

    /** The greatest of the numbers; 0 of none. */
    public long greatest() {
        return greatest;
    }

    /** The least value that a share of the numbers does not exceed, exact up to 4095. */
    public long quantile(double share) {
        long below = 0;
        for (int value = 0; value < BOUND; value++) {
            below += counts[value];
            if (below > 0 && below >= share * number) return value;
        }
        return greatest;
    }

    /** Mean, median, the value that 19 of 20 do not exceed, and the greatest, by these names. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("mean", Math.round(mean() * 100) / 100.0);
        values.put("median", quantile(0.5));
        values.put("p95", quantile(0.95));
        values.put("max", greatest);
        return values;
    }
}
