package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightComparisonTest {
    @TempDir
    Path work;
    private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();

    @BeforeEach
    void writeFirst() throws IOException {
        weights.put("a", Tensor.of(new float[]{1, 2, 3}, 3));
        weights.put("b", Tensor.of(new float[]{4, 5, 6, 7}, 2, 2));
        SafetensorsWriter.write(work.resolve("first"), weights, Map.of());
    }

    private WeightComparison withSecond() throws IOException {
        SafetensorsWriter.write(work.resolve("second"), weights, Map.of("other", "metadata"));
        return WeightComparison.of(work.resolve("first"), work.resolve("second"));
    }

    @Test
    void theSameBitsAreIdentical() throws IOException {
        assertEquals(new WeightComparison(true, 0, ""), withSecond());
    }

    @Test
    void theGreatestDifferenceIsTold() throws IOException {
        weights.put("a", Tensor.of(new float[]{1, 2.25f, 3}, 3));
        weights.put("b", Tensor.of(new float[]{4, 5, 6.5f, 7}, 2, 2));
        assertEquals(new WeightComparison(false, 0.5, "b"), withSecond());
        weights.put("b", Tensor.of(new float[]{4, 5, 6, 7}, 2, 2));
        assertEquals(new WeightComparison(false, 0.25, "a"), withSecond());
    }

    @Test
    void zerosOfBothSignsAreNotTheSameBits() throws IOException {
        weights.put("a", Tensor.of(new float[]{0, 2, 3}, 3));
        SafetensorsWriter.write(work.resolve("first"), weights, Map.of());
        weights.put("a", Tensor.of(new float[]{-0f, 2, 3}, 3));
        assertEquals(new WeightComparison(false, 0, "a"), withSecond());
    }

    @Test
    void tensorsThatOneFileLacksOrHasInAnotherShapeDifferEndlessly() throws IOException {
        weights.put("c", Tensor.of(new float[]{1}, 1));
        assertEquals("c", withSecond().where());
        weights.remove("c");
        weights.put("b", Tensor.of(new float[]{4, 5, 6, 7}, 4));
        assertEquals("b", withSecond().where());
        weights.remove("b");
        WeightComparison lacking = withSecond();
        assertEquals("b", lacking.where());
        assertTrue(Double.isInfinite(lacking.greatest()) && !lacking.identical());
    }
}
