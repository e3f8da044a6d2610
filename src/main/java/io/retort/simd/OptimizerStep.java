package io.retort.simd;

/**
 * Numbers of one step of an optimiser, ready for {@link OptimizerKernels}.
 *
 * @param gradientScale  what gradients are multiplied by first: 1, or less to clip their norm
 * @param learningRate   of this step
 * @param beta1          decay of the first moment
 * @param beta2          decay of the second moment, or of the infinity norm
 * @param epsilon        keeps divisors from 0
 * @param weightDecay    0 for none
 * @param biasCorrection1 {@code 1 - beta1^t} at step t = 1, 2, ...
 * @param biasCorrection2 {@code 1 - beta2^t}
 */
public record OptimizerStep(float gradientScale, float learningRate, float beta1, float beta2, float epsilon,
        float weightDecay, float biasCorrection1, float biasCorrection2) {
    /**
     * The numbers of step {@code step}.
     *
     * @param step          counted from 1
     * @param gradientScale what gradients are multiplied by first
     */
    public static OptimizerStep at(long step, double gradientScale, double learningRate, double beta1, double beta2,
            double epsilon, double weightDecay) {
        if (step < 1) throw new IllegalArgumentException("step " + step);
        return new OptimizerStep((float) gradientScale, (float) learningRate, (float) beta1, (float) beta2,
                (float) epsilon, (float) weightDecay, (float) (1 - Math.pow(beta1, step)),
                (float) (1 - Math.pow(beta2, step)));
    }
}
