package io.retort.graph;

import io.retort.tensor.Tensor;

/**
 * The layers that Transformers are made of, each a function from nodes to a node that declares its parameters under
 * {@code name.*}, with the parameter names of the Hugging Face Hub ({@code weight}, {@code bias}).
 */
public final class Layers {
    /** Up to this epsilon ND4J's own layer_norm, which adds none, gives the same result in F32. */
    private static final double NEGLIGIBLE_EPSILON = 1e-11;

    private Layers() {}

    /**
     * Applies a linear layer, {@code x · Wᵀ + b}, with the parameters {@code name.weight [out, in]} and {@code
     * name.bias [out]}.
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
     * Normalises each row: {@code (x − mean) / √(variance + ε) · weight + bias} over the last dimension.
     *
     * @param x {@code [rows, dim]}
     */
    public static Node layerNorm(Graph graph, String name, Node x, int dim, double epsilon) {
        Node weight = graph.parameter(name + ".weight", dim);
        return layerNorm(graph, x, weight, graph.parameter(name + ".bias", dim), epsilon);
    }

    /**
     * Normalises each row as {@link #layerNorm} does, with a bias that is zero and is not learned.
     *
     * @param x {@code [rows, dim]}
     */
    public static Node layerNormWithoutBias(Graph graph, String name, Node x, int dim, double epsilon) {
        // Written with a bias, since engines have a kernel for the whole.
        return layerNorm(graph, x, graph.parameter(name + ".weight", dim),
                graph.constant(Tensor.of(new float[dim], dim)), epsilon);
    }

    private static Node layerNorm(Graph graph, Node x, Node weight, Node bias, double epsilon) {
        if (epsilon <= NEGLIGIBLE_EPSILON) {
            return graph.layerNorm(x, weight, bias);
        }
        Node centred = graph.subtract(x, graph.mean(x, 1, true));
        Node variance = graph.mean(graph.multiply(centred, centred), 1, true);
        Node standard = graph.divide(centred, graph.squareRoot(graph.add(variance, epsilon)));
        return graph.add(graph.multiply(standard, weight), bias);
    }

    /**
     * Applies the exact GELU, {@code x · Φ(x) = x/2 · (1 + erf(x/√2))}. It is written out because ND4J's own GELUs are
     * approximations, one of them a wrong one.
     */
    public static Node gelu(Graph graph, Node x) {
        Node phi = graph.add(graph.erf(graph.multiply(x, Math.sqrt(0.5))), 1.0);
        return graph.multiply(graph.multiply(x, phi), 0.5);
    }

    /**
     * Applies the tanh approximation of GELU, {@code x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))}, which GPT-2 uses.
     */
    public static Node geluTanh(Graph graph, Node x) {
        Node cube = graph.multiply(graph.multiply(x, x), x);
        Node inner = graph.multiply(graph.add(x, graph.multiply(cube, 0.044715)), Math.sqrt(2 / Math.PI));
        return graph.multiply(graph.multiply(x, graph.add(graph.tanh(inner), 1.0)), 0.5);
    }

    /**
     * Applies a linear layer without bias, {@code x · Wᵀ}, with the parameter {@code name.weight [out, in]}.
     *
     * @param x {@code [rows, in]}
     */
    public static Node projection(Graph graph, String name, Node x, int in, int out) {
        return graph.matmulTransposed(x, graph.parameter(name + ".weight", out, in));
    }

    /**
     * Divides each row by its root mean square: {@code x / √(mean(x²) + ε) · weight} over the last dimension (Zhang and
     * Sennrich 2019).
     *
     * @param x {@code [rows, dim]}
     */
    public static Node rmsNorm(Graph graph, String name, Node x, int dim, double epsilon) {
        Node weight = graph.parameter(name + ".weight", dim);
        Node meanSquare = graph.mean(graph.multiply(x, x), 1, true);
        Node standard = graph.divide(x, graph.squareRoot(graph.add(meanSquare, epsilon)));
        return graph.multiply(standard, weight);
    }

    /** Applies SiLU, {@code x · σ(x)}, element by element (Elfwing et al. 2018). */
    public static Node silu(Graph graph, Node x) {
        return graph.multiply(x, graph.sigmoid(x));
    }

    /**
     * Computes bidirectional attention of several heads, {@code softmax(Q Kᵀ / √d + mask) V}; the results of the heads
     * stand side by side.
     *
     * @param query {@code [batch * time, heads * d]}; key and value have the same shape
     * @param like any node whose first two dimensions are {@code [batch, time]}
     * @param mask {@code [batch, 1, 1, time]}, added to the logits: 0 for a token, a large negative number for padding.
     *     Where what is added depends on the query or the head, {@code [batch, heads or 1, time, time]}
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

    /**
     * Attention of rows to keys, heads in groups that share keys and values (Ainslie et al. 2023): {@code softmax(Q Kᵀ /
     * √d + mask) V}. Rows may be tokens of many sequences; which keys a row sees is for the mask to say.
     *
     * @param query {@code [rows, heads * d]}
     * @param key   {@code [keys, keyHeads * d]}, likewise value
     * @param mask  {@code [1, 1, rows, keys]}, added to the logits: 0 for what a row sees, a large negative number else
     * @return {@code [rows, heads * d]}
     */
    public static Node rowAttention(Graph graph, Node query, Node key, Node value, Node mask, int heads, int keyHeads,
            int headDim) {
        return rowAttention(graph, query, key, value, mask, heads, keyHeads, headDim, 1 / Math.sqrt(headDim), 0);
    }

    /**
     * Computes row attention with a chosen factor of the logits and a soft cap on them: {@code softmax(cap · tanh(scale
     * · Q Kᵀ / cap) + mask) V}. Shapes are those of {@link #rowAttention(Graph, Node, Node, Node, Node, int, int,
     * int)}.
     *
     * @param scale   factor of the logits, usually {@code 1 / √d}
     * @param softCap bound that the logits stay below in magnitude; 0 for none
     */
    public static Node rowAttention(Graph graph, Node query, Node key, Node value, Node mask, int heads, int keyHeads,
            int headDim, double scale, double softCap) {
        int group = heads / keyHeads;
        Node q = graph.permute(graph.reshape(query, Graph.ANY, keyHeads, group, headDim), 1, 2, 0, 3);
        Node k = graph.permute(graph.reshape(key, Graph.ANY, keyHeads, headDim), 1, 0, 2); // [keyHeads, keys, d]
        Node v = graph.permute(graph.reshape(value, Graph.ANY, keyHeads, headDim), 1, 0, 2);
        Node stacked = graph.reshape(q, keyHeads, Graph.ANY, headDim); // [keyHeads, group * rows, d]
        Node products = graph.matmulTransposed(stacked, k); // [keyHeads, group * rows, keys]
        Node logits = graph.reshapeToTrailing(products, new int[]{keyHeads, group}, mask, 2, 4);
        Node masked = graph.add(softCapped(graph, graph.multiply(logits, scale), softCap), mask);
        Node weights = graph.reshapeToTrailing(graph.softmax(masked), new int[0], products, 0, 3);
        Node mixed = graph.reshape(graph.matmul(weights, v), keyHeads, group, Graph.ANY, headDim);
        return graph.flatten(graph.permute(mixed, 2, 0, 1, 3), heads * headDim);
    }

    /**
     * Bounds a value smoothly, {@code cap · tanh(x / cap)} (Gemma 2, 2024): close to x where x is small, and never
     * beyond the cap.
     *
     * @param cap 0 for none
     */
    public static Node softCapped(Graph graph, Node x, double cap) {
        return cap == 0 ? x : graph.multiply(graph.tanh(graph.multiply(x, 1 / cap)), cap);
    }

    private static Node splitHeads(Graph graph, Node x, Node like, int heads, int headDim) {
        return graph.permute(graph.reshapeLike(x, like, 2, heads, headDim), 0, 2, 1, 3);
    }
}
