package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import java.util.List;

/**
 * What makes the one vector of a text out of the encoder's outputs for its tokens: poolings, whose results stand side by
 * side, then layers in order. Most models have one pooling and no layers.
 *
 * @param poolings one or more, in the order in which their results stand
 * @param layers work on the pooled vector; a training run trains them too
 * @param normalized whether the model's vectors have length 1. A model that ranks by cosine need not: its scores are
 *     those of vectors of length 1 all the same
 */
public record VectorHead(List<Pooling> poolings, List<Layer> layers, boolean normalized) {
    private static final int MOST_LAYERS = 64;
    private static final int WIDEST = 1 << 16;
    private static final int MOST_ELEMENTS = 1 << 30;

    /**
     * Checks the poolings and layers, which may come from an untrusted file.
     *
     * @throws IllegalArgumentException if there is no pooling, or too much of anything
     */
    public VectorHead {
        poolings = List.copyOf(poolings);
        layers = List.copyOf(layers);
        if (poolings.isEmpty()) throw new IllegalArgumentException("poolings: there is none");
        if (poolings.size() > MOST_LAYERS) {
            throw new IllegalArgumentException("poolings: " + poolings.size() + " are more than " + MOST_LAYERS);
        }
        if (layers.size() > MOST_LAYERS) {
            throw new IllegalArgumentException("layers: " + layers.size() + " are more than " + MOST_LAYERS);
        }
    }

    /** Returns a head with a single pooling and nothing after it but the scaling that the similarity asks for. */
    static VectorHead of(Pooling pooling, Similarity similarity) {
        return new VectorHead(List.of(pooling), List.of(), similarity == Similarity.COSINE);
    }

    /** Returns whether there is a single pooling and nothing after it. */
    public boolean isPlain() {
        return poolings.size() == 1 && layers.isEmpty();
    }

    /** Returns whether all poolings are weighted sums, through which gradients flow. */
    public boolean isTrainable() {
        return !poolings.contains(Pooling.MAXIMUM);
    }

    /** Returns the same head without the final scaling to length 1. */
    VectorHead unnormalized() {
        return new VectorHead(poolings, layers, false);
    }

    /** Returns the size of the pooled vector, before the layers, given the encoder's size. */
    int pooledDim(int hidden) {
        return Math.multiplyExact(poolings.size(), hidden);
    }

    /** Returns the size of the final vector, given the encoder's size. */
    int dim(int hidden) {
        int dim = pooledDim(hidden);
        for (Layer layer : layers) if (layer instanceof Dense dense) dim = dense.out();
        return dim;
    }

    /**
     * Checks that each layer takes what the one before it gives.
     *
     * @throws IllegalArgumentException if a layer does not take what the one before it gives
     */
    void requireFits(int hidden) {
        int dim = pooledDim(hidden);
        for (Layer layer : layers) {
            if (!(layer instanceof Dense dense)) continue;
            if (dense.in() != dim) {
                throw new IllegalArgumentException("a dense layer takes vectors of " + dense.in() + ", and is given "
                        + dim);
            }
            dim = dense.out();
        }
    }

    /**
     * Writes the layers to a graph.
     *
     * @param prefix prefix of the parameters' names
     * @param pooled {@code [batch, pooledDim]}
     * @return {@code [batch, dim]}
     */
    Node apply(Graph graph, String prefix, Node pooled) {
        Node x = pooled;
        int number = 0;
        for (Layer layer : layers) {
            x = switch (layer) {
                case Dense dense -> dense.apply(graph, prefix + parameter(number++), x);
                case Normalize _ -> unit(graph, x);
            };
        }
        return x;
    }

    /** Returns the prefix under which a dense layer has its parameters, {@code weight} and {@code bias}. */
    public static String parameter(int number) {
        return "dense." + number;
    }

    /** Scales each row to length 1. */
    static Node unit(Graph graph, Node rows) {
        Node squares = graph.sum(graph.multiply(rows, rows), 1, true);
        return graph.divide(rows, graph.squareRoot(graph.add(squares, 1e-24)));
    }

    /** One step of what follows pooling, applied to the pooled vector. */
    public sealed interface Layer {
    }

    /**
     * Scales the vector to length 1 before further layers; a scaling at the end is {@link VectorHead#normalized}
     * instead.
     */
    public record Normalize() implements Layer {
    }

    /**
     * Applies a dense layer, {@code a(W x + b)}, with an activation a.
     *
     * @param bias whether there is a b
     */
    public record Dense(int in, int out, boolean bias, DenseActivation activation) implements Layer {
        /**
         * Checks the sizes.
         *
         * @throws IllegalArgumentException if the sizes are those of no layer
         */
        public Dense {
            if (in < 1 || out < 1 || in > WIDEST || out > WIDEST || (long) in * out > MOST_ELEMENTS) {
                throw new IllegalArgumentException("a dense layer from " + in + " to " + out + " dims");
            }
        }

        private Node apply(Graph graph, String name, Node x) {
            Node y = bias ? Layers.linear(graph, name, x, in, out) : Layers.projection(graph, name, x, in, out);
            return activation.apply(graph, y);
        }
    }
}
