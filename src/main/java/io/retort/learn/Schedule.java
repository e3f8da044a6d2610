package io.retort.learn;

/**
 * How the learning rate changes: a factor of it for each step, a pure function of the step's number and of the
 * validations before it. All begin with a warm-up, in which the factor rises linearly from 0 at the first step to 1.
 * The factors are those of transformers' {@code get_…_schedule_with_warmup}, the plateau's those of PyTorch's {@code
 * ReduceLROnPlateau}. Immutable.
 */
public sealed interface Schedule {
    /** Number of steps over which the learning rate rises linearly from 0; 0 for none. */
    long warmUp();

    /**
     * The factor on the learning rate at a step after the warm-up.
     *
     * @param step from {@link #warmUp()} on
     */
    double decay(long step, ValidationHistory history);

    /**
     * The factor on the learning rate at any step, warm-up included.
     *
     * @param step    from 0
     * @param history of the validations before it
     */
    default double factor(long step, ValidationHistory history) {
        return step < warmUp() ? (double) step / warmUp() : decay(step, history);
    }

    /** A learning rate that stays constant after the warm-up. */
    record Constant(long warmUp) implements Schedule {
        @Override
        public double decay(long step, ValidationHistory history) {
            return 1;
        }
    }

    /**
     * A learning rate that falls linearly after the warm-up, to 0 after the last step.
     *
     * @param steps of the whole run
     */
    record Linear(long warmUp, long steps) implements Schedule {
        @Override
        public double decay(long step, ValidationHistory history) {
            return Math.max(0, (double) (steps - step) / Math.max(1, steps - warmUp));
        }
    }

    /**
     * A learning rate that falls along half a cosine after the warm-up, to 0 after the last step.
     *
     * @param steps of the whole run
     */
    record Cosine(long warmUp, long steps) implements Schedule {
        @Override
        public double decay(long step, ValidationHistory history) {
            double progress = Math.min(1, (double) (step - warmUp) / Math.max(1, steps - warmUp));
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    }

    /**
     * A learning rate that falls with the square root of the steps, to a half at four times the warm-up (of 10 000
     * steps if there is none).
     */
    record InverseSquareRoot(long warmUp) implements Schedule {
        private static final double USUAL = 10_000;

        @Override
        public double decay(long step, ValidationHistory history) {
            double scale = warmUp > 0 ? warmUp : USUAL;
            return 1 / Math.sqrt((step + scale - warmUp) / scale);
        }
    }

    /**
     * Falls by a factor whenever more than {@code patience} validations in a row were not better than the best before
     * them by one part in ten thousand. Validations within the warm-up do not count.
     */
    record ReduceOnPlateau(long warmUp, int patience, double factor) implements Schedule {
        private static final double THRESHOLD = 1e-4;

        @Override
        public double decay(long step, ValidationHistory history) {
            double rate = 1;
            double best = Double.NaN;
            int waited = 0;
            for (Validation validation : history.validations()) {
                if (validation.step() < warmUp) continue;
                if (isBetter(validation.metric(), best, history.greaterIsBetter())) {
                    best = validation.metric();
                    waited = 0;
                } else if (++waited > patience) {
                    rate *= factor;
                    waited = 0;
                }
            }
            return rate;
        }

        private static boolean isBetter(double metric, double best, boolean greater) {
            if (Double.isNaN(best)) return true;
            return greater ? metric > best * (1 + THRESHOLD) : metric < best * (1 - THRESHOLD);
        }
    }
}
