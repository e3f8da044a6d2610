package io.retort.lm;

import io.retort.tensor.Shape;

/**
 * What one Transformer that writes is: its family, sizes, and settings. Of an encoder–decoder these are the decoder's; the
 * encoder's are among the settings of its family.
 *
 * @param vocabulary    rows of the token embedding
 * @param dim           size of a token's vector
 * @param heads         attention heads; a multiple of {@code keyValueHeads}
 * @param keyValueHeads heads of keys and values, each shared by {@code heads / keyValueHeads} heads of queries
 * @param headDim       size of one head; even where positions are rotary
 * @param feedForward   inner size of the feed-forward block
 * @param positions     the longest sequence, in tokens
 * @param normEpsilon   added to the mean square or the variance in normalisation
 * @param ropeTheta     base of rotary positions; 0 where they are learned
 * @param tied          whether the token embedding is the head as well
 * @param own           settings that only models of this family have
 */
public record DecoderConfig(DecoderFamily family, int vocabulary, int dim, int layers, int heads, int keyValueHeads,
        int headDim, int feedForward, int positions, double normEpsilon, double ropeTheta, boolean tied,
        DecoderFamily.Settings own) {

    private static final int MOST_LAYERS = 1024;
    private static final int MOST_POSITIONS = 1 << 24;
    /** The most elements of a matrix, which must fit into an array of this JVM. */
    private static final int MOST_ELEMENTS = 1 << 30;
    private static final int WIDEST = 1 << 16;
    /** The largest head; rotary positions need a matrix of its size squared. */
    private static final int LARGEST_HEAD = 1 << 11;

    /**
     * @throws IllegalArgumentException if the sizes contradict each other or are beyond any decoder's
     */
    public DecoderConfig(DecoderFamily family, int vocabulary, int dim, int layers, int heads, int keyValueHeads,
            int headDim, int feedForward, int positions, double normEpsilon, double ropeTheta, boolean tied,
            DecoderFamily.Settings own) {
        requirePositive("the vocabulary", vocabulary);
        requirePositive("vectors", dim);
        requireLayers(layers);
        require(heads > 0, heads + " attention heads are none");
        require(keyValueHeads > 0, keyValueHeads + " key/value heads are none");
        requirePositive("heads", headDim);
        requirePositive("the feed-forward block", feedForward);
        requirePositive("the context", positions);
        require(positions <= MOST_POSITIONS, "a context of " + positions + " is more than " + MOST_POSITIONS);
        require(dim <= WIDEST && (long) heads * headDim <= WIDEST, "vectors of " + dim + ", " + heads + " heads of "
                + headDim + ": more than " + WIDEST);
        require(headDim <= LARGEST_HEAD, "heads of " + headDim + " are larger than " + LARGEST_HEAD);
        requireMatrix("the vocabulary", vocabulary, dim);
        requireMatrix("the feed-forward block", feedForward, dim);
        requireMatrix("the attention heads", heads * headDim, dim);
        require(heads % keyValueHeads == 0,
                heads + " attention heads are not a multiple of " + keyValueHeads + " key/value heads");
        require(normEpsilon >= 0 && normEpsilon < 1,
                "a normalisation epsilon of " + normEpsilon + " is not a small positive number");
        this.family = family;
        this.vocabulary = vocabulary;
        this.dim = dim;
        this.layers = layers;
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
        this.feedForward = feedForward;
        this.positions = positions;
        this.normEpsilon = normEpsilon;
        this.ropeTheta = ropeTheta;
        this.tied = tied;
        this.own = own;
        family.check(this); // which asks for what has just been set
    }

    /** Describes a model of a family that has no settings of its own. */
    public DecoderConfig(DecoderFamily family, int vocabulary, int dim, int layers, int heads, int keyValueHeads,
            int headDim, int feedForward, int positions, double normEpsilon, double ropeTheta, boolean tied) {
        this(family, vocabulary, dim, layers, heads, keyValueHeads, headDim, feedForward, positions, normEpsilon,
                ropeTheta, tied, DecoderFamily.Settings.NONE);
    }

    /** Returns the elements of one token's key, or of its value, over all heads. */
    public int keyValueDim() {
        return keyValueHeads * headDim;
    }

    /** Returns how many weights the model has. */
    public long parameters() {
        return DecoderParameters.of(this).values().stream().mapToLong(Shape::size).sum();
    }

    /**
     * Returns how many floating-point operations the matrix products of a forward pass over a text take; what an
     * encoder–decoder reads of its source is not counted.
     *
     * @param tokens    how many tokens are computed
     * @param predicted at how many of them the next token's probabilities are computed
     */
    public double flop(int tokens, int predicted) {
        double attention = 2.0 * dim * headDim * (heads + keyValueHeads);
        double block = (double) family.feedForwardMatrices() * dim * feedForward;
        double seen = 2.0 * heads * headDim * tokens * (tokens + 1); // each token sees those before it and itself
        return layers * (2 * (attention + block) * tokens + seen) + 2.0 * vocabulary * dim * predicted;
    }

    /** Returns the shape of a table of learned positions. */
    Shape positionTable() {
        return Shape.of(positions + family.positionOffset(), dim);
    }

    /**
     * Returns the name of the parameter that turns hidden states into logits; for a tied model, the token embedding.
     */
    String head() {
        return tied ? family.tokens() : family.head();
    }

    static int requireLayers(int layers) {
        require(layers > 0, layers + " layers are none");
        require(layers <= MOST_LAYERS, layers + " layers are more than " + MOST_LAYERS);
        return layers;
    }

    private static void requirePositive(String what, int size) {
        require(size > 0, "the size of " + what + " is " + size + ", not positive");
    }

    static void requireMatrix(String of, int rows, int columns) {
        require((long) rows * columns <= MOST_ELEMENTS,
                "the matrix of " + of + ", " + rows + " rows of " + columns + ", is too large");
    }

    static void require(boolean condition, String problem) {
        if (!condition) throw new IllegalArgumentException(problem);
    }
}
