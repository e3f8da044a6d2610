package io.retort.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.ConfigFields;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * How a student scores a reply for a context, given the outputs of its encoders: R(c, r), at work and in training. A form
 * is written once, as a graph, and may declare parameters of its own, which are trained, saved and loaded with the
 * encoders'. Replies always have one vector, which does not depend on the context, so that it is computed once and kept.
 *
 * <p>A form is one class, an immutable record of its settings, found by the name that {@code config.json} says
 * ({@link ScoringForms}).
 */
public interface ScoringForm {
    /**
     * A kind of scoring form: all forms that differ in their settings alone.
     *
     * @param name as {@code config.json} has it
     * @param read makes a form of the settings there; throws {@link IllegalArgumentException} where they are none
     */
    record Kind(String name, Function<Settings, ScoringForm> read) {
    }

    /**
     * The settings of a form in a {@code config.json}. A setting of the wrong type is an error that names file and key.
     */
    final class Settings {
        private final ConfigFields fields;
        private final JsonNode node;

        public Settings(ConfigFields fields, JsonNode node) {
            this.fields = fields;
            this.node = node;
        }

        public int integer(String key, int absent) {
            return fields.integer(node, key, absent);
        }

        public double number(String key, double absent) {
            return fields.number(node, key, absent);
        }

        public boolean flag(String key, boolean absent) {
            return fields.flag(node, key, absent);
        }
    }

    /** Returns the kind of this form: its name, and what reads it. */
    Kind kind();

    /**
     * Returns the form's settings, as {@link Kind#read} takes them: whole numbers, numbers or booleans, under names
     * that nothing else in the object {@code "retort"} of {@code config.json} has.
     */
    Map<String, Object> settings();

    /** Returns what makes several vectors of a context; empty where a context has one vector, as a reply does. */
    default Optional<ContextVectors> contextVectors() {
        return Optional.empty();
    }

    /** Makes several vectors of a context from the outputs for all its tokens. */
    interface ContextVectors {
        /** Returns how many vectors a context has. */
        int count();

        /**
         * Writes the making of these vectors at the end of the context encoder's graph, where it may declare
         * parameters.
         *
         * @param hidden the encoder's outputs, {@code [batch, time, dim]}
         * @param mask   {@code [batch, 1, 1, time]}, 0 for tokens and a large negative number for padding
         * @return {@code [batch, count, dim]}
         */
        Node of(Graph graph, Node hidden, Node mask, int dim);
    }

    /**
     * Writes the scores of every reply for every context to the graph, differentiable with respect to both. It may
     * declare parameters.
     *
     * @param contexts {@code [contexts, dim]}, or {@code [contexts, count, dim]} where there are {@link
     *     #contextVectors}
     * @param replies  {@code [replies, dim]}
     * @return {@code [contexts, replies]}
     */
    Node scores(Graph graph, Node contexts, Node replies, int dim);

    /**
     * Writes the scores of every reply for a single context, for which a form may have a faster way than {@link
     * #scores}.
     *
     * @param context {@code [1, dim]}, or {@code [1, count, dim]} where there are {@link #contextVectors}
     * @param replies {@code [replies, dim]}
     * @return {@code [1, replies]}
     */
    default Node scoresOfOne(Graph graph, Node context, Node replies, int dim) {
        return scores(graph, context, replies, dim);
    }

    /**
     * Returns whether R is the dot product of the two vectors. Replies are then found by search over their vectors and
     * need not all be scored.
     */
    default boolean isDotProduct() {
        return false;
    }

    /** Returns whether the form works with vectors of this similarity; with the cosine, all have length 1. */
    default boolean takes(Similarity similarity) {
        return true;
    }

    /** Returns the similarity of vectors where a configuration does not say. */
    default Similarity usualSimilarity() {
        return Similarity.DOT;
    }

    /** Returns the factor of scores in losses where the settings of a training run do not say. */
    default double usualScale(Similarity similarity) {
        return 1;
    }

    /**
     * Returns the first value of one of the form's own parameters, for a training run whose base model lacks it. By
     * default it is normal, of standard deviation {@code 1 / √columns}.
     */
    default Tensor initial(String parameter, Shape shape, Random random) {
        double deviation = 1 / Math.sqrt(shape.dim(-1));
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) values[i] = (float) (deviation * random.nextGaussian());
        return Tensor.of(values, shape.toArray());
    }
}
