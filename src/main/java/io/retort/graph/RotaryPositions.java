package io.retort.graph;

import io.retort.tensor.Tensor;

/**
 * Rotary position embedding (Su et al. 2021) as the Hugging Face Hub's models have it: within a head, dimensions
 * {@code j} and {@code j + d/2} are the two coordinates of a point that is turned by {@code position · θ^(−2j/d)}.
 *
 * <p>{@code y = x cos + (x P) sin}, where P is the signed permutation that takes {@code (a, b)} to {@code (−b, a)}: a
 * product instead of slices, whose gradients ND4J would scatter.
 */
public final class RotaryPositions {
    private final Graph graph;
    private final Node cosine; // [rows, 1, d]
    private final Node sine;
    private final Node turn; // [d, d]
    private final int headDim;

    /**
     * Turns the whole of each head.
     *
     * @param cosine {@code [rows, d]}, the cosine of the angle of each row's position and dimension
     * @param sine   {@code [rows, d]}, the sine of the same angles
     */
    public RotaryPositions(Graph graph, Node cosine, Node sine, int headDim) {
        this(graph, cosine, sine, headDim, headDim);
    }

    /**
     * Turns only the first {@code turned} dimensions of each head. The others stay as they are if their cosine is 1 and
     * their sine 0, as the caller must feed them.
     */
    public RotaryPositions(Graph graph, Node cosine, Node sine, int headDim, int turned) {
        this.graph = graph;
        this.cosine = graph.reshape(cosine, Graph.ANY, 1, headDim);
        this.sine = graph.reshape(sine, Graph.ANY, 1, headDim);
        this.turn = graph.constant(quarterTurn(headDim, turned));
        this.headDim = headDim;
    }

    /**
     * Turns all heads of a row by its position.
     *
     * @param x {@code [rows, heads * d]}
     * @return {@code [rows, heads, d]}
     */
    public Node apply(Node x, int heads) {
        Node split = graph.reshape(x, Graph.ANY, heads, headDim);
        Node turned = graph.reshape(graph.matmul(graph.reshape(x, Graph.ANY, headDim), turn), Graph.ANY, heads,
                headDim);
        return graph.add(graph.multiply(split, cosine), graph.multiply(turned, sine));
    }

    private static Tensor quarterTurn(int dim, int turned) {
        float[] turn = new float[dim * dim];
        int half = turned / 2;
        for (int j = 0; j < half; j++) {
            turn[(half + j) * dim + j] = -1;
            turn[j * dim + half + j] = 1;
        }
        return Tensor.of(turn, dim, dim);
    }
}
