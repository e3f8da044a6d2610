package io.retort.generate;

import io.retort.settings.InvalidSetting;

/**
 * How tokens are chosen. All semantics are those of transformers' {@code generate}, so that greedy and beam texts are
 * the same as there.
 */
public sealed interface Decoding {
    /**
     * Greedy search: the most probable token each time, of equals the one with the smallest id. It gives one completion
     * for each prompt.
     */
    record Greedy() implements Decoding {
    }

    /**
     * Beam search; the completions of a prompt are its best hypotheses.
     *
     * @param width         hypotheses under way at a time, 1 or more
     * @param lengthPenalty a finished hypothesis is ranked by its log-probability over its length to this power:
     * greater
     *                      favours longer ones, 0 does not look at the length
     * @param patience      when the search ends
     */
    record Beam(int width, double lengthPenalty, Patience patience) implements Decoding {
        /** The widest beam that is allowed. */
        public static final int WIDEST = 1024;

        /** @throws InvalidSetting if a value is out of its range */
        public Beam {
            InvalidSetting.unless(width >= 1 && width <= WIDEST, "width", width, "use 1 to " + WIDEST);
            requireFinite("lengthPenalty", lengthPenalty);
        }

        /** A beam as transformers has it by default: length penalty 1, {@link Patience#HEURISTIC}. */
        public static Beam of(int width) {
            return new Beam(width, 1, Patience.HEURISTIC);
        }
    }

    /** When a beam search ends that has as many finished hypotheses as it is wide ({@code early_stopping}). */
    enum Patience {
        /** The search ends at once ({@code True}). */
        NONE,
        /**
         * The search ends when the best hypothesis under way, finished as it stands, would rank below them ({@code
         * False}).
         */
        HEURISTIC,
        /**
         * The search ends when no hypothesis under way can rank above them, however long it grows ({@code "never"}).
         */
        FULL
    }

    /**
     * Draws each token from the model's distribution, cut to its likely part. Deterministic: the draws of a completion
     * depend on the seed, the request's id and the completion's number alone.
     *
     * @param temperature logits are divided by it, more than 0
     * @param topK        only the k most probable tokens and what equals the last of them; 0 for no limit
     * @param topP        only the most probable tokens that have this much probability together, over 0, at most 1
     * @param seed        of all draws
     */
    record Sampling(double temperature, int topK, double topP, long seed) implements Decoding {
        /** @throws InvalidSetting if a value is out of its range */
        public Sampling {
            requireFinite("temperature", temperature);
            InvalidSetting.unless(temperature >= 1e-3, "temperature", temperature, "use 0.001 or more, or greedy");
            InvalidSetting.unless(topK >= 0, "topK", topK, "use 1 or more, or 0 for no limit");
            InvalidSetting.unless(topP > 0 && topP <= 1, "topP", topP, "use more than 0 and at most 1");
        }
    }

    /** Number of rows of the model's batch that one search takes: a beam's width, else 1. */
    default int rows() {
        return this instanceof Beam beam ? beam.width : 1;
    }

    private static void requireFinite(String parameter, double value) {
        InvalidSetting.unless(Double.isFinite(value), parameter, value, "use a finite number");
    }
}
