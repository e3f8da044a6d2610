package io.retort.model;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.tensor.Tensor;
import io.retort.text.InputBuilder;
import io.retort.text.Tokenizer;
import java.util.List;
import java.util.Map;

/**
 * One vector for the context, one for the reply: {@code R(c, r) = h_c(c) · h_r(r)} (G2R section 3.1). Answers by search
 * over stored replies.
 */
public final class BiEncoder implements RetrievalModel {
    private final ModelConfig config;
    private final Tokenizer tokenizer;
    private final InputBuilder inputs;
    private final Tower contexts;
    private final Tower replies;

    BiEncoder(ModelConfig config, Tokenizer tokenizer, Map<String, Tensor> weights, Engine engine) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.inputs = new InputBuilder(tokenizer, config.text());
        this.contexts = Tower.pooled(config, config.contextPrefix(), weights, engine);
        this.replies = config.tied() ? contexts : Tower.pooled(config, config.replyPrefix(), weights, engine);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public InputBuilder inputs() {
        return inputs;
    }

    /** The vector of one context given as token ids, {@code [dim]}. */
    public float[] encodeContext(int[] context) {
        return encodeContexts(List.of(context), Progress.NONE)[0];
    }

    /** The vectors of contexts given as token ids, {@code [contexts][dim]}. */
    public float[][] encodeContexts(List<int[]> ids, Progress progress) {
        return scored(publishedContexts(ids, progress));
    }

    /** The vectors of contexts as the model's makers publish them: see {@link #publishedReplies}. */
    public float[][] publishedContexts(List<int[]> ids, Progress progress) {
        return contexts.runAll(ids, progress);
    }

    @Override
    public float[][] encodeReplies(List<String> texts, Progress progress) {
        return scored(publishedReplies(texts, progress));
    }

    @Override
    public float[][] publishedReplies(List<String> texts, Progress progress) {
        return replies.runAll(texts.stream().map(inputs::reply).toList(), progress);
    }

    /** Scales vectors to length 1 where scores are cosines and the model itself leaves vectors as they are. */
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

    @Override
    public float[] score(int[] context, float[][] vectors) {
        return scores(encodeContext(context), vectors);
    }

    /** Dot products {@code [n]} of a context's vector {@code [dim]} with those of replies {@code [n][dim]}. */
    public static float[] scores(float[] context, float[][] replies) {
        float[] scores = new float[replies.length];
        for (int i = 0; i < scores.length; i++) {
            double sum = 0;
            for (int j = 0; j < context.length; j++) sum += (double) context[j] * replies[i][j];
            scores[i] = (float) sum;
        }
        return scores;
    }

    @Override
    public void close() {
        contexts.close();
        if (replies != contexts) replies.close();
        tokenizer.close();
    }
}
