package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.lm.DecoderConfig;
import io.retort.lm.LlamaFamily;
import io.retort.tensor.ElementType;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TuningMemoryTest {
    private static final double GB = 1 << 30;
    private static final Path MODEL = Path.of("teacher.gguf");
    private static final DecoderConfig SMOLLM = new DecoderConfig(LlamaFamily.LLAMA, 49_152, 576, 30, 9, 3, 64, 1536,
            2048, 1e-5, 1e5, true);

    private static TuningMemory of(int batch, int tokensAtOnce) {
        return TuningMemory.of(SMOLLM,
                new GeneratorSettings(batch, 160, 4, tokensAtOnce, ElementType.F32, 1, Optional.empty()));
    }

    private static String refusal(TuningMemory memory, double machine, double heap) {
        return assertThrows(BadInput.class, () -> memory.requireRoom(MODEL, machine, heap)).getMessage();
    }

    @Test
    void theEstimateIsNearWhatWasSeen() {
        assertEquals(134_515_008, SMOLLM.parameters());
        // Peaks of `retort bench tune-step --batch N --length 160`, in MB of 2^20 bytes.
        assertEquals(6126, of(12, 4096).total() / (1 << 20), 300);
        assertEquals(7902, of(20, 4096).total() / (1 << 20), 300);
    }

    @Test
    void aMachineThatIsTooSmallIsToldWhatWouldHelp() {
        of(12, 4096).requireRoom(MODEL, 16 * GB, 4 * GB);
        String passes = refusal(of(12, 4096), 4 * GB, 4 * GB);
        assertTrue(passes.contains("teacher.gguf") && passes.contains("tokens-at-once"), passes);
        assertTrue(of(12, 320).total() < of(12, 4096).total());
        String model = refusal(of(12, 4096), GB, 4 * GB);
        assertTrue(model.contains("smaller model"), model);
        String heap = refusal(of(12, 4096), 16 * GB, GB / 2);
        assertTrue(heap.contains("RETORT_JAVA_OPTS=-Xmx1g"), heap);
    }
}
