package io.retort.lm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How a model turns more slowly than the plain rotation, so that its texts can be longer than those that it was first
 * trained on. Immutable.
 */
public interface RotaryScaling {
    /** Leaves the rotation as it is. */
    RotaryScaling NONE = new None();

    /** Returns the rotation of a base and a number of dimensions, scaled. */
    Rotation of(double theta, int dims);

    /** Returns the fields of {@code rope_scaling} in the Hub's configuration; empty for no scaling. */
    Map<String, Object> json();

    /** Returns the longest text, in tokens, that the scaling holds for, where it does not hold for the model's longest. */
    default OptionalInt longest() {
        return OptionalInt.empty();
    }

    /** The scaling of a model whose texts are no longer than those that it was first trained on. */
    record None() implements RotaryScaling {
        @Override
        public Rotation of(double theta, int dims) {
            return new Rotation.Plain(theta, dims);
        }

        @Override
        public Map<String, Object> json() {
            return Map.of();
        }
    }

    /** All frequencies are divided by one factor (Chen et al. 2023). */
    record Linear(double factor) implements RotaryScaling {
        @Override
        public Rotation of(double theta, int dims) {
            Rotation plain = NONE.of(theta, dims);
            return new Scaled(dims, 1, j -> plain.frequency(j) / (float) factor);
        }

        @Override
        public Map<String, Object> json() {
            return Map.of("rope_type", "linear", "factor", factor);
        }
    }

    /**
     * Llama 3.1's way: what turns less than {@code low} times within the original context is slowed down by the factor,
     * what turns more than {@code high} times stays, and between them the change is gradual.
     *
     * @param original context in tokens
     */
    record Llama3(double factor, double low, double high, int original) implements RotaryScaling {
        @Override
        public Rotation of(double theta, int dims) {
            Rotation plain = NONE.of(theta, dims);
            return new Scaled(dims, 1, j -> scaled(plain.frequency(j)));
        }

        private float scaled(float frequency) {
            double length = 2 * Math.PI / frequency;
            if (length < original / high) return frequency;
            if (length > original / low) return (float) (frequency / factor);
            double smooth = (original / length - low) / (high - low);
            return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
        }

        @Override
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rope_type", "llama3");
            json.put("factor", factor);
            json.put("low_freq_factor", low);
            json.put("high_freq_factor", high);
            json.put("original_max_position_embeddings", original);
            return json;
        }
    }

    /**
     * NTK's way, whose factors depend on the length of the text (bloc97 2023): within the model's longest text, which is
     * where texts end here, it leaves the rotation as it is.
     *
     * @param factor kept for files alone
     */
    record Dynamic(double factor) implements RotaryScaling {
        @Override
        public Rotation of(double theta, int dims) {
            return NONE.of(theta, dims);
        }

        @Override
        public Map<String, Object> json() {
            return Map.of("rope_type", "dynamic", "factor", factor);
        }
    }

    /**
     * YaRN (Peng et al. 2023): pairs that turn less than {@code slow} times within the original context are slowed down by
     * the factor, those that turn more than {@code fast} times stay, and between them the change is gradual by the pairs'
     * numbers.
     *
     * @param original  context in tokens
     * @param truncated whether the two bounds are rounded to whole numbers of pairs, outwards
     * @param amplitude factor of the turned coordinates
     */
    record Yarn(double factor, double fast, double slow, int original, boolean truncated, double amplitude)
            implements
                RotaryScaling {
        /** Turns as far as the method's authors recommend. */
        static final double FAST = 32;
        static final double SLOW = 1;

        public Yarn {
            DecoderConfig.require(factor > 0 && fast > 0 && slow > 0 && original > 0, "YaRN by a factor of " + factor
                    + " between " + slow + " and " + fast + " turns in " + original + " tokens is none");
        }

        /** Returns the factor of the turned coordinates that the method's authors recommend, strengthened by a weight. */
        static double amplitude(double factor, double weight) {
            return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
        }

        @Override
        public Rotation of(double theta, int dims) {
            double from = pair(fast, theta, dims), to = pair(slow, theta, dims);
            float first = (float) Math.max(truncated ? Math.floor(from) : from, 0);
            float last = (float) Math.min(truncated ? Math.ceil(to) : to, dims - 1);
            float width = first == last ? 0.001f : last - first;
            return new Scaled(dims, (float) amplitude, j -> {
                float power = (float) Math.pow(theta, (float) (2 * j) / dims);
                float kept = 1 - Math.clamp((j - first) / width, 0, 1);
                return 1 / ((float) factor * power) * (1 - kept) + 1 / power * kept;
            });
        }

        /** Returns the number of the pair of dimensions, with fractions, that turns this often in the original context. */
        private double pair(double turns, double theta, int dims) {
            return dims * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        @Override
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rope_type", "yarn");
            json.put("factor", factor);
            json.put("beta_fast", fast);
            json.put("beta_slow", slow);
            json.put("original_max_position_embeddings", original);
            json.put("truncate", truncated);
            json.put("attention_factor", amplitude);
            return json;
        }
    }

    /**
     * Each frequency is divided by a factor of its own: LongRoPE (Ding et al. 2024), and what llama.cpp makes of other
     * scalings. The factors hold up to the original context; beyond it such a model has others, so that texts end there.
     *
     * @param divisors  of each pair of dimensions, within the original context
     * @param beyond    those of longer texts, which are kept for files alone; empty if there are none
     * @param original  context in tokens; 0 if the divisors hold for every length
     * @param amplitude factor of the turned coordinates
     */
    record Each(List<Float> divisors, List<Float> beyond, int original, double amplitude) implements RotaryScaling {
        public Each {
            divisors = List.copyOf(divisors);
            beyond = List.copyOf(beyond);
        }

        /** The same factors, times one, for texts of every length. */
        static Each of(float[] divisors, double factor) {
            List<Float> each = new ArrayList<>();
            for (float divisor : divisors) each.add((float) (divisor * factor));
            return new Each(each, List.of(), 0, 1);
        }

        @Override
        public Rotation of(double theta, int dims) {
            DecoderConfig.require(divisors.size() == dims / 2, "there are " + divisors.size()
                    + " factors of rotation for " + dims / 2 + " pairs of dimensions");
            for (float divisor : divisors) {
                DecoderConfig.require(divisor > 0 && divisor < Float.POSITIVE_INFINITY,
                        "a factor of rotation is " + divisor);
            }
            return new Scaled(dims, (float) amplitude, j -> 1
                    / (divisors.get(j) * (float) Math.pow(theta, (float) (2 * j) / dims)));
        }

        @Override
        public OptionalInt longest() {
            return original == 0 ? OptionalInt.empty() : OptionalInt.of(original);
        }

        @Override
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rope_type", "longrope");
            json.put("short_factor", divisors);
            json.put("long_factor", beyond.isEmpty() ? divisors : beyond);
            json.put("attention_factor", amplitude);
            if (original > 0) json.put("original_max_position_embeddings", original);
            return json;
        }
    }

    /** A rotation by its frequencies. */
    final class Scaled implements Rotation {
        private final int dims;
        private final float amplitude;
        private final Frequency frequency;

        /** The angle from one token to the next of a pair of dimensions. */
        @FunctionalInterface
        interface Frequency {
            float of(int pair);
        }

        private Scaled(int dims, float amplitude, Frequency frequency) {
            this.dims = dims;
            this.amplitude = amplitude;
            this.frequency = frequency;
        }

        @Override
        public int dims() {
            return dims;
        }

        @Override
        public float frequency(int j) {
            return frequency.of(j);
        }

        @Override
        public float amplitude() {
            return amplitude;
        }
    }
}
