package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The function that a dense layer applies to each element of its result, named after the PyTorch module that computes
 * it.
 */
public enum DenseActivation {
    /** The identity, {@code x}. */
    IDENTITY("Identity"),
    /** The hyperbolic tangent, {@code tanh(x)}. */
    TANH("Tanh"),
    /** The exact GELU, {@code x Φ(x)}. */
    GELU("GELU"),
    /** The rectifier, {@code max(x, 0)}. */
    RELU("ReLU"),
    /** The logistic function, {@code 1 / (1 + e^-x)}. */
    SIGMOID("Sigmoid"),
    /** The sigmoid-weighted unit, {@code x / (1 + e^-x)}. */
    SILU("SiLU");

    /** Added to squares so that the gradient of the square root is finite at 0; lost beside any x² that counts. */
    private static final double LEAST_SQUARE = 1e-36;

    private final String torch;

    DenseActivation(String torch) {
        this.torch = torch;
    }

    /** Returns the name of PyTorch's module, such as {@code Tanh}. */
    String torchName() {
        return torch;
    }

    /** Returns the full class path of PyTorch's module, as sentence-transformers writes it. */
    public String torchPath() {
        return "torch.nn.modules." + (this == IDENTITY ? "linear." : "activation.") + torch;
    }

    /**
     * Returns the activation that a PyTorch class path names, in the spelling of old or new versions; empty for an
     * unknown one.
     */
    public static Optional<DenseActivation> ofTorchPath(String path) {
        if (!path.startsWith("torch.nn.")) return Optional.empty();
        String name = path.substring(path.lastIndexOf('.') + 1);
        return Arrays.stream(values()).filter(activation -> activation.torch.equals(name)).findFirst();
    }

    public static List<String> torchNames() {
        return Arrays.stream(values()).map(DenseActivation::torchName).toList();
    }

    Node apply(Graph graph, Node x) {
        return switch (this) {
            case IDENTITY -> x;
            case TANH -> graph.tanh(x);
            case GELU -> Layers.gelu(graph, x);
            case RELU -> graph.multiply(graph.add(x, magnitude(graph, x)), 0.5);
            case SIGMOID -> graph.sigmoid(x);
            case SILU -> Layers.silu(graph, x);
        };
    }

    /** Computes {@code |x|}, for which the engines have no operation. */
    private static Node magnitude(Graph graph, Node x) {
        return graph.squareRoot(graph.add(graph.multiply(x, x), LEAST_SQUARE));
    }
}
