package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The baseline: each context's original reply against its negatives (G2R section 3.1; Mazaré et al. 2018).
 *
 * <pre>L = 1/B Σ_i −log [ exp R_ii / (exp R_ii + Σ_{n ∈ N_i} exp R_in) ]</pre>
 *
 * <p>N_i are N random replies that the batch shares, the replies of the other contexts ("in-batch"), or both; a reply
 * that equals the context's own is none of them ({@link BatchReplies}). Other candidates of the context are left out.
 *
 * <table>
 * <caption>Inputs, a row for each context ({@link MaskedCrossEntropy})</caption>
 * <tr><td>{@code sampled.target}</td><td>{@code [contexts, replies]}</td><td>1/B at the original reply</td></tr>
 * <tr><td>{@code sampled.mask}</td><td>{@code [contexts, replies]}</td><td>0 at the original reply and N_i</td></tr>
 * </table>
 */
public record SampledCrossEntropy() implements Loss {
    private static final MaskedCrossEntropy ROWS = new MaskedCrossEntropy("sampled", false);

    @Override
    public String name() {
        return "sampled cross-entropy";
    }

    @Override
    public SequencedMap<String, Node> losses(Graph graph, Node scores) {
        return ROWS.alone(graph, scores);
    }

    @Override
    public Map<String, Tensor> inputs(BatchReplies batch) {
        MaskedCrossEntropy.Rows rows = ROWS.rows(batch.contexts(), batch);
        for (int i = 0; i < batch.contexts(); i++) {
            rows.begin(i, batch.negatives(i));
            rows.target(batch.candidates().get(i)[0], 1.0 / batch.contexts());
        }
        return rows.inputs();
    }
}
