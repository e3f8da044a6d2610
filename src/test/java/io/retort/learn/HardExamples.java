package io.retort.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.ElementType;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A small task for tests of the loop: logistic regression of random points. Every few steps it notes the examples that
 * the weights of the moment get most wrong, and trains on them besides: a state that weights and moments do not hold.
 */
class HardExamples implements TrainingTask {
    private static final int DIMS = 20, POINTS = 200, BATCH = 8, MINED_EVERY = 7, HARD = 4;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final long seed;
    private final double[][] points = new double[POINTS][DIMS];
    private final boolean[] labels = new boolean[POINTS];
    private final Arena arena = Arena.ofShared();
    private final TrainableBuffer weights = buffer("weights", Shape.of(4, 5));
    private final TrainableBuffer bias = buffer("bias", Shape.of(1));
    private float[] hard = new float[0];

    private final String digest;

    HardExamples(long seed) {
        this(seed, "ab12");
    }

    /**
     * @param digest that it claims for its data
     */
    HardExamples(long seed, String digest) {
        this.seed = seed;
        this.digest = digest;
        Random random = new Random(11);
        for (int i = 0; i < POINTS; i++) {
            double sum = 0.3;
            for (int d = 0; d < DIMS; d++) sum += (points[i][d] = random.nextGaussian()) * (d % 3 - 1);
            labels[i] = sum > 0;
        }
    }

    private TrainableBuffer buffer(String name, Shape shape) {
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, Map.of(name, shape));
        return new TrainableBuffer(layout, arena.allocate(layout.bytes(), 64), arena.allocate(layout.bytes(), 64));
    }

    @Override
    public List<TrainableBuffer> buffers() {
        return List.of(weights, bias);
    }

    @Override
    public Step step(long step) {
        if (step % MINED_EVERY == 0) hard = hardest();
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + step);
        double[] gradient = new double[DIMS + 1];
        double drawn = 0, mined = 0;
        for (int i = 0; i < BATCH; i++) drawn += add(random.nextInt(POINTS), gradient) / BATCH;
        for (float i : hard) mined += add((int) i, gradient) / HARD;
        for (int d = 0; d < DIMS; d++) weights.gradients().setAtIndex(FLOAT, d, (float) gradient[d]);
        bias.gradients().setAtIndex(FLOAT, 0, (float) gradient[DIMS]);
        SequencedMap<String, Double> losses = new LinkedHashMap<>();
        losses.put("loss", drawn + mined);
        losses.put("drawn", drawn);
        losses.put("mined", mined);
        return new Step(losses, BATCH + HARD, (BATCH + HARD) * DIMS, 0);
    }

    /** Adds an example's gradient; gives its loss. */
    private double add(int i, double[] gradient) {
        double probability = 1 / (1 + Math.exp(-score(i)));
        double error = (probability - (labels[i] ? 1 : 0)) / BATCH;
        for (int d = 0; d < DIMS; d++) gradient[d] += error * points[i][d];
        gradient[DIMS] += error;
        return -Math.log(labels[i] ? probability : 1 - probability);
    }

    private double score(int i) {
        double sum = bias.values().getAtIndex(FLOAT, 0);
        for (int d = 0; d < DIMS; d++) sum += weights.values().getAtIndex(FLOAT, d) * points[i][d];
        return sum;
    }

    private float[] hardest() {
        float[] worst = new float[HARD];
        List<Integer> order = IntStream.range(0, POINTS).boxed()
                .sorted(Comparator.comparingDouble(i -> labels[i] ? score(i) : -score(i))).toList();
        for (int i = 0; i < HARD; i++) worst[i] = order.get(i);
        return worst;
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("hard", Tensor.of(hard, hard.length));
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        hard = state.get("hard").toFloats().clone();
    }

    @Override
    public SequencedMap<String, Double> validate() {
        int right = 0;
        for (int i = 0; i < POINTS; i++) if (score(i) > 0 == labels[i]) right++;
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", (double) right / POINTS);
        metrics.put("bias", (double) bias.values().getAtIndex(FLOAT, 0));
        return metrics;
    }

    @Override
    public boolean greaterIsBetter() {
        return true;
    }

    @Override
    public TrainingSources sources() {
        return new TrainingSources("Logistic regression of points.",
                List.of(new TrainingSources.Source("points.jsonl", digest, "CC0-1.0")), List.of());
    }

    @Override
    public void save(Path folder, ObjectNode provenance) throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (TrainableBuffer buffer : buffers()) {
            NamedWeights.collect("", buffer.layout(), buffer.values(), tensors);
        }
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        AtomicFile.write(folder.resolve("provenance.json"), provenance.toString().getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(folder.resolve("config.json"), "{}".getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(folder.resolve("1_Pooling/config.json"), "{}".getBytes(StandardCharsets.UTF_8));
    }

    /** Makes every later loss NaN. */
    void poison() {
        bias.values().setAtIndex(FLOAT, 0, Float.NaN);
    }

    /** The present weights, bit by bit. */
    byte[] bits() {
        byte[] bytes = new byte[(int) (weights.layout().bytes() + bias.layout().bytes())];
        MemorySegment all = MemorySegment.ofArray(bytes);
        MemorySegment.copy(weights.values(), 0, all, 0, weights.layout().bytes());
        MemorySegment.copy(bias.values(), 0, all, weights.layout().bytes(), bias.layout().bytes());
        return bytes;
    }

    @Override
    public void close() {
        arena.close();
    }
}
