package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Data-level G2R (section 3.2): every candidate of a context, the original reply and the teacher's, against the
 * context's negatives. Siblings are neither target nor negative of one another:
 *
 * <pre>L_CE = mean over all (i, j ∈ C_i) of −log [ exp R_ij / (exp R_ij + Σ_{n ∈ N_i} exp R_in) ]</pre>
 *
 * <p>A candidate that is given twice counts twice and loses no negative. With one candidate a context this is {@link
 * SampledCrossEntropy}.
 *
 * <table>
 * <caption>Inputs, a row for each candidate of each context ({@link MaskedCrossEntropy})</caption>
 * <tr><td>{@code positives.target}</td><td>{@code [candidates of all contexts, replies]}</td><td>1 over the number of
 * rows at the candidate</td></tr>
 * <tr><td>{@code positives.mask}</td><td>{@code [candidates of all contexts, replies]}</td><td>0 at the candidate and the
 * negatives</td></tr>
 * <tr><td>{@code positives.context}</td><td>{@code [candidates of all contexts, contexts]}</td><td>1 at the row's
 * context</td></tr>
 * </table>
 */
public record MultiPositiveCrossEntropy() implements Loss {
    private static final MaskedCrossEntropy ROWS = new MaskedCrossEntropy("positives", true);

    @Override
    public String name() {
        return "multi-positive cross-entropy";
    }

    @Override
    public SequencedMap<String, Node> losses(Graph graph, Node scores) {
        return ROWS.alone(graph, scores);
    }

    @Override
    public Map<String, Tensor> inputs(BatchReplies batch) {
        int pairs = batch.candidates().stream().mapToInt(columns -> columns.length).sum();
        MaskedCrossEntropy.Rows rows = ROWS.rows(pairs, batch);
        for (int i = 0; i < batch.contexts(); i++) {
            for (int column : batch.candidates().get(i)) {
                rows.begin(i, batch.negatives(i));
                rows.target(column, 1.0 / pairs);
            }
        }
        return rows.inputs();
    }
}
