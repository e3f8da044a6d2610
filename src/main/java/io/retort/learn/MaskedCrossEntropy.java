package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.retrieval.Objective;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What all losses here are made of: cross-entropies of softmaxes, each over some of the columns of a row of scores:
 *
 * <pre>L = Σ_r Σ_j t_rj · (log Σ_{k ∈ A_r} exp R_rk − R_rj)</pre>
 *
 * <table>
 * <caption>Inputs</caption>
 * <tr><td>{@code NAME.target}</td><td>{@code [rows, replies]}</td><td>t: weight times target, in A only</td></tr>
 * <tr><td>{@code NAME.mask}</td><td>{@code [rows, replies]}</td><td>0 in A, {@value #MASKED} elsewhere</td></tr>
 * <tr><td>{@code NAME.context}</td><td>{@code [rows, contexts]}</td><td>1 at the row's context, where contexts may have
 * several rows</td></tr>
 * </table>
 *
 * @param name prefix of its inputs
 * @param repeats whether a context may have any number of rows; else row i is context i
 */
record MaskedCrossEntropy(String name, boolean repeats) {
    /** Added to masked scores: so far below any score that the softmax there is exactly 0. */
    static final float MASKED = -1e9f;

    /**
     * @param scores {@code [contexts, replies]}
     * @return a scalar
     */
    Node of(Graph graph, Node scores) {
        Node rows = repeats ? graph.matmul(graph.input(name + ".context", Graph.ANY, Graph.ANY), scores) : scores;
        Node masked = graph.add(rows, graph.input(name + ".mask", Graph.ANY, Graph.ANY));
        Node surprise = graph.subtract(graph.logSumExp(masked), rows); // [rows, replies]
        Node weighted = graph.multiply(surprise, graph.input(name + ".target", Graph.ANY, Graph.ANY));
        return graph.sum(graph.sum(weighted, 1, false), 0, false);
    }

    /** The loss as the only entry of a map, under the name of the quantity that training minimises. */
    SequencedMap<String, Node> alone(Graph graph, Node scores) {
        SequencedMap<String, Node> losses = new LinkedHashMap<>();
        losses.put(Objective.TOTAL, of(graph, scores));
        return losses;
    }

    /** Makes empty rows of targets and masks, to be filled for a batch. */
    Rows rows(int rows, BatchReplies batch) {
        return new Rows(rows, batch.contexts(), batch.count());
    }

    /** Collects, row by row, the values of the inputs that the cross-entropy declares. */
    final class Rows {
        private final int contexts;
        private final int replies;
        private final float[] target;
        private final float[] mask;
        private final float[] context;
        private int next;

        private Rows(int rows, int contexts, int replies) {
            this.contexts = contexts;
            this.replies = replies;
            this.target = new float[Math.multiplyExact(rows, replies)];
            this.mask = new float[target.length];
            this.context = new float[repeats ? Math.multiplyExact(rows, contexts) : 0];
            Arrays.fill(mask, MASKED);
        }

        /** Begins the next row: the softmax is over these columns, and over those that are given a target. */
        void begin(int ofContext, BitSet columns) {
            if (repeats) context[next * contexts + ofContext] = 1;
            else if (ofContext != next) throw new IllegalArgumentException("row " + next + " is not " + ofContext);
            columns.stream().forEach(column -> mask[next * replies + column] = 0);
            next++;
        }

        /** Adds a weight to a column of the present row's target. */
        void target(int column, double weight) {
            int at = (next - 1) * replies + column;
            target[at] += (float) weight;
            mask[at] = 0;
        }

        Map<String, Tensor> inputs() {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            inputs.put(name + ".target", Tensor.of(target, next, replies));
            inputs.put(name + ".mask", Tensor.of(mask, next, replies));
            if (repeats) inputs.put(name + ".context", Tensor.of(context, next, contexts));
            return inputs;
        }
    }
}
