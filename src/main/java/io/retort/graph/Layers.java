package io.retort.graph;

/**
 * The layers that Transformers are made of, each a function from nodes to a node that declares its parameters under
 * {@code name.*}, with the parameter names of the Hugging Face Hub ({@code weight}, {@code bias}).
 */
public final class Layers {
    /** ND4J's layer_norm adds no epsilon; below this, none is needed in F32. */
    private static final double NEGLIGIBLE_EPSILON = 1e-11;

    private Layers() {}

    /**
     * {@code x · Wᵀ + b}.
     *
     * @param x {@code [rows, in]}
     * @return {@code [rows, out]}
     */
    public static Node linear(Graph graph, String name, Node x, int in, int out) {
        Node weight = graph.parameter(name + ".weight", out, in);
        Node bias = graph.parameter(name + ".bias", out);
        return graph.add(graph.matmulTransposed(x, weight), bias);
    }

    /**
     * {@code (x − mean) / √(variance + ε) · weight + bias} over the last dimension.
     *
     * @param x {@code [rows, dim]}
     */
    public static Node layerNorm(Graph graph, String name, Node x, int dim, double epsilon) {
        Node weight = graph.parameter(name + ".weight", dim);
        Node bias = graph.parameter(name + ".bias", dim);
        if (epsilon <= NEGLIGIBLE_EPSILON) {
            return new Node(graph.sameDiff.nn.layerNorm(x.variable, weight.variable, bias.variable, false, 1));
        }
        Node centred = graph.subtract(x, graph.mean(x, 1, true));
        Node variance = graph.mean(graph.multiply(centred, centred), 1, true);
        Node standard = graph.divide(centred, graph.squareRoot(graph.add(variance, epsilon)));
        return graph.add(graph.multiply(standard, weight), bias);
    }

    /**
     * {@code x · Φ(x)}, exactly: {@code x/2 · (1 + erf(x/√2))}. ND4J's own GELUs are approximations, one of them a
     * wrong one.
     */
    public static Node gelu(Graph graph, Node x) {
        Node phi = graph.add(graph.erf(graph.multiply(x, Math.sqrt(0.5))), 1.0);
        return graph.multiply(graph.multiply(x, phi), 0.5);
    }

    /** The tanh approximation of GELU: {@code x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))}. */
    public static Node geluTanh(Graph graph, Node x) {
        Node cube = graph.multiply(graph.multiply(x, x), x);
        Node inner = graph.multiply(graph.add(x, graph.multiply(cube, 0.044715)), Math.sqrt(2 / Math.PI));
        return graph.multiply(graph.multiply(x, graph.add(graph.tanh(inner), 1.0)), 0.5);
    }

    /**
     * Attention of several heads: {@code softmax(Q Kᵀ / √d + mask) V}, heads side by side.
     *
     * @param query {@code [batch * time, heads * d]}, likewise key and value
     * @param like any node whose first two dimensions are {@code [batch, time]}
     * @param mask {@code [batch, 1, 1, time]}, added to the logits: 0 for a token, a large negative number for padding
     * @return {@code [batch * time, heads * d]}
     */
    public static Node attention(Graph graph, Node query, Node key, Node value, Node like, Node mask, int heads,
            int headDim) {
        Node q = splitHeads(graph, query, like, heads, headDim); // [batch, heads, time, d]
        Node k = splitHeads(graph, key, like, heads, headDim);
        Node v = splitHeads(graph, value, like, heads, headDim);
        Node logits = graph.add(graph.multiply(graph.matmulTransposed(q, k), 1 / Math.sqrt(headDim)), mask);
        Node mixed = graph.matmul(graph.softmax(logits), v); // [batch, heads, time, d]
        return graph.flatten(graph.permute(mixed, 0, 2, 1, 3), heads * headDim);
    }

    private static Node splitHeads(Graph graph, Node x, Node like, int heads, int headDim) {
        return graph.permute(graph.reshapeLike(x, like, 2, heads, headDim), 0, 2, 1, 3);
    }
}
