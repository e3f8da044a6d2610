package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.generate.TinyGguf;
import io.retort.tensor.GgufBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerLayerMetadataTest {
    @TempDir
    Path folder;

    private DecoderConfig config(UnaryOperator<GgufBytes> shapes) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(TinyGguf.write(folder.resolve("model.gguf"), shapes))) {
            return files.config();
        }
    }

    @Test
    void oneNumberForEachLayerIsReadAsOneIfAllAreTheSame() throws IOException {
        DecoderConfig one = config(TinyGguf::shapes);
        assertEquals(one, config(bytes -> bytes.integers("llama.attention.head_count", 2, 2)
                .integers("llama.feed_forward_length", 8, 8)));
        assertEquals(1, config(bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv", 1, 1))
                .keyValueHeads());
    }

    @Test
    void layersThatDifferAreRefusedByTheKey() {
        refused("'llama.attention.head_count_kv' is 1 in layer 1 and 2 in layer 0",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv", 2, 1));
        refused("'llama.feed_forward_length' is 9 in layer 1", bytes -> bytes.integer("llama.attention.head_count", 2)
                .integers("llama.feed_forward_length", 8, 9));
    }

    @Test
    void numbersOfAnotherCountOfLayersAreRefused() {
        refused("'llama.attention.head_count_kv' is of 3 layers, the model has 2",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv", 2, 2, 2));
        refused("'llama.attention.head_count_kv' is of 0 layers",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv"));
    }

    @Test
    void headsAreFoundInInterleavedRowsWhicheverWayTheirCountIsGiven() throws IOException {
        UnaryOperator<GgufBytes> query = bytes -> bytes.tensor("blk.0.attn_q.weight",
                new float[]{0, 1, 2, 3, 4, 5, 6, 7,
                    8, 9, 10, 11, 12, 13, 14, 15},
                4, 4);
        float[][] rows = new float[2][];
        for (int i = 0; i < 2; i++) {
            boolean each = i == 1;
            Path file = TinyGguf.write(folder.resolve("model.gguf"), bytes -> query.apply(each
                    ? bytes.integers("llama.attention.head_count", 1, 1).integer("llama.feed_forward_length", 8)
                    : bytes.integer("llama.attention.head_count", 1).integer("llama.feed_forward_length", 8)));
            try (LanguageModelFiles files = LanguageModelFiles.open(file)) {
                rows[i] = files.gguf().orElseThrow().parameter("model.layers.0.self_attn.q_proj.weight").toFloats();
            }
        }
        assertArrayEquals(rows[0], rows[1]);
        assertArrayEquals(new float[]{0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15}, rows[1]);
    }

    private void refused(String problem, UnaryOperator<GgufBytes> shapes) {
        String message = assertThrows(BadInput.class, () -> config(shapes)).getMessage();
        assertTrue(message.contains(problem), message);
    }
}
