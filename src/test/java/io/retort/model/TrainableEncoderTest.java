package io.retort.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.ParameterLayout;
import io.retort.tensor.Tensor;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrainableEncoderTest {
    /** Token 7 three times, twice in one text; texts of several lengths; places after {@code positionOffset}. */
    private static final List<int[]> TEXTS = List.of(new int[]{7, 3, 7, 20, 11}, new int[]{4, 7}, new int[]{49, 0, 1});
    private static final TokenBatch BATCH = new LengthBuckets(64, 40).plan(TEXTS, 0).getFirst();

    private final ModelConfig config = config();
    private final Map<String, Tensor> weights = RandomModels.weights(config, 3);
    private final Map<String, Tensor> fed = Map.of("upstream", upstream());
    private final TrainableEncoder encoder = trainable(weights);

    private static ModelConfig config() {
        EncoderConfig encoder = RandomModels.encoder(NormPlacement.PRE, Activation.GELU, 1e-5);
        return new ModelConfig(ModelConfig.Kind.BI_ENCODER, encoder, true, Pooling.WEIGHTED, Similarity.COSINE, 1, 0,
                RandomModels.TEXT);
    }

    private TrainableEncoder trainable(Map<String, Tensor> values) {
        Objective objective = (graph, vectors) -> graph.sum(
                graph.sum(graph.multiply(vectors, graph.input("upstream", Graph.ANY, 24)), 1, false), 0, false);
        return new TrainableEncoder(config, "", values, Engine.stock(), objective);
    }

    private static Tensor upstream() {
        float[] values = new float[TEXTS.size() * 24];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
        return Tensor.of(values, TEXTS.size(), 24);
    }

    @AfterEach
    void close() {
        encoder.close();
    }

    @Test
    void itsWeightsAreTheModelsAndItsVectorsTheTowers() {
        assertEquals(ModelParameters.of(config).keySet(), encoder.weights().keySet());
        encoder.weights()
                .forEach((name, value) -> assertArrayEquals(weights.get(name).toFloats(), value.toFloats(), name));
        assertVectorsAreTheTowers();
    }

    @Test
    void vectorsOfChangedWeightsAreTheTowersOfTheseWeights() {
        encoder.pass(BATCH, fed);
        descend(0.05f);
        assertVectorsAreTheTowers();
    }

    private void assertVectorsAreTheTowers() {
        try (Tower tower = Tower.pooled(config, "", encoder.weights(), Engine.stock())) {
            float[] expected = tower.run(BATCH).toFloats();
            assertArrayEquals(expected, encoder.pass(BATCH, fed).vectors().toFloats(), 1e-6f);
        }
    }

    @Test
    void aStepDownTheGradientLowersTheLossByItsSquaredLength() {
        for (int each = 0; each < encoder.buffers().size(); each++) {
            double before = encoder.pass(BATCH, fed).loss();
            MemorySegment values = encoder.buffers().get(each).values();
            MemorySegment gradients = encoder.buffers().get(each).gradients();
            double squares = 0;
            for (float g : gradients.toArray(ValueLayout.JAVA_FLOAT)) squares += (double) g * g;
            assertTrue(squares > 1e-3, "a gradient of some length: " + squares);
            float rate = (float) (1e-2 / squares);
            add(values, gradients, -rate);
            assertEquals(-1e-2, encoder.pass(BATCH, fed).loss() - before, 1e-3, "buffer " + each);
        }
    }

    @Test
    void theSlopeAlongEveryTableIsItsGradient() {
        encoder.pass(BATCH, fed);
        TrainableBuffer tables = encoder.buffers().getFirst();
        for (ParameterLayout.Entry entry : tables.layout().entries()) {
            MemorySegment values = tables.layout().slice(tables.values(), entry);
            MemorySegment direction = tables.layout().slice(tables.gradients().asReadOnly(), entry);
            MemorySegment gradient = MemorySegment.ofArray(direction.toArray(ValueLayout.JAVA_FLOAT));
            double squares = 0;
            for (float g : gradient.toArray(ValueLayout.JAVA_FLOAT)) squares += (double) g * g;
            float step = (float) (1e-2 / squares);
            add(values, gradient, step);
            double up = encoder.pass(BATCH, fed).loss();
            add(values, gradient, -2 * step);
            double down = encoder.pass(BATCH, fed).loss();
            add(values, gradient, step);
            assertEquals(2e-2, up - down, 2e-4, entry.name());
        }
    }

    @Test
    void gradientsOfTablesAreThoseOfTheLastPassAlone() {
        TokenBatch other = new LengthBuckets(64, 40).plan(List.of(new int[]{7, 30, 31}, new int[]{2}, new int[]{2}), 0)
                .getFirst();
        encoder.pass(other, fed);
        encoder.pass(BATCH, fed);
        float[] after = encoder.buffers().getFirst().gradients().toArray(ValueLayout.JAVA_FLOAT);
        try (TrainableEncoder fresh = trainable(weights)) {
            fresh.pass(BATCH, fed);
            assertArrayEquals(fresh.buffers().getFirst().gradients().toArray(ValueLayout.JAVA_FLOAT), after);
        }
    }

    @Test
    void rowsOfTokensAndPlacesThatDoNotOccurHaveNoGradient() {
        Map<String, Tensor> gradients = tableGradients(uniformGradient());
        float[] words = gradients.get(EmbeddingTable.WORDS).toFloats();
        float[] positions = gradients.get(EmbeddingTable.POSITIONS).toFloats();
        int[] timesOfWord = new int[50];
        int[] timesOfPosition = new int[42];
        for (int[] text : TEXTS) {
            for (int t = 0; t < text.length; t++) {
                timesOfWord[text[t]]++;
                timesOfPosition[t + 2]++;
            }
        }
        for (int i = 0; i < words.length; i++) assertEquals(timesOfWord[i / 24], words[i]);
        for (int i = 0; i < positions.length; i++) assertEquals(timesOfPosition[i / 24], positions[i]);
        float[] types = gradients.get(EmbeddingTable.TYPES).toFloats();
        for (int i = 0; i < types.length; i++) assertEquals(i < 24 ? 10 : 0, types[i]);
    }

    /** Ones, and a number that must not be seen where a text has ended. */
    private static Tensor uniformGradient() {
        float[] ones = new float[BATCH.ids().length * 24];
        float[] mask = BATCH.mask();
        for (int i = 0; i < ones.length; i++) ones[i] = mask[i / 24] == 1 ? 1 : Float.NaN;
        return Tensor.of(ones, BATCH.batch(), BATCH.time(), 24);
    }

    private Map<String, Tensor> tableGradients(Tensor gradient) {
        try (Arena arena = Arena.ofConfined()) {
            TrainableEmbeddings tables = new TrainableEmbeddings(config.encoder(), "", weights, arena);
            tables.scatter(BATCH, gradient);
            TrainableBuffer buffer = tables.buffer();
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                float[] values = buffer.layout().slice(buffer.gradients(), entry).toArray(ValueLayout.JAVA_FLOAT);
                gradients.put(entry.name(), Tensor.of(values, entry.shape().toArray()));
            }
            return gradients;
        }
    }

    private void descend(float rate) {
        encoder.buffers().forEach(buffer -> add(buffer.values(), buffer.gradients(), -rate));
    }

    private static void add(MemorySegment values, MemorySegment direction, float factor) {
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            float sum = values.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                    + factor * direction.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, sum);
        }
    }
}
