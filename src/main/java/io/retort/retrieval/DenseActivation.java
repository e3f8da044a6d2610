package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The function after a dense layer, element by element; each is a module of PyTorch with its own defaults. */
public enum DenseActivation {
    /** x itself. */
    IDENTITY("Identity"),
    /** The hyperbolic tangent. */
    TANH("Tanh"),
    /** {@code x Φ(x)}, exactly. */
    GELU("GELU"),
    /** {@code max(x, 0)}. */
    RELU("ReLU"),
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID("Sigmoid"),
    /** {@code x / (1 + e^-x)}. */
    SILU("SiLU");

    /** Keeps the gradient of the square root finite at 0; lost beside any x² that counts. */
    private static final double LEAST_SQUARE = 1e-36;

    private final String torch;

    DenseActivation(String torch) {
        this.torch = torch;
    }

    /** The name of PyTorch's module. */
    String torchName() {
        return torch;
    }

    /** PyTorch's path of its module, as sentence-transformers writes it. */
    public String torchPath() {
        return "torch.nn.modules." + (this == IDENTITY ? "linear." : "activation.") + torch;
    }

    /** The activation that a class path of PyTorch names, of old versions or new ones. */
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

    /** {@code |x|}; the engines have no operation for it. */
    private static Node magnitude(Graph graph, Node x) {
        return graph.squareRoot(graph.add(graph.multiply(x, x), LEAST_SQUARE));
    }
}
