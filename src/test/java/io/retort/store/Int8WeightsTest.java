package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.FoldersInMemory;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.TinyTokenizer;
import io.retort.tensor.ElementType;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in 8 bits: how far off they are, and that a damaged file of them is refused. */
class Int8WeightsTest {
    private static final ModelConfig CONFIG = RandomModels.biEncoder(true, Similarity.COSINE, 1);
    private static final String QUERY = "encoder.layer.0.attention.self.query.weight";

    @TempDir
    Path root;
    private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>(RandomModels.weights(CONFIG, 5));
    private ModelFolder whole;

    @BeforeEach
    void write() throws IOException {
        whole = ModelFolder.write(root.resolve("whole"), CONFIG, TinyTokenizer.json(50), weights,
                JsonNodeFactory.instance.objectNode().put("name", "whole"));
    }

    @Property(tries = 50)
    void noWeightIsOffByMoreThanHalfAStep(@ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 40) int columns, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            float size = random.nextInt(4) == 0 ? 0 : (float) Math.pow(10, random.nextInt(60) - 30);
            for (int c = 0; c < columns; c++) values[r * columns + c] = size * (float) random.nextGaussian();
        }
        Path file = Files.createTempFile(FoldersInMemory.place(), "int8", ".safetensors");
        try {
            SafetensorsWriter.write(file, Int8Weights.of(new LinkedHashMap<>(Map.of("w", Tensor.of(values, rows,
                    columns)))), Map.of());
            try (TensorFile open = TensorFile.open(file)) {
                assertTrue(Int8Weights.isIn(open, "w") && Int8Weights.isScale(open, "w.scale"));
                float[] read = Int8Weights.read(open, "w").toFloats();
                for (int r = 0; r < rows; r++) {
                    double greatest = 0;
                    for (int c = 0; c < columns; c++)
                        greatest = Math.max(greatest, Math.abs(values[r * columns + c]));
                    // Half a step; scale, quotient and product are rounded, each by 2^-24 of up to 127 steps.
                    double most = greatest / 254 * (1 + 6 * 127 * 0x1p-24) + Float.MIN_NORMAL;
                    for (int i = r * columns; i < (r + 1) * columns; i++) {
                        assertEquals(values[i], read[i], most);
                    }
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aSmallFolderAnswersAlmostAsTheWholeOne() throws IOException {
        ModelFolder small = whole.writeInt8(root.resolve("small"));
        assertEquals(CONFIG, small.config());
        assertFalse(small.fingerprint().equals(whole.fingerprint()));
        List<String> texts = List.of("w5 w6", "w40 w7 w31", "w12");
        try (RetrievalModel exact = whole.load(Engine.stock()); RetrievalModel near = small.load(Engine.stock())) {
            float[][] of = exact.encodeReplies(texts, Progress.NONE);
            float[][] other = near.encodeReplies(texts, Progress.NONE);
            for (int i = 0; i < of.length; i++) {
                double dot = 0;
                for (int d = 0; d < of[i].length; d++) dot += of[i][d] * other[i][d];
                assertTrue(dot > 0.999, "cosine " + dot);
            }
        }
    }

    @Test
    void onlyANewOrEmptyFolderIsWritten() throws IOException {
        Files.createDirectory(root.resolve("empty"));
        whole.writeInt8(root.resolve("empty"));
        assertThrows(BadInput.class, () -> whole.writeInt8(root.resolve("empty")));
        assertThrows(BadInput.class, () -> whole.writeInt8(whole.path()));
        whole.load(Engine.stock()).close();
    }

    @Test
    void codesWithoutScalesThatFitAreRefusedByName() throws IOException {
        refused(stored -> stored.remove(QUERY + ".scale"), "shape: " + QUERY, "without scales");
        refused(stored -> stored.put(QUERY + ".scale", Tensor.of(new float[23], 23)), "without scales");
        refused(stored -> stored.put(QUERY + ".scale", Tensor.of(new float[24], 24, 1)), "without scales");
        refused(stored -> stored.put(QUERY + ".scale",
                new Tensor(ElementType.I32, Shape.of(24), MemorySegment.ofArray(new int[24]))), "without scales");
        refused(stored -> {
            float[] scales = stored.get(QUERY + ".scale").toFloats();
            scales[3] = Float.NaN;
            stored.put(QUERY + ".scale", Tensor.of(scales, 24));
        }, QUERY, "first at element 72");
        refused(stored -> stored.put(QUERY, new Tensor(ElementType.I8, Shape.of(24, 12),
                MemorySegment.ofArray(new byte[24 * 12]))), "shape: " + QUERY);
    }

    private void refused(Consumer<SequencedMap<String, Tensor>> damage, String... parts) throws IOException {
        SequencedMap<String, Tensor> stored = Int8Weights.of(weights);
        damage.accept(stored);
        SafetensorsWriter.write(whole.path().resolve(ModelFolder.WEIGHTS), stored, Map.of());
        BadInput refusal = assertThrows(BadInput.class, () -> ModelFolder.open(whole.path()).load(Engine.stock()));
        for (String part : parts) assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
