package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.files.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BPE of SentencePiece out of scores, against the library itself ({@code bench/peers/sentencepiece_golden.py}). */
class SentencePieceVocabularyTest {
    private static final Path ORIGIN = Path.of("sample.gguf");

    private static JsonNode golden() throws IOException {
        try (InputStream in = SentencePieceVocabularyTest.class.getResourceAsStream("sentencepiece_golden.json")) {
            return new JsonMapper().readTree(in);
        }
    }

    private static SentencePieceVocabulary vocabulary(JsonNode of, boolean spacePrefix) {
        float[] scores = new float[of.get("scores").size()];
        for (int id = 0; id < scores.length; id++) scores[id] = of.get("scores").get(id).floatValue();
        return new SentencePieceVocabulary(BpeSample.strings(of.get("tokens")), BpeSample.ints(of.get("types")), scores,
                spacePrefix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefix", "bare"})
    void textsBecomeThePiecesThatTheLibraryMakesOfThem(String kind) throws IOException {
        JsonNode golden = golden(), of = golden.get(kind);
        List<String> texts = BpeSample.strings(golden.get("texts"));
        Tokenizer tokenizer = vocabulary(of, kind.equals("prefix")).tokenizer(ORIGIN);
        try {
            for (int i = 0; i < texts.size(); i++) {
                int[] ids = BpeSample.ints(of.get("ids").get(i));
                assertArrayEquals(ids, tokenizer.encode(texts.get(i)), texts.get(i));
                assertEquals(of.get("decoded").get(i).textValue(), tokenizer.decode(ids));
            }
        } finally {
            tokenizer.close();
        }
    }

    @Test
    void theFileThatIsWrittenIsTheSameTokenizer() throws IOException {
        JsonNode golden = golden(), of = golden.get("prefix");
        byte[] file = vocabulary(of, true).file(ORIGIN, "<s>");
        assertTrue(new String(file, StandardCharsets.UTF_8).contains("TemplateProcessing"));
        Tokenizer tokenizer = HuggingFaceTokenizer.parse(ORIGIN, file);
        try {
            for (int i = 0; i < golden.get("texts").size(); i++) {
                assertArrayEquals(BpeSample.ints(of.get("ids").get(i)),
                        tokenizer.encode(golden.get("texts").get(i).textValue()));
            }
        } finally {
            tokenizer.close();
        }
    }

    @Test
    void aPieceWhoseCutsWouldTakeForeverIsRefused() {
        List<String> tokens = List.of("a", "a".repeat(1 << 20));
        SentencePieceVocabulary vocabulary = new SentencePieceVocabulary(tokens, new int[]{1, 1}, new float[2], true);
        String told = assertThrows(BadInput.class, () -> vocabulary.tokenizer(ORIGIN)).getMessage();
        assertTrue(told.contains("token 1 is of 1048576 letters"), told);
    }

    @Test
    void specialTokensAreNotFoundInText() throws IOException {
        SentencePieceVocabulary vocabulary = vocabulary(golden().get("prefix"), true);
        Tokenizer tokenizer = vocabulary.tokenizer(ORIGIN);
        try {
            int[] ids = tokenizer.encode("a </s> b");
            assertTrue(IntStream.of(ids).noneMatch(id -> id == vocabulary.tokens().indexOf("</s>")),
                    Arrays.toString(ids));
        } finally {
            tokenizer.close();
        }
    }

    @Test
    void aVocabularyThatContradictsItselfIsRefused() {
        SentencePieceVocabulary fewScores = new SentencePieceVocabulary(List.of("a", "b"), new int[0], new float[1],
                true);
        String message = assertThrows(BadInput.class, () -> fewScores.tokenizer(ORIGIN)).getMessage();
        assertTrue(message.contains("2 tokens, but scores of 1") && message.contains("sample.gguf"), message);
        SentencePieceVocabulary twice = new SentencePieceVocabulary(List.of("a", "a"), new int[0], new float[2], true);
        assertThrows(BadInput.class, () -> twice.tokenizer(ORIGIN));
    }
}
