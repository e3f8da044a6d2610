package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantised tensors, looked at without being dequantised. */
class QuantizedTensorTest {
    /** Blocks of the reference implementation's making, of which a copy may be changed. */
    private static QuantizedTensor golden(QuantizedType type) throws Exception {
        try (GgufFile file = GgufFile.open(GgufGoldenTest.resource("blocks.gguf"))) {
            QuantizedTensor mapped = file.blocks(type.name()).orElseThrow();
            return new QuantizedTensor(type, mapped.shape(),
                    MemorySegment.ofArray(mapped.blocks().toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstElementThatIsNotFiniteIsThatOfItsNumbers(QuantizedType type) throws Exception {
        QuantizedTensor tensor = golden(type);
        assertEquals(-1, tensor.firstNonFinite());
        int found = 0;
        for (int at = 0; at < type.blockBytes() - 1; at++) {
            for (short half : new short[]{(short) 0x7C00, (short) 0xFE01}) {
                QuantizedTensor broken = golden(type);
                broken.blocks().set(Tensor.SHORT, 3L * type.blockBytes() + at, half);
                long expected = broken.dequantized().firstNonFinite();
                assertEquals(expected, broken.firstNonFinite(), type + " at byte " + at);
                if (expected >= 0) found++;
            }
        }
        assertTrue(found >= 2, type + ": " + found);
    }

    @ParameterizedTest
    @EnumSource
    void rowsAreThoseOfTheNumbers(QuantizedType type) throws Exception {
        QuantizedTensor tensor = golden(type);
        assertTrue(Samples.same(tensor.dequantized().rows(1, 3), tensor.rows(1, 3).dequantized()));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.rows(2, 4));
    }
}
