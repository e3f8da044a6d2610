package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.GoldenFile;
import io.retort.retrieval.ModelConfig;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import io.retort.text.TokenBatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Models that Hugging Face transformers saved, and what it computed with them; made by bench/peers/preln_golden.py. */
class HubModelsTest {
    private static final Path BERT = Path.of("src/test/resources/io/retort/retrieval/tiny-bert");
    private static final Path PRE_NORM = Path.of("src/test/resources/io/retort/retrieval/tiny-preln");
    private static final double TOLERANCE = 1e-5;

    @Test
    void aPreNormEncoderIsReadWithAllItsParameters() throws IOException {
        ModelConfig config = ModelConfigJson.read(PRE_NORM.resolve(ModelFolder.CONFIG));
        assertEquals(
                new EncoderConfig(60, 32, 2, 4, 64, 40, 2, 1, 1e-12, EncoderConfig.Activation.GELU,
                        EncoderConfig.NormPlacement.PRE),
                config.encoder());
        WeightReport report = report(PRE_NORM, config);
        assertTrue(report.isClean(), () -> String.join("\n", report.lines()));
        assertEquals(39, report.mapped().size());
        assertEquals(List.of(), report.unused());
    }

    @Test
    void bertsPoolerIsReportedAsUnused() throws IOException {
        ModelConfig config = ModelConfigJson.read(BERT.resolve(ModelFolder.CONFIG));
        assertEquals(
                new EncoderConfig(60, 32, 2, 4, 64, 40, 0, 2, 1e-12, EncoderConfig.Activation.GELU,
                        EncoderConfig.NormPlacement.POST),
                config.encoder());
        WeightReport report = report(BERT, config);
        assertTrue(report.isClean(), () -> String.join("\n", report.lines()));
        assertEquals(37, report.mapped().size());
        assertEquals(List.of("pooler.dense.bias", "pooler.dense.weight"), report.unused());
    }

    @Test
    void hiddenStatesOfAPreNormEncoderEqualTransformers() throws IOException {
        assertHidden(PRE_NORM);
    }

    @Test
    void hiddenStatesOfBertEqualTransformers() throws IOException {
        assertHidden(BERT);
    }

    private static WeightReport report(Path folder, ModelConfig config) throws IOException {
        return new ModelImport(config, folder.resolve(ModelFolder.WEIGHTS), folder, ModelImport.Leniency.STRICT)
                .report();
    }

    private static void assertHidden(Path folder) throws IOException {
        ModelConfig config = ModelConfigJson.read(folder.resolve(ModelFolder.CONFIG));
        try (TensorFile weights = TensorFile.open(folder.resolve(ModelFolder.WEIGHTS));
                TensorFile golden = TensorFile.open(folder.resolve("golden.safetensors"))) {
            int[] ids = golden.read("ids").data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
            int batch = golden.tensors().get("ids").shape().dim(0);
            int time = ids.length / batch;
            assertEquals(config.encoder().maxTokens(), folder == PRE_NORM ? time : time + 2, "every position counts");
            int[] lengths = new int[batch];
            Arrays.fill(lengths, time);
            TokenBatch texts = new TokenBatch(ids, lengths, time, IntStream.range(0, batch).toArray());
            float[] hidden = GoldenFile.hiddenStates(config, WeightImport.of(config, weights).weights(), texts);
            assertArrayEquals(golden.read("hidden").toFloats(), hidden, (float) TOLERANCE);
        }
    }
}
