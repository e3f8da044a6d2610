package io.retort.model;

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
        refused("llama.attention.head_count_kv is 1 in layer 1 and 2 in layer 0",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv", 2, 1));
        refused("llama.feed_forward_length is 9 in layer 1", bytes -> bytes.integer("llama.attention.head_count", 2)
                .integers("llama.feed_forward_length", 8, 9));
    }

    @Test
    void numbersOfAnotherCountOfLayersAreRefused() {
        refused("llama.attention.head_count_kv is of 3 layers, the model has 2",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv", 2, 2, 2));
        refused("llama.attention.head_count_kv is of 0 layers",
                bytes -> TinyGguf.shapes(bytes).integers("llama.attention.head_count_kv"));
    }

    private void refused(String problem, UnaryOperator<GgufBytes> shapes) {
        String message = assertThrows(BadInput.class, () -> config(shapes)).getMessage();
        assertTrue(message.contains(problem), message);
    }
}
