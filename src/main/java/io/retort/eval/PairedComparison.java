package io.retort.eval;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.apache.commons.math3.stat.inference.WilcoxonSignedRankTest;

/**
 * Whether model A beats model B on the same cases by more than chance.
 *
 * @param n number of cases to which the metric applies
 * @param difference value of A minus value of B
 * @param interval of the difference, by the paired bootstrap over contexts
 * @param bootstrapP two-sided: twice the smaller share of resamples on either side of no difference
 * @param wilcoxonP two-sided, Wilcoxon's signed-rank test on the cases that differ; 1 if none does
 */
public record PairedComparison(int n, double difference, Interval interval, double bootstrapP, double wilcoxonP) {
    private static final int EXACT_UP_TO = 15;

    /** Compares two models by one metric; case i of both lists is the same case. The seed moves the bootstrap only. */
    public static PairedComparison of(RankingMetric metric, List<ScoredCase> a, List<ScoredCase> b, long seed) {
        List<MetricShare> ofA = metric.shares(a);
        if (a.size() != b.size()) throw new IllegalArgumentException("the models were not scored on the same cases");
        if (ofA.isEmpty()) throw new IllegalArgumentException(metric.key() + " applies to none of the cases");
        return ofShares(ofA, metric.shares(b), seed);
    }

    /**
     * Compares two models by what each case adds to a metric, which may be the mean over several runs of a model; share
     * i of both lists belongs to the same case.
     */
    public static PairedComparison ofShares(List<MetricShare> ofA, List<MetricShare> ofB, long seed) {
        int n = ofA.size();
        boolean samePairs = n == ofB.size()
                && IntStream.range(0, n).allMatch(i -> ofA.get(i).whole() == ofB.get(i).whole());
        if (!samePairs) throw new IllegalArgumentException("the models were not scored on the same cases");
        if (n == 0) throw new IllegalArgumentException("no case to compare by");
        double[] resampled = Bootstrap.ratios(i -> ofA.get(i).part() - ofB.get(i).part(), i -> ofA.get(i).whole(), n,
                seed);
        return new PairedComparison(n, MetricShare.total(ofA) - MetricShare.total(ofB), Bootstrap.middle(resampled),
                bootstrapP(resampled), wilcoxonP(values(ofA), values(ofB)));
    }

    /** Compares two models by the means of any values; value i of both is that of the same case. */
    public static PairedComparison ofValues(double[] a, double[] b, long seed) {
        return ofShares(wholes(a), wholes(b), seed);
    }

    private static List<MetricShare> wholes(double[] values) {
        return DoubleStream.of(values).mapToObj(value -> new MetricShare(value, 1)).toList();
    }

    /** Whether chance alone would give such a difference in fewer than 5 % of tests, by both tests. */
    public boolean isSignificant() {
        return Math.max(bootstrapP, wilcoxonP) < 1 - Interval.LEVEL;
    }

    private static double[] values(List<MetricShare> shares) {
        return shares.stream().mapToDouble(MetricShare::value).toArray();
    }

    private static double bootstrapP(double[] differences) {
        long below = Arrays.stream(differences).filter(d -> d <= 0).count();
        long above = Arrays.stream(differences).filter(d -> d >= 0).count();
        // The sample itself counts as one more resample, so that p is never 0.
        return Math.min(1, 2.0 * (Math.min(below, above) + 1) / (differences.length + 1));
    }

    /** Cases that do not differ are left out, as Wilcoxon did; Commons Math would count them against one side. */
    static double wilcoxonP(double[] a, double[] b) {
        int[] differing = IntStream.range(0, a.length).filter(i -> a[i] != b[i]).toArray();
        if (differing.length == 0) return 1;
        double[] x = Arrays.stream(differing).mapToDouble(i -> a[i]).toArray();
        double[] y = Arrays.stream(differing).mapToDouble(i -> b[i]).toArray();
        long sizes = IntStream.range(0, x.length).mapToDouble(i -> Math.abs(x[i] - y[i])).distinct().count();
        boolean exact = x.length <= EXACT_UP_TO && sizes == x.length;
        return Math.min(1, new WilcoxonSignedRankTest().wilcoxonSignedRankTest(x, y, exact));
    }
}
