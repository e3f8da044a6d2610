package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Another loss over scores whose factor is learnt with the student, as CLIP's temperature is (Radford et al. 2021, section
 * 2.5):
 *
 * <pre>L(R) = L'(exp(s) · R)</pre>
 *
 * <table>
 * <caption>Inputs and parameters</caption>
 * <tr><td>inputs</td><td>those of L'</td><td></td></tr>
 * <tr><td>{@code loss.log_scale}</td><td>{@code [1]}</td><td>s</td></tr>
 * </table>
 *
 * @param loss  L'
 * @param first the first value of s
 */
public record LearntScale(Loss loss, double first) implements Loss {
    public static final String LOG_SCALE = "loss.log_scale";

    @Override
    public String name() {
        return "learnt scale";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("first", first, "of", loss.name());
    }

    @Override
    public SequencedMap<String, Node> losses(Graph graph, Node scores) {
        return loss.losses(graph, graph.multiply(scores, graph.exp(graph.parameter(LOG_SCALE, 1))));
    }

    @Override
    public Map<String, Tensor> parameters() {
        return Map.of(LOG_SCALE, Tensor.of(new double[]{first}, 1));
    }

    @Override
    public Map<String, Tensor> inputs(BatchReplies batch) {
        return loss.inputs(batch);
    }
}
