package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.tensor.Tensor;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The vectors of a text depend on the text alone. */
class BatchInvarianceTest {
    /** What sums in other orders are usually apart; no bound is proven, so the texts are the same in each build. */
    private static final float TOLERANCE = 1e-5f;
    private static RetrievalModel bi;
    private static RetrievalModel poly;
    private static Tower pooled;
    private static Tower attending;

    @BeforeContainer
    static void open() {
        ModelConfig config = RandomModels.biEncoder(true, Similarity.COSINE, 1);
        Map<String, Tensor> weights = RandomModels.weights(config, 31);
        bi = new RetrievalModel(config, tokenizer(config), weights, Engine.stock());
        pooled = Tower.pooled(config, "", weights, Engine.stock());
        ModelConfig codes = RandomModels.polyEncoder(true, 16);
        Map<String, Tensor> codeWeights = RandomModels.weights(codes, 32);
        poly = new RetrievalModel(codes, tokenizer(codes), codeWeights, Engine.stock());
        attending = Tower.ofContexts(codes, codeWeights, Engine.stock());
    }

    @AfterContainer
    static void close() {
        bi.close();
        poly.close();
        pooled.close();
        attending.close();
    }

    @Property(tries = 5, seed = "20210825", shrinking = ShrinkingMode.OFF)
    void companyOrderAndPaddingChangeNothing(@ForAll("texts") List<int[]> texts, @ForAll Random random) {
        float[][] together = bi.encodeContexts(texts, Progress.NONE);
        List<Integer> order = new ArrayList<>(
                Stream.iterate(0, i -> i < texts.size(), i -> i + 1).toList());
        Collections.shuffle(order, random);
        float[][] shuffled = bi.encodeContexts(order.stream().map(texts::get).toList(), Progress.NONE);
        for (int i = 0; i < texts.size(); i++) {
            float[] alone = bi.encodeContext(texts.get(i));
            assertArrayEquals(alone, together[i], TOLERANCE, "text " + i + " in company");
            assertArrayEquals(alone, shuffled[order.indexOf(i)], TOLERANCE, "text " + i + " in another order");
        }
    }

    /** Padding to every bucket up to the longest that the model has positions for. */
    @Property(tries = 3, seed = "20210825", shrinking = ShrinkingMode.OFF)
    void thePaddedLengthChangesNothing(@ForAll("text") int[] text) {
        float[] alone = bi.encodeContext(text);
        float[] attended = poly.encodeContext(text);
        for (int time = text.length; time <= 40; time += 7) {
            TokenBatch batch = new TokenBatch(Arrays.copyOf(text, time),
                    new int[]{text.length}, time, new int[]{0});
            assertArrayEquals(alone, pooled.run(batch).toFloats(), TOLERANCE);
            assertArrayEquals(attended, attending.run(batch).toFloats(), 4 * TOLERANCE);
        }
    }

    @Provide
    Arbitrary<int[]> text() {
        return Arbitraries.integers().between(0, 49).array(int[].class).ofMinSize(1).ofMaxSize(40);
    }

    @Provide
    Arbitrary<List<int[]>> texts() {
        return text().list().ofMinSize(1).ofMaxSize(10);
    }

    private static HuggingFaceTokenizer tokenizer(ModelConfig config) {
        return HuggingFaceTokenizer.parse(Path.of("tiny"), TinyTokenizer.json(config.encoder().vocabulary()));
    }
}
