package io.retort.model;

import io.retort.files.Progress;
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
 * A few vectors for the context, which each reply attends over ({@link PolyAttention}; G2R section 3.1). Reply vectors
 * do not depend on the context, so they are computed once and kept; a context then costs one pass of the encoder and a
 * small product a candidate.
 */
public final class PolyEncoder implements RetrievalModel {
    private static final String SCORES = "scores";
    /** Candidates of one run of the scoring graph. */
    private static final int CHUNK = 8192;

    private final ModelConfig config;
    private final Tokenizer tokenizer;
    private final InputBuilder inputs;
    private final Tower contexts;
    private final Tower replies;
    private final Program scoring;

    PolyEncoder(ModelConfig config, Tokenizer tokenizer, Map<String, Tensor> weights, Engine engine) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.inputs = new InputBuilder(tokenizer, config.text());
        this.contexts = Tower.attended(config, config.contextPrefix(), weights, engine);
        this.replies = Tower.pooled(config, config.replyPrefix(), weights, engine);
        this.scoring = scoring(ElementType.F32, dim(), engine);
    }

    /** The graph from attended codes and candidates to scores, in the given precision. */
    static Program scoring(ElementType precision, int dim, Engine engine) {
        Graph graph = Graph.of(precision);
        Node attended = graph.input("attended", Graph.ANY, Graph.ANY, dim);
        Node candidates = graph.input("candidates", Graph.ANY, Graph.ANY, dim);
        return engine.compile(graph, Map.of(),
                List.of(PolyAttention.score(graph, attended, candidates).named(SCORES).name()));
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public InputBuilder inputs() {
        return inputs;
    }

    @Override
    public float[][] encodeReplies(List<String> texts, Progress progress) {
        return replies.runAll(texts.stream().map(inputs::reply).toList(), progress);
    }

    /** The context's vectors {@code y_i}, {@code [codes, dim]} row by row. */
    public float[] attend(int[] context) {
        return contexts.runAll(List.of(context), Progress.NONE)[0];
    }

    @Override
    public float[] score(int[] context, float[][] vectors) {
        return scorer(context).score(vectors);
    }

    /** Encodes a context once, to score any number of replies for it. */
    public Scorer scorer(int[] context) {
        return new Scorer(Tensor.of(attend(context), 1, config.codes(), dim()));
    }

    /** A context that waits for candidates. Safe to use from any thread while the model is open. */
    public final class Scorer {
        private final Tensor attended; // [1, codes, dim]

        private Scorer(Tensor attended) {
            this.attended = attended;
        }

        /** Scores {@code [n]} of reply vectors {@code [n][dim]}. */
        public float[] score(float[][] vectors) {
            float[] scores = new float[vectors.length];
            for (int from = 0; from < scores.length; from += CHUNK) {
                int count = Math.min(CHUNK, scores.length - from);
                float[] chunk = new float[count * dim()];
                for (int i = 0; i < count; i++) System.arraycopy(vectors[from + i], 0, chunk, i * dim(), dim());
                Tensor candidates = Tensor.of(chunk, 1, count, dim());
                float[] result = scoring.run(Map.of("attended", attended, "candidates", candidates)).get(SCORES)
                        .toFloats();
                System.arraycopy(result, 0, scores, from, count);
            }
            return scores;
        }
    }

    @Override
    public void close() {
        contexts.close();
        replies.close();
        scoring.close();
        tokenizer.close();
    }
}
