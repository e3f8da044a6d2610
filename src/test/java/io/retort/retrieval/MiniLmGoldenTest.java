package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.fetch.DefaultModel;
import io.retort.fetch.ModelCatalog;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.store.ModelFolder;
import io.retort.store.WeightImport;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The imported all-MiniLM-L6-v2 against ONNX Runtime on 200 texts of 3 to 225 tokens. */
class MiniLmGoldenTest {
    private static final int DIM = 384;
    private static GoldenFile golden;
    private static ModelConfig config;
    private static TensorFile file;
    private static Map<String, Tensor> weights;

    @BeforeAll
    static void load() throws IOException {
        golden = GoldenFile.of(ModelCatalog.DEFAULT);
        assertEquals(200, golden.texts().size());
        ModelFolder folder = DefaultModel.folder();
        config = folder.config();
        file = TensorFile.open(folder.path().resolve(ModelFolder.WEIGHTS));
        weights = WeightImport.of(config, file).weights();
    }

    @AfterAll
    static void close() {
        file.close();
    }

    /** Each fourth text, on the engine that is the oracle; {@link EnginesAgreeTest} has the other engine's of all. */
    @Test
    void hiddenStatesAndTheirMeansEqualOnnxRuntime() {
        GoldenFile some = golden.each(4);
        some.assertHiddenAndPooled(some.hiddenStates(config, weights, Engine.stock()), DIM);
    }

    /** Pooling inside the graph: ten of the texts. */
    @Test
    void pooledVectorsEqualOnnxRuntime() {
        ModelConfig plain = new ModelConfig(config.form(), config.encoder(), true, Pooling.MEAN, Similarity.DOT, 1,
                config.text());
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < golden.texts().size(); i += 20) chosen.add(i);
        List<int[]> texts = chosen.stream().map(golden.texts()::get).toList();
        double worst = 0;
        try (Tower tower = Tower.pooled(plain, "", weights, Engine.stock())) {
            float[][] pooled = tower.runAll(texts, Progress.NONE);
            for (int i = 0; i < pooled.length; i++) {
                for (int j = 0; j < DIM; j++)
                    worst = GoldenFile.worse(worst, pooled[i][j] - golden.pooled()[chosen.get(i) * DIM + j]);
            }
        }
        GoldenFile.assertSmall("pooled vectors", worst);
    }

    /**
     * Compares every text's, and writes every hidden state for bench/peers/hidden_parity.py, which compares them all:
     * target/parity/hidden.safetensors.
     */
    @Test
    @Tag("slow")
    void everyHiddenStateEqualsOnnxRuntimesAndIsWrittenForComparison() throws IOException {
        float[][] states = golden.hiddenStates(config, weights, Engine.stock());
        golden.assertHiddenAndPooled(states, DIM);
        int tokens = golden.texts().stream().mapToInt(ids -> ids.length).sum();
        float[] hidden = new float[tokens * DIM];
        float[] pooled = new float[states.length * DIM];
        int at = 0;
        for (int text = 0; text < states.length; text++) {
            System.arraycopy(states[text], 0, hidden, at, states[text].length);
            System.arraycopy(GoldenFile.mean(states[text], DIM), 0, pooled, text * DIM, DIM);
            at += states[text].length;
        }
        assertEquals(hidden.length, at);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("hidden", Tensor.of(hidden, tokens, DIM));
        tensors.put("pooled", Tensor.of(pooled, states.length, DIM));
        SafetensorsWriter.write(Path.of("target", "parity", "hidden.safetensors"), tensors, Map.of());
    }
}
