package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Dropout (Srivastava et al. 2014) by masks that are fed: each element is 0 with probability p, else divided by 1 − p.
 * ND4J's own operation has no gradient. It stands where BERT's hidden dropout does, after the embeddings' norm and on
 * the outputs of attention and feed-forward blocks; attention's probabilities are left alone.
 *
 * <p>A text's masks are a pure function of the step's seed and the text's number: neither the batch it is in nor a second
 * forward pass changes them. Written by one thread, then unchanged.
 */
final class Dropout {
    private static final int STEPS = 1 << 16; // resolution of the rate: four draws out of a long

    private final int threshold;
    private final List<String> sites = new ArrayList<>();

    /**
     * Prepares dropout at a rate.
     *
     * @param rate p, in [0, 1); with 0 nothing is written to graphs and nothing is fed
     */
    Dropout(double rate) {
        if (!(rate >= 0 && rate < 1)) throw new IllegalArgumentException("dropout " + rate);
        this.threshold = (int) Math.round(rate * STEPS);
    }

    /** Returns dropout that does nothing, for encoders at work. */
    static Dropout none() {
        return new Dropout(0);
    }

    /**
     * Drops out elements of a value by the mask of this place in the graph.
     *
     * @param x {@code [batch * time, dim]}
     */
    Node at(String site, Graph graph, Node x, int dim) {
        if (threshold == 0) return x;
        sites.add(site);
        return graph.multiply(x, graph.input(input(site), Graph.ANY, dim));
    }

    private static String input(String site) {
        return "dropout." + site;
    }

    /**
     * Adds the masks for a batch to the inputs of its graph.
     *
     * @param numbers of all texts that the batch was planned from
     */
    void feed(TokenBatch batch, int[] numbers, long seed, int dim, Map<String, Tensor> inputs) {
        for (int site = 0; site < sites.size(); site++) {
            float[] mask = new float[Math.multiplyExact(batch.ids().length, dim)];
            for (int text = 0; text < batch.batch(); text++) {
                SplittableRandom random = new SplittableRandom(
                        mixed(mixed(seed + mixed(numbers[batch.rows()[text]])) + site));
                fill(mask, text * batch.time() * dim, batch.lengths()[text] * dim, random);
            }
            inputs.put(input(sites.get(site)), Tensor.of(mask, batch.ids().length, dim));
        }
    }

    private void fill(float[] mask, int from, int count, SplittableRandom random) {
        float kept = (float) (1 / (1 - (double) threshold / STEPS));
        long bits = 0;
        for (int i = 0; i < count; i++, bits >>>= 16) {
            if (i % 4 == 0) bits = random.nextLong();
            mask[from + i] = (bits & (STEPS - 1)) < threshold ? 0 : kept;
        }
    }

    /** A permutation of all longs (the finaliser of MurmurHash3): neighbouring seeds give unrelated streams. */
    private static long mixed(long z) {
        z = (z ^ z >>> 33) * 0xff51afd7ed558ccdL;
        z = (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
        return z ^ z >>> 33;
    }
}
