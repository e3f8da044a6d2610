package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default encoder's weights, as PyTorch exported them. */
class MiniLmOnnxTest {
    private static final int LAYERS = 6;
    private static final int DIM = 384;
    private static final int HIDDEN = 1536;

    @TempDir
    private static Path folder;
    private static OnnxFile file;

    @BeforeAll
    static void open() throws IOException {
        Path path = folder.resolve("model.onnx");
        try (InputStream resource = MiniLmOnnxTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            Files.copy(resource, path);
        }
        file = OnnxFile.open(path);
    }

    @AfterAll
    static void close() {
        file.close();
    }

    @Test
    void itsParametersAreBertsInPyTorchsShapes() {
        Map<String, Shape> found = file.parameters().values().stream().filter(info -> info.type() == ElementType.F32)
                .collect(Collectors.toMap(TensorInfo::name, TensorInfo::shape));
        assertEquals(101, found.size());
        assertEquals(bert(), found);
        Set<String> others = new HashSet<>(file.parameters().keySet());
        others.removeAll(found.keySet());
        assertEquals(Set.of("embeddings.position_ids"), others);
    }

    private static Map<String, Shape> bert() {
        var shapes = new HashMap<String, Shape>();
        shapes.put("embeddings.word_embeddings.weight", Shape.of(30522, DIM));
        shapes.put("embeddings.position_embeddings.weight", Shape.of(512, DIM));
        shapes.put("embeddings.token_type_embeddings.weight", Shape.of(2, DIM));
        putNorm(shapes, "embeddings.LayerNorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "encoder.layer." + layer + ".";
            for (String projection : List.of("self.query", "self.key", "self.value", "output.dense")) {
                putLinear(shapes, prefix + "attention." + projection, DIM, DIM);
            }
            putNorm(shapes, prefix + "attention.output.LayerNorm");
            putLinear(shapes, prefix + "intermediate.dense", HIDDEN, DIM);
            putLinear(shapes, prefix + "output.dense", DIM, HIDDEN);
            putNorm(shapes, prefix + "output.LayerNorm");
        }
        return shapes;
    }

    private static void putLinear(Map<String, Shape> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", Shape.of(out, in));
        shapes.put(name + ".bias", Shape.of(out));
    }

    private static void putNorm(Map<String, Shape> shapes, String name) {
        shapes.put(name + ".weight", Shape.of(DIM));
        shapes.put(name + ".bias", Shape.of(DIM));
    }

    @Test
    void everyWeightIsMappedAndFinite() {
        for (TensorInfo info : file.tensors().values()) {
            Tensor tensor = file.read(info.name());
            assertTrue(tensor.data().isMapped(), info.toString());
            assertTrue(tensor.allFinite(), info.toString());
        }
        assertTrue(file.unsupported().isEmpty());
    }

    @Test
    void aLinearsWeightIsTheStoredOneTransposed() {
        String name = "encoder.layer.3.intermediate.dense.weight";
        OnnxParameter origin = file.origins().get(name);
        assertTrue(origin.transposed());
        Tensor stored = file.read(origin.initializer());
        float[] weight = file.parameter(name).toFloats();
        assertEquals(stored.toFloats()[5 * HIDDEN + 700], weight[700 * DIM + 5]);
    }

    @Test
    void itsBytesAreThoseOfTheManifest() throws IOException {
        assertEquals("759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e", Sha256.of(file.path()));
    }
}
