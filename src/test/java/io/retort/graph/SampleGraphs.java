package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Graphs such as models are made of, at any size, with values for their inputs and parameters: what every engine must
 * compute alike. Each ends in {@code output} and in a scalar, {@code loss}, whose gradient at the output differs from
 * element to element.
 */
enum SampleGraphs {
    LINEAR {
        @Override
        Node write(Graph graph, Size size) {
            return Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.wide());
        }
    },
    TIED_LINEARS {
        @Override
        Node write(Graph graph, Size size) {
            Node once = Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.dim);
            return Layers.linear(graph, "dense", graph.tanh(once), size.dim, size.dim);
        }
    },
    LAYER_NORM {
        @Override
        Node write(Graph graph, Size size) {
            return Layers.layerNorm(graph, "norm", tokens(graph, size), size.dim, 1e-12);
        }
    },
    LAYER_NORM_WITH_EPSILON {
        @Override
        Node write(Graph graph, Size size) {
            return Layers.layerNorm(graph, "norm", tokens(graph, size), size.dim, 1e-5);
        }
    },
    GELU {
        @Override
        Node write(Graph graph, Size size) {
            return Layers.gelu(graph, Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.wide()));
        }
    },
    GELU_TANH {
        @Override
        Node write(Graph graph, Size size) {
            return Layers.geluTanh(graph, Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.wide()));
        }
    },
    ATTENTION {
        @Override
        Node write(Graph graph, Size size) {
            return attention(graph, size, tokens(graph, size));
        }
    },
    /** Two layers that share a learned bias of each head for each pair of positions, as MPNet has them. */
    BIASED_ATTENTION {
        @Override
        Node write(Graph graph, Size size) {
            Node x = tokens(graph, size);
            Node pairs = graph.input("pairs", Graph.ANY, Graph.ANY, KINDS);
            Node chosen = graph.matmul(graph.flatten(pairs, KINDS), graph.parameter("kinds", KINDS, size.heads));
            Node bias = graph.permute(graph.reshapeLike(chosen, pairs, 2, size.heads), 2, 0, 1);
            Node seen = graph.add(graph.input("mask", Graph.ANY, 1, 1, Graph.ANY), bias);
            Node first = attention(graph, size, x, "", seen);
            return attention(graph, size, graph.tanh(first), "again.", seen);
        }
    },
    POST_NORM_LAYER {
        @Override
        Node write(Graph graph, Size size) {
            Node x = Layers.layerNorm(graph, "first", tokens(graph, size), size.dim, 1e-12);
            Node attended = Layers.layerNorm(graph, "second", graph.add(attention(graph, size, x), x), size.dim, 1e-12);
            Node fed = feedForward(graph, size, attended);
            return Layers.layerNorm(graph, "third", graph.add(fed, attended), size.dim, 1e-12);
        }
    },
    PRE_NORM_LAYER {
        @Override
        Node write(Graph graph, Size size) {
            Node x = tokens(graph, size);
            Node normed = Layers.layerNorm(graph, "first", x, size.dim, 1e-5);
            Node attended = graph.add(attention(graph, size, normed), x);
            Node again = Layers.layerNorm(graph, "second", attended, size.dim, 1e-5);
            return graph.add(feedForward(graph, size, again), attended);
        }
    },
    /** Twice as many heads as heads of keys, and texts as rows. */
    ROW_ATTENTION {
        @Override
        Node write(Graph graph, Size size) {
            return rowAttention(graph, size, tokens(graph, size), null);
        }
    },
    /** As Llama has them. */
    DECODER_LAYER {
        @Override
        Node write(Graph graph, Size size) {
            Node x = tokens(graph, size);
            int headDim = size.dim / size.heads;
            RotaryPositions positions = new RotaryPositions(graph, graph.input("cosine", Graph.ANY, headDim),
                    graph.input("sine", Graph.ANY, headDim), headDim);
            Node attended = graph.add(
                    rowAttention(graph, size, Layers.rmsNorm(graph, "first", x, size.dim, 1e-5), positions), x);
            Node normed = Layers.rmsNorm(graph, "second", attended, size.dim, 1e-5);
            Node gate = Layers.silu(graph, Layers.projection(graph, "gate", normed, size.dim, size.wide()));
            Node up = Layers.projection(graph, "up", normed, size.dim, size.wide());
            return graph.add(Layers.projection(graph, "down", graph.multiply(gate, up), size.wide(), size.dim),
                    attended);
        }
    },
    POOLED_COSINE {
        @Override
        Node write(Graph graph, Size size) {
            return pooledCosine(graph, size);
        }
    },
    SOFTMAX_CROSS_ENTROPY {
        @Override
        Node write(Graph graph, Size size) {
            Node vectors = pooledCosine(graph, size);
            return graph.logSoftmax(graph.multiply(graph.matmulTransposed(vectors, vectors), 20));
        }

        @Override
        Shape output(Size size) {
            return Shape.of(size.batch, size.batch);
        }
    },
    /** Log-probabilities far below those of which a softmax has the logarithm. */
    LOG_SUM_EXP {
        @Override
        Node write(Graph graph, Size size) {
            Node dense = Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.wide());
            Node x = graph.multiply(dense, 100);
            return graph.subtract(x, graph.logSumExp(x));
        }
    },
    /** Every element-wise operation, and broadcasts along rows, along columns and of a single value. */
    ELEMENTS {
        @Override
        Node write(Graph graph, Size size) {
            Node x = tokens(graph, size);
            Node positive = graph.add(graph.exp(graph.multiply(x, 0.5)), 1);
            Node ratio = graph.divide(graph.subtract(x, graph.mean(x, 1, true)), graph.squareRoot(positive));
            Node scaled = graph.multiply(graph.log(positive), graph.parameter("gain", size.dim));
            Node shifted = graph.add(graph.erf(ratio), graph.parameter("shift", 1));
            return graph.multiply(graph.add(scaled, shifted), graph.sum(graph.tanh(x), 1, true));
        }
    };

    private static final double MASKED = -1e9;
    /** Kinds of pairs of positions that {@link #BIASED_ATTENTION} tells apart. */
    private static final int KINDS = 3;

    /** Awkward ones among them: single rows, odd dims, lengths beside powers of two. */
    static final List<Size> SIZES = List.of(new Size(1, 1, 4, 1), new Size(1, 7, 6, 2), new Size(2, 3, 9, 3),
            new Size(3, 8, 33, 3), new Size(4, 17, 32, 2), new Size(5, 31, 48, 4));

    /**
     * How large a sample is made.
     *
     * @param dim a multiple of {@code heads}
     */
    record Size(int batch, int time, int dim, int heads) {
        int wide() {
            return 2 * dim + 1;
        }

        /** The same graph, fed with another batch. */
        Size with(int otherBatch, int otherTime) {
            return new Size(otherBatch, otherTime, dim, heads);
        }
    }

    /** A sample written down: fresh, for an engine to compile. */
    record Written(Graph graph, Node loss, Map<String, Tensor> parameters) {
    }

    static final String OUTPUT = "output";
    /** The input whose gradient is asked for. */
    static final String EMBEDDINGS = "embeddings";

    /** {@code [rows, columns]} */
    abstract Node write(Graph graph, Size size);

    /** Shape of the output. */
    Shape output(Size size) {
        return switch (this) {
            case LINEAR, GELU, GELU_TANH, LOG_SUM_EXP -> Shape.of(size.batch * size.time, size.wide());
            case POOLED_COSINE -> Shape.of(size.batch, size.dim);
            default -> Shape.of(size.batch * size.time, size.dim);
        };
    }

    /** The graph with its loss and values of its parameters, the same at each call. */
    Written written(ElementType precision, Size size) {
        Graph graph = Graph.of(precision);
        Node output = write(graph, size).named(OUTPUT);
        Node upstream = graph.input("upstream", Graph.ANY, output(size).dim(1) == size.batch
                ? Graph.ANY
                : output(size).dim(1));
        Node loss = graph.sum(graph.sum(graph.multiply(output, upstream), 1, false), 0, false).named("loss");
        Random random = new Random(ordinal());
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        graph.parameters().forEach((name, shape) -> parameters.put(name, uniform(random, precision, shape)));
        return new Written(graph, loss, parameters);
    }

    /** Values for the inputs, the same at each call; texts are of every length up to {@code time}. */
    Map<String, Tensor> inputs(ElementType precision, Size size) {
        Random random = new Random(ordinal() + 100);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(EMBEDDINGS, uniform(random, precision, Shape.of(size.batch, size.time, size.dim)));
        inputs.put("upstream", uniform(random, precision, output(size)));
        double[] mask = new double[size.batch * size.time];
        double[] pooling = new double[mask.length];
        for (int text = 0; text < size.batch; text++) {
            int length = size.time - text % size.time;
            for (int t = 0; t < size.time; t++) {
                mask[text * size.time + t] = t < length ? 0 : MASKED;
                pooling[text * size.time + t] = t < length ? 1.0 / length : 0;
            }
        }
        if (masks()) inputs.put("mask", Tensor.of(mask, size.batch, 1, 1, size.time).to(precision));
        if (seesRows()) inputs.put("mask", causal(size).to(precision));
        if (this == DECODER_LAYER) {
            Shape angles = Shape.of(size.batch * size.time, size.dim / size.heads);
            inputs.put("cosine", uniform(random, precision, angles));
            inputs.put("sine", uniform(random, precision, angles));
        }
        if (this == BIASED_ATTENTION) inputs.put("pairs", pairs(size.time).to(precision));
        if (pools()) inputs.put("pooling", Tensor.of(pooling, size.batch, 1, size.time).to(precision));
        return inputs;
    }

    private boolean masks() {
        return this == ATTENTION || this == BIASED_ATTENTION || this == POST_NORM_LAYER || this == PRE_NORM_LAYER;
    }

    private boolean seesRows() {
        return this == ROW_ATTENTION || this == DECODER_LAYER;
    }

    /** A one at the kind of each pair: the same position, an earlier one, a later one. */
    private static Tensor pairs(int time) {
        double[] kinds = new double[time * time * KINDS];
        for (int query = 0; query < time; query++) {
            for (int key = 0; key < time; key++) {
                int kind = key == query ? 0 : key < query ? 1 : 2;
                kinds[(query * time + key) * KINDS + kind] = 1;
            }
        }
        return Tensor.of(kinds, time, time, KINDS);
    }

    /** Each row sees its own text's rows up to itself. */
    private static Tensor causal(Size size) {
        int rows = size.batch * size.time;
        double[] mask = new double[rows * rows];
        for (int row = 0; row < rows; row++) {
            for (int key = 0; key < rows; key++) {
                boolean seen = key / size.time == row / size.time && key <= row;
                mask[row * rows + key] = seen ? 0 : MASKED;
            }
        }
        return Tensor.of(mask, 1, 1, rows, rows);
    }

    private boolean pools() {
        return this == POOLED_COSINE || this == SOFTMAX_CROSS_ENTROPY;
    }

    private static Node tokens(Graph graph, Size size) {
        return graph.flatten(embeddings(graph, size), size.dim);
    }

    private static Node embeddings(Graph graph, Size size) {
        return graph.parameters().isEmpty() && !graph.sameDiff().hasVariable(EMBEDDINGS)
                ? graph.input(EMBEDDINGS, Graph.ANY, Graph.ANY, size.dim)
                : new Node(graph.sameDiff().getVariable(EMBEDDINGS));
    }

    private static Node attention(Graph graph, Size size, Node x) {
        return attention(graph, size, x, "", graph.input("mask", Graph.ANY, 1, 1, Graph.ANY));
    }

    private static Node attention(Graph graph, Size size, Node x, String name, Node mask) {
        Node query = Layers.linear(graph, name + "query", x, size.dim, size.dim);
        Node key = Layers.linear(graph, name + "key", x, size.dim, size.dim);
        Node value = Layers.linear(graph, name + "value", x, size.dim, size.dim);
        Node mixed = Layers.attention(graph, query, key, value, embeddings(graph, size), mask, size.heads,
                size.dim / size.heads);
        return Layers.linear(graph, name + "mixed", mixed, size.dim, size.dim);
    }

    private static Node rowAttention(Graph graph, Size size, Node x, RotaryPositions positions) {
        int heads = 2 * size.heads, headDim = size.dim / size.heads;
        Node query = Layers.projection(graph, "query", x, size.dim, heads * headDim);
        Node key = Layers.projection(graph, "key", x, size.dim, size.dim);
        Node value = Layers.projection(graph, "value", x, size.dim, size.dim);
        if (positions != null) {
            query = graph.reshape(positions.apply(query, heads), Graph.ANY, heads * headDim);
            key = graph.reshape(positions.apply(key, size.heads), Graph.ANY, size.dim);
        }
        Node mask = graph.input("mask", 1, 1, Graph.ANY, Graph.ANY);
        Node mixed = Layers.rowAttention(graph, query, key, value, mask, heads, size.heads, headDim);
        return Layers.projection(graph, "mixed", mixed, heads * headDim, size.dim);
    }

    private static Node feedForward(Graph graph, Size size, Node x) {
        Node inner = Layers.gelu(graph, Layers.linear(graph, "inner", x, size.dim, size.wide()));
        return Layers.linear(graph, "outer", inner, size.wide(), size.dim);
    }

    private static Node pooledCosine(Graph graph, Size size) {
        Node hidden = graph.reshapeLike(Layers.linear(graph, "dense", tokens(graph, size), size.dim, size.dim),
                embeddings(graph, size), 2, size.dim);
        Node pooled = graph.flatten(graph.matmul(graph.input("pooling", Graph.ANY, 1, Graph.ANY), hidden), size.dim);
        Node squares = graph.sum(graph.multiply(pooled, pooled), 1, true);
        return graph.divide(pooled, graph.squareRoot(graph.add(squares, 1e-24)));
    }

    private static Tensor uniform(Random random, ElementType precision, Shape shape) {
        return Tensor.of(random.doubles(shape.size(), -1, 1).toArray(), shape.toArray()).to(precision);
    }
}
