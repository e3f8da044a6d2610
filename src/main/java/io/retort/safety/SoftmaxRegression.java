package io.retort.safety;

import io.retort.safety.SafetyClassifier.Example;
import java.util.List;

/**
 * Multinomial logistic regression with a quadratic penalty, fitted by Adam over all examples at once: a few thousand
 * vectors take seconds.
 */
final class SoftmaxRegression {
    private static final int STEPS = 300;
    private static final double RATE = 0.1, PENALTY = 2e-5, FIRST_DECAY = 0.9, SECOND_DECAY = 0.99, TINY = 1e-8;

    private SoftmaxRegression() {}

    /** The weights of each kind, the bias last. */
    static double[][] fit(List<Example> examples, int kinds) {
        int dims = examples.getFirst().vector().length;
        int[] counts = new int[kinds];
        for (Example example : examples) counts[example.kind().ordinal()]++;
        double[][] weights = new double[kinds][dims + 1], first = new double[kinds][dims + 1],
                second = new double[kinds][dims + 1];
        for (int step = 1; step <= STEPS; step++) {
            double[][] gradient = gradient(weights, examples, counts);
            for (int kind = 0; kind < kinds; kind++) {
                for (int j = 0; j <= dims; j++) {
                    double g = gradient[kind][j] + (j < dims ? PENALTY * weights[kind][j] : 0);
                    first[kind][j] = FIRST_DECAY * first[kind][j] + (1 - FIRST_DECAY) * g;
                    second[kind][j] = SECOND_DECAY * second[kind][j] + (1 - SECOND_DECAY) * g * g;
                    double mean = first[kind][j] / (1 - Math.pow(FIRST_DECAY, step));
                    double square = second[kind][j] / (1 - Math.pow(SECOND_DECAY, step));
                    weights[kind][j] -= RATE * mean / (Math.sqrt(square) + TINY);
                }
            }
        }
        return weights;
    }

    /** Of the mean loss, in which each kind counts alike. */
    private static double[][] gradient(double[][] weights, List<Example> examples, int[] counts) {
        int kinds = weights.length, dims = weights[0].length - 1;
        double[][] gradient = new double[kinds][dims + 1];
        for (Example example : examples) {
            float[] vector = example.vector();
            double[] shares = shares(weights, vector);
            double weight = 1.0 / (kinds * counts[example.kind().ordinal()]);
            for (int kind = 0; kind < kinds; kind++) {
                double error = weight * (shares[kind] - (kind == example.kind().ordinal() ? 1 : 0));
                double[] its = gradient[kind];
                for (int j = 0; j < dims; j++) its[j] += error * vector[j];
                its[dims] += error;
            }
        }
        return gradient;
    }

    /** How likely a vector is of each kind. */
    static double[] shares(double[][] weights, float[] vector) {
        double[] shares = new double[weights.length];
        double most = Double.NEGATIVE_INFINITY, sum = 0;
        for (int kind = 0; kind < shares.length; kind++) {
            double[] its = weights[kind];
            double logit = its[vector.length];
            for (int j = 0; j < vector.length; j++) logit += its[j] * vector[j];
            shares[kind] = logit;
            most = Math.max(most, logit);
        }
        for (int kind = 0; kind < shares.length; kind++) sum += shares[kind] = Math.exp(shares[kind] - most);
        for (int kind = 0; kind < shares.length; kind++) shares[kind] /= sum;
        return shares;
    }
}
