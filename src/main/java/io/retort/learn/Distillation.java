package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Model-level G2R (section 3.3; Hinton et al. 2015): the student's probabilities of a context's candidates are to be
 * the teacher's, while negatives get none. Other contexts' candidates are masked out:
 *
 * <pre>
 * p_ij = softmax over j ∈ C_i of q_ij / T
 * L_KD = 1/B Σ_i − Σ_{j ∈ C_i} p_ij · log softmax over (C_i ∪ N_i) of R_i. at j
 * </pre>
 *
 * <p>A candidate that is given twice gets the mass of both.
 *
 * <table>
 * <caption>Inputs, a row for each context ({@link MaskedCrossEntropy})</caption>
 * <tr><td>{@code teacher.target}</td><td>{@code [contexts, replies]}</td><td>p_ij / B at the candidates</td></tr>
 * <tr><td>{@code teacher.mask}</td><td>{@code [contexts, replies]}</td><td>0 at C_i and N_i</td></tr>
 * </table>
 *
 * @param temperature T, positive: the greater, the more alike the candidates
 */
public record Distillation(double temperature) implements Loss {
    private static final MaskedCrossEntropy ROWS = new MaskedCrossEntropy("teacher", false);

    public Distillation {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature " + temperature);
        }
    }

    @Override
    public String name() {
        return "distillation";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("temperature", temperature);
    }

    @Override
    public SequencedMap<String, Node> losses(Graph graph, Node scores) {
        return ROWS.alone(graph, scores);
    }

    /**
     * @throws IllegalArgumentException if the batch has no teacher's scores
     */
    @Override
    public Map<String, Tensor> inputs(BatchReplies batch) {
        if (batch.teacher().isEmpty()) throw new IllegalArgumentException("distillation without a teacher's scores");
        MaskedCrossEntropy.Rows rows = ROWS.rows(batch.contexts(), batch);
        for (int i = 0; i < batch.contexts(); i++) {
            rows.begin(i, batch.negatives(i));
            int[] columns = batch.candidates().get(i);
            double[] p = target(batch.teacher().get(i));
            for (int j = 0; j < columns.length; j++) rows.target(columns[j], p[j] / batch.contexts());
        }
        return rows.inputs();
    }

    /** The teacher's probabilities of a context's candidates: the softmax of its scores over the temperature. */
    double[] target(double[] scores) {
        double greatest = Arrays.stream(scores).max().orElseThrow();
        double[] p = Arrays.stream(scores).map(q -> Math.exp((q - greatest) / temperature)).toArray();
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(e -> e / sum).toArray();
    }
}
