package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.exception.MaxCountExceededException;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Makes vectors shorter, so that their dot products never fall: the directions in which rows are longest, and one
 * more number for the length of all that lies elsewhere. Vectors of an encoder lie in far fewer directions than they
 * have dims; rows that are long in every direction have no such axes.
 *
 * <p><b>The bound.</b> Let V {@code [axes, dims]} be the axes as stored, {@code E = V V' - I} with norm at most η, z
 * the stored projection of x with {@code |z - Vx| <= κ |x|}, and {@code r = x - V'Vx}. Then
 *
 * <pre>
 *   x . y   = Vx . Vy + r_x . r_y - Vx . E Vy     &lt;= z_x . z_y + |r_x| |r_y| + (2κ(1 + κ + η) + η(1 + η)²) |x| |y|
 *   |r_x|²  = |x|² - |Vx|² + Vx . E Vx            &lt;= |x|² - |z_x|² + (2κ(1 + κ + η) + η(1 + η)) |x|²
 * </pre>
 *
 * <p>Call the two factors t and s; t also gets γ, by which a score may be above {@code x . y} ({@link Kernels}). With
 * {@code ρ² = max(0, |x|² - |z|²) + (s + t) |x|²}, by Cauchy and Schwarz for pairs of numbers,
 *
 * <pre>
 *   ρ_x ρ_y &gt;= |r_x| |r_y| + t |x| |y|,  so  (z_x, ρ_x) . (z_y, ρ_y) &gt;= score(x, y)
 * </pre>
 *
 * <p>up to {@code 2^-134} for underflow, as in {@link io.retort.simd.Int8Rows}, which has it in hand. Vectors too short
 * for floats to be exact in that sense have z = 0 and {@code ρ = |x| / sqrt(s + t)}, since
 * {@code ρ_y >= sqrt(s + t) |y|} for all. Immutable; any thread.
 */
final class PrincipalAxes {
    /** Number of rows that are sampled to find the axes. */
    private static final int SAMPLE = 4096;
    /** The most dimensions for which axes are looked for: beyond, that takes longer than they save, and much memory. */
    private static final int MOST_DIMS = 2048;
    /** The number of dimensions of shortened vectors is a multiple of this. */
    private static final int STEP = 32;
    /**
     * The greatest share of the squared lengths that may lie off the axes: with more, too many rows must be scored
     * again.
     */
    private static final double ELSEWHERE = 0.10;
    /** Length below which products of rounded numbers are no longer precise. */
    private static final double SHORT = 1e-25;
    private static final double UNIT = 0x1p-24;
    /** A factor greater than what sums of 65536 doubles can lose by rounding. */
    private static final double UP = 1 + 0x1p-19;

    private final Rows axes;
    private final Kernels kernels;
    /** s + t. */
    private final double slack;

    private PrincipalAxes(float[] axes, int count, int dims, Kernels kernels) {
        this.axes = new Rows(MemorySegment.ofArray(axes), count, dims);
        this.kernels = kernels;
        this.slack = slack(axes, count, dims);
    }

    /** The axes of some rows; empty if they are no shorter than half of what there is. */
    static Optional<PrincipalAxes> of(Rows rows, Kernels kernels) {
        int dims = rows.dims();
        if (dims < 4 * STEP || dims > MOST_DIMS || rows.count() < dims) return Optional.empty();
        EigenDecomposition decomposition;
        try {
            decomposition = new EigenDecomposition(new Array2DRowRealMatrix(moments(rows), false));
        } catch (MaxCountExceededException e) {
            return Optional.empty(); // it does not converge for some, say a few rows repeated
        }
        double[] lengths = decomposition.getRealEigenvalues();
        int[] order = IntStream.range(0, dims).boxed().sorted((a, b) -> Double.compare(lengths[b], lengths[a]))
                .mapToInt(Integer::intValue).toArray();
        double left = Arrays.stream(lengths).sum(), most = ELSEWHERE * left;
        if (!(left > 0) || Double.isInfinite(left)) return Optional.empty();
        int count = 0;
        while (count < dims && (left > most || (count + 1) % STEP != 0)) left -= lengths[order[count++]];
        if (count + 1 > dims / 2) return Optional.empty();
        PrincipalAxes found = new PrincipalAxes(stored(decomposition, order, count), count, dims, kernels);
        return found.slack < 0.01 ? Optional.of(found) : Optional.empty(); // not so for axes that are not orthogonal
    }

    private static float[] stored(EigenDecomposition decomposition, int[] order, int count) {
        int dims = order.length;
        float[] axes = new float[count * dims];
        for (int a = 0; a < count; a++) {
            double[] axis = decomposition.getEigenvector(order[a]).toArray();
            for (int d = 0; d < dims; d++) axes[a * dims + d] = (float) axis[d];
        }
        return axes;
    }

    /** Sums of products of dims over a sample of rows, each brought to length 1, so that none counts more. */
    private static double[][] moments(Rows rows) {
        int dims = rows.dims(), count = Math.min(SAMPLE, rows.count());
        double[][] moments = new double[dims][dims];
        float[] x = new float[dims];
        for (int i = 0; i < count; i++) {
            int row = (int) ((long) i * rows.count() / count);
            rows.read(row, x);
            double squares = squares(x, dims);
            if (squares < SHORT * SHORT) continue;
            for (int a = 0; a < dims; a++) {
                double factor = x[a] / squares;
                double[] moment = moments[a];
                for (int b = 0; b <= a; b++) moment[b] += factor * x[b];
            }
        }
        for (int a = 0; a < dims; a++) {
            for (int b = 0; b < a; b++) moments[b][a] = moments[a][b];
        }
        return moments;
    }

    private static double slack(float[] axes, int count, int dims) {
        double eta = 0, longest = 0;
        for (int a = 0; a < count; a++) {
            for (int b = 0; b <= a; b++) {
                double dot = 0;
                for (int d = 0; d < dims; d++) dot += (double) axes[a * dims + d] * axes[b * dims + d];
                if (a == b) longest = Math.max(longest, Math.sqrt(dot));
                double off = a == b ? dot - 1 : dot;
                eta += (a == b ? 1 : 2) * off * off;
            }
        }
        eta = Math.sqrt(eta) * UP;
        double roundings = ((dims + 15) / 16 + 4) * UNIT;
        double gamma = roundings / (1 - roundings);
        double kappa = Math.sqrt(count) * gamma * longest * UP + 0x1p-20; // the latter for what underflows
        double s = 2 * kappa * (1 + kappa + eta) + eta * (1 + eta);
        double t = 2 * kappa * (1 + kappa + eta) + eta * (1 + eta) * (1 + eta) + gamma;
        return (s + t) * 1.01;
    }

    /** Number of dimensions of a shortened vector: one for each axis, and one more. */
    int dims() {
        return axes.count() + 1;
    }

    /** Returns a vector, be it a row or a query, in its shortened form. */
    float[] shortened(float[] x) {
        int count = axes.count();
        float[] z = new float[count + 1];
        double squares = squares(x, x.length);
        double rest = squares / slack;
        if (squares >= SHORT * SHORT) {
            kernels.scores(axes, 0, count, x, z);
            rest = Math.max(0, squares - squares(z, count)) + slack * squares;
        }
        z[count] = Math.nextUp((float) (Math.sqrt(rest) * UP));
        return z;
    }

    private static double squares(float[] x, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += (double) x[i] * x[i];
        return sum;
    }
}
