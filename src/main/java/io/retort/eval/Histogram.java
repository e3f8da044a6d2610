package io.retort.eval;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * How numbers are spread: bins of equal width from the least to the greatest. The array is the record's own.
 *
 * @param counts of each bin; a number on an edge belongs to the bin above, the greatest to the last
 */
public record Histogram(double least, double mean, double greatest, int[] counts) {
    /**
     * Counts values in bins of equal width.
     *
     * @param values at least one, all finite
     */
    public static Histogram of(double[] values, int bins) {
        if (values.length == 0 || bins < 1) throw new IllegalArgumentException(values.length + " into " + bins);
        DoubleSummaryStatistics summary = Arrays.stream(values).summaryStatistics();
        int[] counts = new int[bins];
        double width = (summary.getMax() - summary.getMin()) / bins;
        for (double value : values) {
            int bin = width > 0 ? (int) ((value - summary.getMin()) / width) : 0;
            counts[Math.min(bin, bins - 1)]++;
        }
        return new Histogram(summary.getMin(), summary.getAverage(), summary.getMax(), counts);
    }

    /** The lower edge of a bin, counted from 0; that of the bin after the last is the greatest value. */
    public double edge(int bin) {
        return least + (greatest - least) * bin / counts.length;
    }

    /** The histogram as plain JSON values: {@code min}, {@code mean}, {@code max} and {@code counts}. */
    public SequencedMap<String, Object> values() {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("min", least);
        values.put("mean", mean);
        values.put("max", greatest);
        values.put("counts", List.of(Arrays.stream(counts).boxed().toArray()));
        return values;
    }
}
