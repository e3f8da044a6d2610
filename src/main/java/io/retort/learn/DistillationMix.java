package io.retort.learn;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * G2R-DM: both levels at once (section 3.3).
 *
 * <pre>L = (1 − α) L_CE + α L_KD</pre>
 *
 * <table>
 * <caption>Inputs, and the losses that are told</caption>
 * <tr><td>inputs</td><td>{@code positives.*}</td><td>of {@link MultiPositiveCrossEntropy}</td></tr>
 * <tr><td>inputs</td><td>{@code teacher.*}</td><td>of {@link Distillation}</td></tr>
 * <tr><td>losses</td><td>{@code loss}, {@code ce}, {@code kd}</td><td>L, L_CE and L_KD, scalars</td></tr>
 * </table>
 *
 * @param alpha α, 0 to 1; 0.1 in the paper
 */
public record DistillationMix(double alpha, Distillation distillation) implements Loss {
    private static final MultiPositiveCrossEntropy CROSS_ENTROPY = new MultiPositiveCrossEntropy();

    public DistillationMix {
        if (!(alpha >= 0 && alpha <= 1)) throw new IllegalArgumentException("alpha " + alpha);
    }

    @Override
    public String name() {
        return "multi-positive cross-entropy with distillation";
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new TreeMap<>(distillation.settings());
        settings.put("alpha", alpha);
        return settings;
    }

    @Override
    public SequencedMap<String, Node> losses(Graph graph, Node scores) {
        Node crossEntropy = CROSS_ENTROPY.losses(graph, scores).get(TOTAL);
        Node teacher = distillation.losses(graph, scores).get(TOTAL);
        SequencedMap<String, Node> losses = new LinkedHashMap<>();
        losses.put(TOTAL, graph.add(graph.multiply(crossEntropy, 1 - alpha), graph.multiply(teacher, alpha)));
        losses.put("ce", crossEntropy);
        losses.put("kd", teacher);
        return losses;
    }

    @Override
    public Map<String, Tensor> inputs(BatchReplies batch) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(CROSS_ENTROPY.inputs(batch));
        inputs.putAll(distillation.inputs(batch));
        return inputs;
    }
}
