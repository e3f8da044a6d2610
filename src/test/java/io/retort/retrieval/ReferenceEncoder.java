package io.retort.retrieval;

import io.retort.tensor.Tensor;
import java.util.Map;
import org.apache.commons.math3.special.Erf;

/**
 * The encoder and the poly-encoder's attentions in double, written from their equations with plain loops over one text
 * without padding: what the SameDiff graphs are held against.
 */
public final class ReferenceEncoder {
    private final EncoderConfig config;
    private final Map<String, Tensor> weights;

    public ReferenceEncoder(EncoderConfig config, Map<String, Tensor> weights) {
        this.config = config;
        this.weights = weights;
    }

    /** The last layer's output for one text, {@code [time][dim]}. */
    public double[][] hidden(int[] ids) {
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            double[] word = row(EmbeddingTable.WORDS, ids[t]);
            double[] place = row(EmbeddingTable.POSITIONS, t + config.positionOffset());
            double[] type = row(EmbeddingTable.TYPES, 0);
            x[t] = norm("embeddings.LayerNorm", sum(sum(word, place), type));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String name = "encoder.layer." + layer + ".";
            boolean pre = config.norms() == EncoderConfig.NormPlacement.PRE;
            double[][] attended = attention(name, pre ? normAll(name + "attention.LayerNorm", x) : x);
            for (int t = 0; t < x.length; t++) {
                double[] residual = sum(attended[t], x[t]);
                if (pre) {
                    x[t] = sum(feedForward(name, norm(name + "intermediate.LayerNorm", residual)), residual);
                } else {
                    double[] middle = norm(name + "attention.output.LayerNorm", residual);
                    x[t] = norm(name + "output.LayerNorm", sum(feedForward(name, middle), middle));
                }
            }
        }
        return config.norms() == EncoderConfig.NormPlacement.PRE ? normAll("LayerNorm", x) : x;
    }

    /** The mean of the rows. */
    public static double[] mean(double[][] rows) {
        double[] equal = new double[rows.length];
        java.util.Arrays.fill(equal, 1.0 / rows.length);
        return mix(equal, rows);
    }

    /** y_i = Σ_t softmax_t(q_i · h_t) h_t. */
    static double[][] attend(double[][] codes, double[][] hidden) {
        double[][] attended = new double[codes.length][];
        for (int i = 0; i < codes.length; i++) attended[i] = mix(softmax(dots(codes[i], hidden)), hidden);
        return attended;
    }

    /** w = softmax_i(h_r · y_i), y = Σ_i w_i y_i, score = y · h_r. */
    static double polyScore(double[][] attended, double[] reply) {
        return dot(mix(softmax(dots(reply, attended)), attended), reply);
    }

    private double[][] attention(String name, double[][] x) {
        int heads = config.heads();
        int size = config.headDim();
        double[][] q = new double[x.length][];
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            q[t] = linear(name + "attention.self.query", x[t]);
            k[t] = linear(name + "attention.self.key", x[t]);
            v[t] = linear(name + "attention.self.value", x[t]);
        }
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] mixed = new double[config.dim()];
            for (int h = 0; h < heads; h++) {
                double[] logits = new double[x.length];
                for (int s = 0; s < x.length; s++) {
                    for (int j = h * size; j < (h + 1) * size; j++) logits[s] += q[t][j] * k[s][j];
                    logits[s] /= Math.sqrt(size);
                }
                double[] p = softmax(logits);
                for (int s = 0; s < x.length; s++) {
                    for (int j = h * size; j < (h + 1) * size; j++) mixed[j] += p[s] * v[s][j];
                }
            }
            out[t] = linear(name + "attention.output.dense", mixed);
        }
        return out;
    }

    private double[] feedForward(String name, double[] x) {
        double[] inner = linear(name + "intermediate.dense", x);
        for (int i = 0; i < inner.length; i++) {
            double z = inner[i];
            inner[i] = switch (config.activation()) {
                case GELU -> z * 0.5 * (1 + Erf.erf(z / Math.sqrt(2)));
                case GELU_TANH -> z * 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
            };
        }
        return linear(name + "output.dense", inner);
    }

    private double[] linear(String name, double[] x) {
        Tensor weight = weights.get(name + ".weight");
        double[] w = weight.toDoubles();
        double[] y = weights.get(name + ".bias").toDoubles();
        for (int o = 0; o < y.length; o++) {
            for (int i = 0; i < x.length; i++) y[o] += w[o * x.length + i] * x[i];
        }
        return y;
    }

    private double[][] normAll(String name, double[][] x) {
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) y[t] = norm(name, x[t]);
        return y;
    }

    private double[] norm(String name, double[] x) {
        double[] gain = weights.get(name + ".weight").toDoubles();
        double[] bias = weights.get(name + ".bias").toDoubles();
        double mean = 0;
        for (double value : x) mean += value / x.length;
        double variance = 0;
        for (double value : x) variance += (value - mean) * (value - mean) / x.length;
        double[] y = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            y[j] = (x[j] - mean) / Math.sqrt(variance + config.normEpsilon()) * gain[j] + bias[j];
        }
        return y;
    }

    private double[] row(String table, int index) {
        double[] all = weights.get(table).toDoubles();
        double[] row = new double[config.dim()];
        System.arraycopy(all, index * config.dim(), row, 0, row.length);
        return row;
    }

    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double[] dots(double[] a, double[][] rows) {
        double[] out = new double[rows.length];
        for (int i = 0; i < rows.length; i++) out[i] = dot(a, rows[i]);
        return out;
    }

    private static double[] mix(double[] p, double[][] rows) {
        double[] out = new double[rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < out.length; j++) out[j] += p[i] * rows[i][j];
        }
        return out;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < a.length; i++) out[i] = a[i] + b[i];
        return out;
    }

    private static double[] softmax(double[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (double logit : logits) max = Math.max(max, logit);
        double total = 0;
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) total += p[i] = Math.exp(logits[i] - max);
        for (int i = 0; i < p.length; i++) p[i] /= total;
        return p;
    }
}
