package io.retort.learn;

import com.sun.management.OperatingSystemMXBean;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.lm.DecoderConfig;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.ModelMemory;
import io.retort.lm.WeightStorage;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An estimate, in bytes, of the memory that tuning a generator takes, so that a run that cannot fit is refused at once.
 *
 * @param weights with gradients and an optimiser's two moments, and in the Java heap once more while they are read
 * @param pass    what the forward pass keeps for the backward pass
 * @param heap    the part that lies in the Java heap
 * @param smaller what to take where the weights themselves do not fit
 */
record TuningMemory(double weights, double pass, double heap, String smaller) {
    /**
     * Copies of all weights in memory: values, gradients, two moments, and values once more while they are read,
     * validated or written.
     */
    private static final int COPIES = 5;
    /**
     * Copies of all weights when only adapters are trained: values in the engine and beside it, and both again, merged,
     * while they are validated or written.
     */
    private static final int ADAPTED_COPIES = 4;
    /**
     * Vectors of the model's and of the feed-forward block's size that a layer keeps of a token: what cannot be
     * computed again from others in the backward pass (seen: Llama, 135M, from 1,920 to 3,200 tokens).
     */
    private static final int VECTORS = 16;
    private static final int INNER_VECTORS = 2;
    /** Bytes for the Java virtual machine itself: code, collector, and what its heap has grown to. */
    private static final double MACHINE = 0.5 * (1 << 30);
    /** Rows for which the head computes logits at once, and how many matrices of that size it holds. */
    private static final int HEAD_ROWS = 512;
    private static final int HEAD_COPIES = 3;
    private static final String SMALLER = "take a smaller model";

    static TuningMemory of(DecoderConfig config, GeneratorSettings settings) {
        long batch = (long) settings.batch() * settings.maxTokens();
        double rows = Math.min(settings.tokensAtOnce(), batch), bytes = Float.BYTES;
        double layer = VECTORS * (double) config.dim() + INNER_VECTORS * (double) config.feedForward();
        double logits = HEAD_COPIES * Math.min(HEAD_ROWS, rows) * config.vocabulary();
        double weights = bytes * config.parameters();
        double kept = bytes * (rows * config.layers() * layer + logits);
        if (settings.adapters().isPresent())
            return new TuningMemory(ADAPTED_COPIES * weights, kept, 2.25 * weights, SMALLER);
        int copies = batch > settings.tokensAtOnce() ? COPIES + 1 : COPIES; // gradients of several passes are added up
        return new TuningMemory(copies * weights, kept, 1.25 * weights, SMALLER);
    }

    /** Estimates what tuning these files takes, whose weights may stay as they are stored beside adapters. */
    static TuningMemory of(LanguageModelFiles base, GeneratorSettings settings, Engine engine) {
        TuningMemory floats = of(base.config(), settings);
        if (settings.adapters().isEmpty() || base.kept(engine, WeightStorage.FILE) == WeightStorage.F32) return floats;
        if (settings.base() == WeightStorage.F32) {
            return new TuningMemory(floats.weights, floats.pass, floats.heap, "set \"base-weights\" to file");
        }
        ModelMemory memory = base.memory();
        // Once in the program that trains, once more while it is validated; written matrix by matrix, through the heap.
        return new TuningMemory(2.0 * memory.weights(WeightStorage.FILE), floats.pass, 2.0 * memory.largest(), SMALLER);
    }

    double total() {
        return weights + pass + MACHINE;
    }

    /**
     * Refuses a run that needs more memory than this machine has.
     *
     * @throws BadInput with what would help
     */
    void requireRoom(Path model) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        requireRoom(model, system.getTotalMemorySize(), Runtime.getRuntime().maxMemory());
    }

    /**
     * @param memory of the machine
     * @param most   that the Java heap may grow to
     */
    void requireRoom(Path model, double memory, double most) {
        if (total() > memory) {
            throw BadInput.in(model, String.format(Locale.ROOT, "tuning takes about %s, %s of them for what a pass "
                    + "keeps; this machine has %s", gb(total()), gb(pass), gb(memory)),
                    weights < memory ? "use a smaller \"tokens-at-once\"" : smaller);
        }
        if (heap > most) {
            throw BadInput.in(model, String.format(Locale.ROOT, "tuning takes about %s of Java heap, which may grow to "
                    + "%s here", gb(heap), gb(most)), String.format(Locale.ROOT,
                            "set RETORT_JAVA_OPTS=-Xmx%.0fg", Math.ceil(1.5 * heap / (1 << 30))));
        }
    }

    private static String gb(double bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / (1 << 30));
    }
}
