package io.retort.safety;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.safety.SafetyClassifier.Example;
import io.retort.safety.SafetyClassifier.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetyClassifierTest {
    @TempDir
    private Path folder;

    private static float[] around(Kind kind, Random random) {
        float[] vector = new float[4];
        for (int j = 0; j < 4; j++) vector[j] = (float) (random.nextGaussian() * 0.1) + (j == kind.ordinal() ? 1 : 0);
        return vector;
    }

    private static SafetyClassifier fitted() {
        Random random = new Random(1);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Kind kind = Kind.values()[i % 3];
            examples.add(new Example(around(kind, random), kind));
        }
        List<float[]> everyday = new ArrayList<>();
        for (int i = 0; i < 50; i++) everyday.add(around(Kind.FINE, random));
        return SafetyClassifier.fit("abc", examples, everyday, 0.01);
    }

    @Test
    void itTellsTheKindsOfVectorsApart() {
        SafetyClassifier classifier = fitted();
        Random random = new Random(2);
        for (int i = 0; i < 50; i++) {
            assertTrue(classifier.classify(around(Kind.FINE, random)).isEmpty());
            assertEquals(Optional.of(SafetyCategory.CRISIS),
                    classifier.classify(around(Kind.CRISIS, random)).flatMap(SafetyVerdict::category));
            assertEquals(Optional.of(SafetyCategory.PROVOCATION),
                    classifier.classify(around(Kind.ABUSE, random)).flatMap(SafetyVerdict::category));
        }
        assertThrows(IllegalArgumentException.class, () -> classifier.classify(new float[3]));
    }

    @Test
    void aFileGivesTheSameClassifierBack() throws IOException {
        SafetyClassifier classifier = fitted();
        classifier.write(folder, "made up");
        SafetyClassifier read = SafetyClassifier.read(folder).orElseThrow();
        assertEquals("abc", read.student());
        float[] vector = {0.3f, 0.2f, 0.4f, 0};
        assertArrayEquals(classifier.shares(vector), read.shares(vector), 1e-3);
        assertTrue(SafetyClassifier.read(folder.resolve("nowhere")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"version\":1,\"dims\":2000000000,\"weights\":[[],[],[]]}",
        "{\"version\":2,\"dims\":1,\"weights\":[[1,1],[1,1],[1,1]],\"thresholds\":[0,0,0]}",
        "{\"version\":1,\"dims\":1,\"weights\":[[1],[1,1],[1,1]],\"thresholds\":[0,0,0]}",
        "{\"version\":1,\"dims\":1,\"weights\":[[1,NaN],[1,1],[1,1]],\"thresholds\":[0,0,0]}",
        "{\"version\":1,\"dims\":1,\"weights\":[[1,1],[1,1],[1,1]],\"thresholds\":[0,\"a\",0]}"})
    void aDamagedFileIsRefusedByName(String json) throws IOException {
        Files.writeString(folder.resolve(SafetyClassifier.FILE), json);
        BadInput refusal = assertThrows(BadInput.class, () -> SafetyClassifier.read(folder));
        assertTrue(refusal.getMessage().contains(SafetyClassifier.FILE), refusal.getMessage());
    }
}
