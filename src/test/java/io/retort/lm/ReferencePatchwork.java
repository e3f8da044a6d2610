package io.retort.lm;

import io.retort.tensor.Tensor;
import java.util.Map;

/** {@link PatchworkFamily}'s models in plain loops and doubles, over the weights as a checkpoint has them. */
final class ReferencePatchwork {
    private final DecoderConfig config;
    private final PatchworkFamily.Patches own;
    private final Map<String, Tensor> weights;

    ReferencePatchwork(DecoderConfig config, Map<String, Tensor> published) {
        this.config = config;
        this.own = (PatchworkFamily.Patches) config.own();
        this.weights = published;
    }

    /** Logits after each token of a text, {@code [time][vocabulary]}. */
    double[][] logits(int... text) {
        int dim = config.dim();
        double[] embeddings = values("model.embed_tokens.weight");
        double[][] x = new double[text.length][dim];
        for (int t = 0; t < text.length; t++) {
            for (int j = 0; j < dim; j++) x[t][j] = embeddings[text[t] * dim + j] * Math.sqrt(dim);
        }
        for (int layer = 0; layer < config.layers(); layer++) x = layer(layer, x);
        double[][] logits = new double[text.length][config.vocabulary()];
        for (int t = 0; t < text.length; t++) {
            double[] norm = norm(x[t], "model.norm.weight");
            for (int v = 0; v < config.vocabulary(); v++) {
                double sum = 0;
                for (int j = 0; j < dim; j++) sum += norm[j] * embeddings[v * dim + j];
                logits[t][v] = cap(sum / own.output());
            }
        }
        return logits;
    }

    private double[][] layer(int layer, double[][] x) {
        String name = "model.layers." + layer + ".";
        int head = config.headDim(), heads = config.heads(), keyHeads = config.keyValueHeads();
        int queries = heads * head, keys = keyHeads * head;
        double[][] query = new double[x.length][], key = new double[x.length][], value = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] all = linear(name + "self_attn.qkv_proj", x[t], true);
            query[t] = positioned(layer, t, slice(all, 0, queries), name + "self_attn.q_norm.weight");
            key[t] = positioned(layer, t, slice(all, queries, keys), name + "self_attn.k_norm.weight");
            value[t] = slice(all, queries + keys, keys);
        }
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] mixed = new double[queries];
            for (int h = 0; h < heads; h++) attend(layer, t, h, query[t], key, value, mixed);
            double[] attended = norm(linear(name + "self_attn.o_proj", mixed, false),
                    name + "attention_layernorm.weight");
            double[] sum = new double[config.dim()];
            for (int j = 0; j < sum.length; j++) sum[j] = x[t][j] + own.residual() * attended[j];
            double[] both = linear(name + "mlp.gate_up_proj", sum, false);
            double[] inner = new double[config.feedForward()];
            for (int j = 0; j < inner.length; j++) inner[j] = gelu(both[j]) * both[inner.length + j];
            double[] down = norm(linear(name + "mlp.down_proj", inner, false), name + "mlp_layernorm.weight");
            out[t] = new double[config.dim()];
            for (int j = 0; j < sum.length; j++) out[t][j] = sum[j] + own.residual() * down[j];
        }
        return out;
    }

    private void attend(int layer, int t, int h, double[] query, double[][] key, double[][] value, double[] mixed) {
        int head = config.headDim(), of = h * config.keyValueHeads() / config.heads() * head;
        int first = layer % 2 == 1 ? Math.max(0, t - own.window() + 1) : 0;
        double[] weights = new double[t + 1];
        double total = 0;
        for (int s = first; s <= t; s++) {
            double dot = 0;
            for (int j = 0; j < head; j++) dot += query[h * head + j] * key[s][of + j];
            total += weights[s] = Math.exp(cap(own.attention() * dot));
        }
        for (int s = first; s <= t; s++) {
            for (int j = 0; j < head; j++) mixed[h * head + j] += weights[s] / total * value[s][of + j];
        }
    }

    private double[] positioned(int layer, int t, double[] x, String norm) {
        int head = config.headDim(), half = own.turned() / 2;
        double[] result = new double[x.length];
        for (int at = 0; at < x.length; at += head) {
            double[] own = norm(slice(x, at, head), norm);
            System.arraycopy(own, 0, result, at, head);
            if (layer == 2) continue;
            for (int j = 0; j < half; j++) {
                double angle = t * Math.pow(config.ropeTheta(), -2.0 * j / this.own.turned())
                        / (layer % 2 == 0 ? this.own.slower() : 1);
                double amplitude = layer % 2 == 0 ? 1.25 : 1, cos = Math.cos(angle), sin = Math.sin(angle);
                result[at + j] = amplitude * (own[j] * cos - own[half + j] * sin);
                result[at + half + j] = amplitude * (own[half + j] * cos + own[j] * sin);
            }
        }
        return result;
    }

    private double[] linear(String name, double[] x, boolean bias) {
        double[] matrix = values(name + ".weight"), y = bias
                ? values(name + ".bias")
                : new double[matrix.length / x.length];
        for (int i = 0; i < y.length; i++) for (int j = 0; j < x.length; j++) y[i] += matrix[i * x.length + j] * x[j];
        return y;
    }

    private double[] norm(double[] x, String weight) {
        double[] gains = values(weight), y = new double[x.length];
        double squares = 0;
        for (double each : x) squares += each * each;
        double root = Math.sqrt(squares / x.length + config.normEpsilon());
        for (int j = 0; j < x.length; j++) y[j] = x[j] / root * gains[j];
        return y;
    }

    private double cap(double x) {
        return own.softCap() * Math.tanh(x / own.softCap());
    }

    private static double gelu(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static double[] slice(double[] x, int from, int count) {
        return java.util.Arrays.copyOfRange(x, from, from + count);
    }

    /** A copy. */
    private double[] values(String name) {
        return weights.get(name).toDoubles().clone();
    }
}
