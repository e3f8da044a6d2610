package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokenizers of the kinds that encoders have (unigram with scores, byte-level BPE, WordPiece with other special tokens)
 * against the reference library; made by bench/peers/encoder_tokenizer_golden.py.
 */
class EncoderTokenizersTest {
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @ValueSource(strings = {"xlm-roberta", "roberta", "mpnet"})
    void idsAndTextsAreTheReferenceLibrarys(String kind) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("encoder_tokenizers.json")) {
            JsonNode golden = JSON.readTree(in).get(kind);
            byte[] file = JSON.writeValueAsBytes(golden.get("tokenizer"));
            assertTrue(golden.get("cases").size() > 140);
            try (Tokenizer tokenizer = HuggingFaceTokenizer.parse(Path.of("tokenizer.json"), file)) {
                assertEquals(List.of(0, 1, 2), List.of("<s>", "<pad>", "</s>").stream().map(tokenizer::requiredId)
                        .toList());
                assertAll(StreamSupport.stream(golden.get("cases").spliterator(), false)
                        .map(one -> () -> agrees(tokenizer, one)));
            }
        }
    }

    private static void agrees(Tokenizer tokenizer, JsonNode one) {
        String text = one.get("text").asText();
        int[] ids = StreamSupport.stream(one.get("ids").spliterator(), false).mapToInt(JsonNode::asInt).toArray();
        assertArrayEquals(ids, tokenizer.encode(text), () -> "ids of " + JSON.valueToTree(text));
        assertEquals(one.get("decoded").asText(), tokenizer.decode(ids), () -> "text of " + JSON.valueToTree(text));
    }
}
