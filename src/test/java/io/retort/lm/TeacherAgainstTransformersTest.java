package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.graph.Engine;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real teacher against transformers on real dialogues; the reference is made by {@code bench/peers/lm_logits.py}. */
@Tag("slow")
class TeacherAgainstTransformersTest {
    private static final Path TEACHER = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");
    private static final String REFERENCE = System.getProperty("retort.teacher.reference", "");
    private static final double TOLERANCE = 2e-3;

    @Test
    void logitsAndTheBestTokensAreTheReferences() throws IOException {
        assumeTrue(!REFERENCE.isEmpty(), "set -Dretort.teacher.reference, see bench/peers/lm_logits.py");
        Path teacher = Path.of(System.getProperty("retort.teacher", TEACHER.toString()));
        assumeTrue(Files.exists(teacher), teacher + " is missing");
        double worst = 0;
        int places = 0, equal = 0;
        try (TensorFile reference = TensorFile.open(Path.of(REFERENCE)); LanguageModel model = load(teacher)) {
            for (int i = 0; reference.tensors().containsKey("ids." + i); i++) {
                int[] ids = reference.read("ids." + i).data()
                        .toArray(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
                float[] expected = reference.read("logits." + i).toFloats();
                int vocabulary = model.vocabularySize();
                try (KeyValueCache cache = model.cache()) {
                    Sequence sequence = cache.begin();
                    for (int t = 0; t < ids.length; t++) {
                        float[] wanted = Arrays.copyOfRange(expected, t * vocabulary, (t + 1) * vocabulary);
                        float[] logits = cache.append(List.of(sequence), List.of(new int[]{ids[t]}))[0];
                        for (int j = 0; j < vocabulary; j++) worst = Math.max(worst, Math.abs(wanted[j] - logits[j]));
                        places++;
                        if (best(wanted) == best(logits)) equal++;
                    }
                }
            }
        }
        System.out.printf("%d places, max abs %.2e, argmax equal at %d%n", places, worst, equal);
        assertTrue(worst <= TOLERANCE, "max abs " + worst);
        assertEquals(places, equal, places / 1000.0);
    }

    private static LanguageModel load(Path teacher) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(teacher)) {
            return files.load(Engine.simd(2));
        }
    }

    private static int best(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
        return best;
    }
}
