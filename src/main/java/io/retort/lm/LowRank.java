package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.tensor.LazyTensor;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Low-rank adapters (LoRA, Hu et al. 2021): {@code W + (alpha / rank) B A} stands for each matrix W of a layer, and B
 * and A alone are trained, named as PEFT names them.
 *
 * @param rank  rows of A, columns of B
 * @param alpha their factor times the rank
 */
public record LowRank(int rank, double alpha) {
    private static final String WEIGHT = ".weight";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final int MOST = 1024;

    /**
     * Checks the numbers, which users choose.
     *
     * @throws BadInput if a number is out of range
     */
    public LowRank {
        if (rank < 1 || rank > MOST) throw BadInput.of("adapters of rank " + rank, "use 1 to " + MOST);
        if (!(alpha > 0 && alpha <= MOST)) {
            throw BadInput.of(String.format(Locale.ROOT, "an alpha of %s", alpha), "use more than 0, at most " + MOST);
        }
    }

    private double scale() {
        return alpha / rank;
    }

    static boolean isAdapter(String parameter) {
        return parameter.endsWith(A) || parameter.endsWith(B);
    }

    /**
     * Applies {@code x · (W + scale · B A)ᵀ} without ever computing the sum of the matrices.
     *
     * @param x {@code [rows, in]}
     * @return {@code [rows, out]}
     */
    Node projection(Graph graph, String name, Node x, int in, int out) {
        Node down = graph.matmulTransposed(x, graph.parameter(name + A, rank, in)); // [rows, rank]
        Node change = graph.matmulTransposed(down, graph.parameter(name + B, out, rank));
        return graph.add(Layers.projection(graph, name, x, in, out), graph.multiply(change, scale()));
    }

    /**
     * Returns the adapters' first values, chosen as PEFT does: A uniform within {@code 1 / √in}, B zero, so that the
     * model computes the same as before.
     *
     * @param declared all parameters of the graph
     */
    Map<String, Tensor> begin(Map<String, Shape> declared, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> values = new TreeMap<>();
        declared.forEach((name, shape) -> {
            if (!isAdapter(name)) return;
            float[] elements = new float[Math.toIntExact(shape.size())];
            float bound = (float) (1 / Math.sqrt(shape.dim(-1)));
            if (name.endsWith(A))
                for (int i = 0; i < elements.length; i++) elements[i] = random.nextFloat(-bound, bound);
            values.put(name, Tensor.of(elements, shape.toArray()));
        });
        return values;
    }

    /**
     * Returns a weight with its adapters' change added, made when it is asked for, or the weight itself if it has no
     * adapters.
     *
     * @param adapters by name
     */
    ParameterValue merged(String name, ParameterValue weight, Map<String, Tensor> adapters) {
        if (!name.endsWith(WEIGHT)) return weight;
        String layer = name.substring(0, name.length() - WEIGHT.length());
        if (!adapters.containsKey(layer + A)) return weight;
        return new LazyTensor(weight.shape(), () -> sum(weight.plain(), layer, adapters));
    }

    private Tensor sum(Tensor weight, String layer, Map<String, Tensor> adapters) {
        float[] sum = weight.toFloats().clone(), a = adapters.get(layer + A).toFloats(),
                b = adapters.get(layer + B).toFloats();
        int out = weight.shape().dim(0), in = weight.shape().dim(1);
        for (int row = 0; row < out; row++) {
            for (int k = 0; k < rank; k++) {
                float factor = (float) (scale() * b[row * rank + k]);
                for (int j = 0; j < in; j++) sum[row * in + j] += factor * a[k * in + j];
            }
        }
        return Tensor.of(sum, weight.shape().toArray());
    }
}
