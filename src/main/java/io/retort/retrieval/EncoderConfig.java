package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/**
 * Sizes of a Transformer encoder.
 *
 * @param vocabulary rows of the word embedding
 * @param dim size of a token's vector
 * @param heads attention heads; divides {@code dim}
 * @param feedForward inner size of the feed-forward block
 * @param positions rows of the position embedding
 * @param positionOffset row of the first token's position (RoBERTa's family starts at 2)
 * @param tokenTypes rows of the token type embedding; Retort uses row 0 alone
 * @param normEpsilon added to the variance in layer normalisation
 */
public record EncoderConfig(int vocabulary, int dim, int layers, int heads, int feedForward, int positions,
        int positionOffset,
        int tokenTypes, double normEpsilon, Activation activation, NormPlacement norms) {

    private static final int MOST_LAYERS = 1024;
    private static final int MOST_POSITIONS = 1 << 24;
    /** The most elements of a matrix, or of a whole batch of vectors, which must fit into an array of this JVM. */
    private static final int MOST_ELEMENTS = 1 << 30;
    private static final int WIDEST = 1 << 16;

    /**
     * Checks the sizes, which may come from an untrusted file.
     *
     * @throws IllegalArgumentException if the sizes contradict each other or are beyond any encoder's
     */
    public EncoderConfig {
        require(vocabulary > 0 && dim > 0 && layers > 0 && heads > 0 && feedForward > 0, "sizes must be positive");
        require(layers <= MOST_LAYERS, "num_hidden_layers " + layers + " is more than " + MOST_LAYERS);
        require(dim <= WIDEST, "hidden_size " + dim + " is more than " + WIDEST);
        require(positions <= MOST_POSITIONS, "max_position_embeddings " + positions + " is more than "
                + MOST_POSITIONS);
        for (int rows : new int[]{vocabulary, feedForward, positions, tokenTypes}) {
            require((long) rows * dim <= MOST_ELEMENTS, "a matrix of " + rows + " rows of " + dim + " is too large");
        }
        require(dim % heads == 0, "hidden_size " + dim + " is not a multiple of num_attention_heads " + heads);
        require(positionOffset >= 0 && positions > positionOffset,
                "max_position_embeddings " + positions + " is too small");
        require(tokenTypes > 0, "type_vocab_size must be positive");
        require(normEpsilon >= 0 && normEpsilon < 1,
                "layer_norm_eps " + normEpsilon + " is not a small positive number");
    }

    /** Returns the size of one attention head. */
    public int headDim() {
        return dim / heads;
    }

    /** Returns the length in tokens of the longest sequence that has positions. */
    public int maxTokens() {
        return positions - positionOffset;
    }

    /**
     * Returns how many floating-point operations the matrix products of a forward pass take for a text of so many
     * tokens.
     */
    public double flop(int tokens) {
        double weights = 4.0 * dim * dim + 2.0 * dim * feedForward;
        return layers * (2 * weights * tokens + 4.0 * dim * tokens * tokens);
    }

    private static void require(boolean condition, String problem) {
        if (!condition) throw new IllegalArgumentException(problem);
    }

    /** Where a Transformer layer normalises its values. */
    public enum NormPlacement {
        /** After each residual sum, as BERT does: {@code x = norm(x + f(x))}. */
        POST,
        /** Before each block, with one more norm after the last layer: {@code x = x + f(norm(x))}. */
        PRE
    }

    /**
     * The non-linearity between the two halves of a feed-forward block, named as in {@code hidden_act} of {@code
     * config.json}.
     */
    public enum Activation {
        /** The exact GELU, computed from the error function; {@code "gelu"}. */
        GELU("gelu") {
            @Override
            Node apply(Graph graph, Node x) {
                return Layers.gelu(graph, x);
            }
        },
        /** The tanh approximation of GELU; {@code "gelu_new"} or {@code "gelu_pytorch_tanh"}. */
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

        /** Returns the name that is written into {@code config.json}. */
        public String hubName() {
            return hubName;
        }
    }
}
