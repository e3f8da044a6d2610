package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/** The non-linearity between the two halves of a feed-forward block, by its name in {@code hidden_act}. */
public enum Activation {
    /** Exact, from the error function: {@code "gelu"}. */
    GELU("gelu") {
        @Override
        Node apply(Graph graph, Node x) {
            return Layers.gelu(graph, x);
        }
    },
    /** The tanh approximation: {@code "gelu_new"}, {@code "gelu_pytorch_tanh"}. */
    GELU_TANH("gelu_new") {
        @Override
        Node apply(Graph graph, Node x) {
            return Layers.geluTanh(graph, x);
        }
    };

    private final String hubName;

    Activation(String hubName) {
        this.hubName = hubName;
    }

    abstract Node apply(Graph graph, Node x);

    /** The name written into {@code config.json}. */
    public String hubName() {
        return hubName;
    }
}
