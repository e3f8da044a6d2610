package io.retort.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The imported all-MiniLM-L6-v2 against ONNX Runtime on 200 texts of 3 to 225 tokens; golden file made by bench/peers/encoder_golden.py. */
class MiniLmGoldenTest {
    private static final int DIM = 384;
    private static final double TOLERANCE = 1e-4;
    private static List<int[]> texts;
    private static TensorFile golden;
    private static ModelConfig config;
    private static Map<String, Tensor> weights;

    @BeforeAll
    static void load() throws IOException {
        golden = TensorFile.open(Path.of("src/test/resources/io/retort/model/all-minilm-l6-v2.golden.safetensors"));
        int[] ids = ints("ids");
        int[] offsets = ints("offsets");
        texts = new ArrayList<>();
        for (int i = 0; i + 1 < offsets.length; i++)
            texts.add(java.util.Arrays.copyOfRange(ids, offsets[i], offsets[i + 1]));
        ModelFolder folder = DefaultModel.folder();
        config = folder.config();
        TensorFile file = TensorFile.open(folder.path().resolve(ModelFolder.WEIGHTS));
        weights = WeightImport.of(config, file).weights();
    }

    @AfterAll
    static void close() {
        golden.close();
    }

    @Test
    void hiddenStatesEqualOnnxRuntime() {
        assertEquals(200, texts.size());
        int[] positions = ints("positions");
        float[] expected = golden.read("hidden").toFloats();
        double worst = 0;
        try (Tower tower = Tower.hidden(config, "", weights, Engine.stock())) {
            for (TokenBatch batch : new LengthBuckets(2048, 512).plan(texts, 0)) {
                float[] hidden = tower.run(batch).toFloats();
                for (int row = 0; row < batch.batch(); row++) {
                    int text = batch.rows()[row];
                    int from = (row * batch.time() + positions[text]) * DIM;
                    for (int j = 0; j < DIM; j++)
                        worst = Math.max(worst, Math.abs(hidden[from + j] - expected[text * DIM + j]));
                }
            }
        }
        assertTrue(worst <= TOLERANCE, "largest difference " + worst);
    }

    @Test
    void pooledVectorsEqualOnnxRuntime() {
        float[] expected = golden.read("pooled").toFloats();
        ModelConfig plain = new ModelConfig(config.kind(), config.encoder(), true, Pooling.MEAN, Similarity.DOT, 1, 0,
                config.text());
        double worst = 0;
        try (Tower tower = Tower.pooled(plain, "", weights, Engine.stock())) {
            float[][] pooled = tower.runAll(texts, new LengthBuckets(2048, 512), 0, Progress.NONE);
            for (int i = 0; i < expected.length; i++)
                worst = Math.max(worst, Math.abs(pooled[i / DIM][i % DIM] - expected[i]));
        }
        assertTrue(worst <= TOLERANCE, "largest difference " + worst);
    }

    private static int[] ints(String name) {
        return golden.read(name).data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
}
