package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Family and sizes of a Transformer encoder.
 *
 * @param family what the layers are and what files call their parameters
 * @param vocabulary rows of the word embedding
 * @param dim size of a token's vector
 * @param heads attention heads; divides {@code dim}
 * @param feedForward inner size of the feed-forward block
 * @param positions rows of the position embedding, or the most tokens of a text where positions are not learned
 * @param positionOffset row of the first token's position (RoBERTa and MPNet start at 2)
 * @param tokenTypes rows of the token type embedding, of which Retort uses row 0 alone; 0 if the family has none
 * @param normEpsilon added to the variance in layer normalisation
 * @param settings that only this family has
 */
public record EncoderConfig(EncoderFamily family, int vocabulary, int dim, int layers, int heads, int feedForward,
        int positions, int positionOffset, int tokenTypes, double normEpsilon, Activation activation,
        EncoderFamily.Settings settings) {

    static final int MOST_LAYERS = 1024;
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
        require(tokenTypes >= 0 && tokenTypes > 0 == !family.tables().types().isEmpty(),
                "type_vocab_size must be positive");
        require(normEpsilon >= 0 && normEpsilon < 1,
                "layer_norm_eps " + normEpsilon + " is not a small positive number");
    }

    /**
     * Describes an encoder of BERT's near relations: BERT itself, RoBERTa, which counts positions from its padding on,
     * and RoBERTa with pre-LN.
     */
    public EncoderConfig(int vocabulary, int dim, int layers, int heads, int feedForward, int positions,
            int positionOffset, int tokenTypes, double normEpsilon, Activation activation, NormPlacement norms) {
        this(norms == NormPlacement.PRE
                ? EncoderFamilies.ROBERTA_PRE_NORM
                : positionOffset > 0 ? EncoderFamilies.ROBERTA : EncoderFamilies.BERT, vocabulary, dim, layers, heads,
                feedForward, positions, positionOffset, tokenTypes, normEpsilon, activation,
                EncoderFamily.Settings.NONE);
    }

    /** Returns where the layers normalise their values. */
    public NormPlacement norms() {
        return family.norms();
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
        double weights = 4.0 * dim * dim + (double) family.feedForwardMatrices() * dim * feedForward;
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
        GELU_TANH("gelu_new", "gelu_pytorch_tanh") {
            @Override
            Node apply(Graph graph, Node x) {
                return Layers.geluTanh(graph, x);
            }
        };

        private final List<String> hubNames;

        Activation(String... hubNames) {
            this.hubNames = List.of(hubNames);
        }

        abstract Node apply(Graph graph, Node x);

        /** Returns the name that is written into {@code config.json}. */
        public String hubName() {
            return hubNames.getFirst();
        }

        /** Returns all names that are read from {@code config.json}. */
        List<String> hubNames() {
            return hubNames;
        }

        /** Returns the non-linearity of a name in {@code config.json}; empty if it is none of these. */
        static Optional<Activation> ofHubName(String name) {
            return Arrays.stream(values()).filter(each -> each.hubNames.contains(name)).findFirst();
        }
    }
}
