package io.retort.retrieval;

import io.retort.dialogue.Context;
import io.retort.files.Progress;
import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.InputBuilder;
import io.retort.text.Tokenizer;
import java.util.List;
import java.util.Map;

/**
 * A student at work (G2R section 3.1): turns replies into vectors, and scores them for contexts by its {@link
 * ScoringForm}. Vectors of replies do not depend on the context, so they are computed once and kept; a context then costs
 * one pass of the encoder and little for each candidate. Safe to use from any thread; closing frees its native memory.
 */
public final class RetrievalModel implements AutoCloseable {
    private static final String CONTEXT = "context";
    private static final String REPLIES = "replies";
    private static final String SCORES = "scores";
    /** The most candidates of one run of the scoring graph. */
    private static final int CHUNK = 8192;

    private final ModelConfig config;
    private final Tokenizer tokenizer;
    private final InputBuilder inputs;
    private final Tower contexts;
    private final Tower replies;
    private final Program scoring; // null where scores are dot products

    /**
     * Makes a model ready to work.
     *
     * @param tokenizer closed with the model, if it is made
     * @param weights all that the configuration asks for; copied
     */
    public RetrievalModel(ModelConfig config, Tokenizer tokenizer, Map<String, Tensor> weights, Engine engine) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.inputs = new InputBuilder(tokenizer, config.text());
        try (CloseOnFailure made = new CloseOnFailure()) {
            this.contexts = made.with(Tower.ofContexts(config, weights, engine), Tower::close);
            boolean one = config.tied() && config.form().contextVectors().isEmpty();
            this.replies = one
                    ? contexts
                    : made.with(Tower.pooled(config, config.replyPrefix(), weights, engine), Tower::close);
            this.scoring = isSearchable() ? null : scoring(config, weights, engine);
            made.finish();
        }
    }

    /** Compiles the graph that scores candidates for one context. */
    private static Program scoring(ModelConfig config, Map<String, Tensor> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        int dim = config.dim();
        Node context = graph.input(CONTEXT, config.contextShape(1));
        Node replies = graph.input(REPLIES, Graph.ANY, dim);
        Node scores = config.form().scoresOfOne(graph, context, replies, dim).named(SCORES);
        return engine.compile(graph, weights, List.of(scores.name()));
    }

    /** Returns the settings of the model. */
    public ModelConfig config() {
        return config;
    }

    /** Returns the builder that turns texts into tokens as this model reads them. */
    public InputBuilder inputs() {
        return inputs;
    }

    /** Returns the size of a reply's vector. */
    public int dim() {
        return config.dim();
    }

    /**
     * Returns whether the best replies for a context can be found by search over their vectors with {@link
     * #encodeContext}; otherwise every reply must be scored.
     */
    public boolean isSearchable() {
        return config.form().isDotProduct();
    }

    /**
     * Encodes replies into the vectors that scores are made of, {@code [replies][dim]}; they have length 1 where the
     * similarity is the cosine.
     *
     * @param progress counts replies
     */
    public float[][] encodeReplies(List<String> texts, Progress progress) {
        return scored(publishedReplies(texts, progress));
    }

    /**
     * Encodes replies into the vectors that the model's makers publish. They differ from those of {@link
     * #encodeReplies} only for models that compare by cosine vectors that are not of length 1; to score, use {@link
     * #encodeReplies}.
     */
    public float[][] publishedReplies(List<String> texts, Progress progress) {
        return replies.runAll(texts.stream().map(inputs::reply).toList(), progress);
    }

    /**
     * Encodes contexts, given as token ids, into the vectors that the model's makers publish; see {@link
     * #publishedReplies}.
     */
    public float[][] publishedContexts(List<int[]> ids, Progress progress) {
        return contexts.runAll(ids, progress);
    }

    /** Scales vectors to length 1 where scores are cosines and the model itself does not do so. */
    private float[][] scored(float[][] vectors) {
        if (config.similarity() != Similarity.COSINE || config.head().normalized()) return vectors;
        for (float[] vector : vectors) {
            double squares = 0;
            for (float value : vector) squares += (double) value * value;
            double length = Math.max(Math.sqrt(squares), Float.MIN_NORMAL);
            for (int j = 0; j < vector.length; j++) vector[j] = (float) (vector[j] / length);
        }
        return vectors;
    }

    /**
     * Encodes one context, given as token ids ({@link InputBuilder#context}), into a vector {@code [dim]} or, as the
     * scoring form needs, several vectors one after the other.
     */
    public float[] encodeContext(int[] context) {
        return encodeContexts(List.of(context), Progress.NONE)[0];
    }

    /**
     * Encodes a context for nothing but that the JVM compiles what later contexts are encoded with, where the model was
     * made on an {@link Engine#answering} engine: until {@link #rehearsed}, contexts are encoded by what is compiled
     * soonest.
     */
    public void rehearse(int[] context) {
        contexts.rehearse(context);
    }

    /** Ends rehearsing: from now on texts are encoded by what was rehearsed. */
    public void rehearsed() {
        contexts.rehearsed();
        if (replies != contexts) replies.rehearsed();
        if (scoring != null) scoring.rehearsed();
    }

    /**
     * Encodes contexts given as token ids; each row of the result is what {@link #encodeContext} returns.
     *
     * @param progress counts contexts
     */
    public float[][] encodeContexts(List<int[]> ids, Progress progress) {
        float[][] encoded = publishedContexts(ids, progress);
        return config.form().contextVectors().isPresent() ? encoded : scored(encoded);
    }

    /**
     * Returns the scores {@code R(c, r)} of replies for a context, which is given as token ids.
     *
     * @param vectors of replies, {@code [n][dim]}
     * @return {@code [n]}
     */
    public float[] score(int[] context, float[][] vectors) {
        return scorer(context).score(vectors);
    }

    /**
     * Returns the scores {@code R(c, r)} of replies, given by their vectors {@code [n][dim]}, for a context of turns.
     */
    public float[] score(Context context, float[][] vectors) {
        return score(inputs.context(context), vectors);
    }

    /** Encodes a context, given as token ids, once, to score any number of replies for it. */
    public Scorer scorer(int[] context) {
        return scorer(encodeContext(context));
    }

    /**
     * Prepares to score replies for a context that is encoded already.
     *
     * @param encoded as {@link #encodeContext} gives it
     */
    public Scorer scorer(float[] encoded) {
        return new Scorer(encoded);
    }

    /**
     * Scores replies for one context, which is encoded already. Safe to use from any thread while the model is open.
     */
    public final class Scorer {
        private final float[] context;

        private Scorer(float[] context) {
            this.context = context;
        }

        /** Returns the scores {@code [n]} of replies, given by their vectors {@code [n][dim]}. */
        public float[] score(float[][] vectors) {
            return scoring == null ? dotProducts(vectors) : byGraph(vectors);
        }

        private float[] dotProducts(float[][] vectors) {
            float[] scores = new float[vectors.length];
            for (int i = 0; i < scores.length; i++) {
                double sum = 0;
                for (int j = 0; j < context.length; j++) sum += (double) context[j] * vectors[i][j];
                scores[i] = (float) sum;
            }
            return scores;
        }

        private float[] byGraph(float[][] vectors) {
            Tensor encoded = Tensor.of(context, config.contextShape(1));
            float[] scores = new float[vectors.length];
            for (int from = 0; from < scores.length; from += CHUNK) {
                int count = Math.min(CHUNK, scores.length - from);
                float[] chunk = new float[count * dim()];
                for (int i = 0; i < count; i++) System.arraycopy(vectors[from + i], 0, chunk, i * dim(), dim());
                float[] result = scoring.run(Map.of(CONTEXT, encoded, REPLIES, Tensor.of(chunk, count, dim())))
                        .get(SCORES).toFloats();
                System.arraycopy(result, 0, scores, from, count);
            }
            return scores;
        }
    }

    @Override
    public void close() {
        contexts.close();
        if (replies != contexts) replies.close();
        if (scoring != null) scoring.close();
        tokenizer.close();
    }
}
