package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;

class HuggingFaceTokenizerTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    @TempDir
    Path folder;

    @Test
    void idsAndDecodedTextAreThoseOfTheReferenceLibrary() throws IOException {
        try (InputStream in = getClass().getResourceAsStream("tokenizer_golden.json")) {
            JsonNode golden = MAPPER.readTree(in);
            assertTrue(golden.size() > 140);
            assertAll(StreamSupport.stream(golden.spliterator(), false).map(this::agrees));
        }
    }

    private Executable agrees(JsonNode expected) {
        String text = expected.get("text").textValue();
        return () -> {
            int[] ids = MAPPER.treeToValue(expected.get("ids"), int[].class);
            assertArrayEquals(ids, MiniLm.TOKENIZER.encode(text), text);
            assertEquals(expected.get("decoded").textValue(), MiniLm.TOKENIZER.decode(ids), text);
        };
    }

    @Test
    void halvesOfSurrogatePairsDoNotSpoilTheTextBesideThem() {
        int[] whole = MiniLm.TOKENIZER.encode("fun 😀 fun");
        assertArrayEquals(whole, MiniLm.TOKENIZER.encode("fun \ud83d 😀 \ude00 fun"));
    }

    @Test
    void specialTokensAreKnownByNameAndLeftOutOfDecodedText() {
        assertEquals(OptionalInt.of(102), MiniLm.TOKENIZER.id("[SEP]"));
        assertEquals(OptionalInt.empty(), MiniLm.TOKENIZER.id("<s>"));
        assertEquals("hello", MiniLm.TOKENIZER.decode(new int[]{101, 7592, 102, 0, 0}));
        assertEquals(30522, MiniLm.TOKENIZER.vocabularySize());
    }

    @Test
    void aTokenTheTokenizerLacksIsRefusedByName() {
        assertTrue(assertThrows(BadInput.class, () -> MiniLm.TOKENIZER.requiredId("</s>")).getMessage()
                .contains("no token `</s>`"));
    }

    @Test
    void aVocabularyLargerThanTheEmbeddingTableIsRefused() {
        MiniLm.TOKENIZER.requireFits(30522);
        assertTrue(assertThrows(BadInput.class, () -> MiniLm.TOKENIZER.requireFits(30521)).getMessage()
                .contains("30522 tokens"));
    }

    @Test
    void specialTokensOutsideTheVocabularyKeepTheirIdsAndCannotBeTyped() throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(MiniLm.json());
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        added.add(added.get(0).deepCopy()).add(added.get(0).deepCopy());
        ((ObjectNode) added.get(5)).put("id", 30522).put("content", "<|secret|>");
        ((ObjectNode) added.get(6)).put("id", 30523).put("content", "plainword").put("special", false);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.parse(Path.of("changed"), MAPPER.writeValueAsBytes(json))) {
            assertEquals(30524, tokenizer.vocabularySize());
            assertEquals(30522, tokenizer.requiredId("<|secret|>"));
            assertArrayEquals(MiniLm.TOKENIZER.encode("a <|secret|> b"), tokenizer.encode("a <|secret|> b"));
            assertArrayEquals(new int[]{30523}, tokenizer.encode("plainword"));
            assertEquals("hello", tokenizer.decode(new int[]{30522, 7592}));
        }
        ((ObjectNode) added.get(5)).put("id", 40000);
        assertThrows(BadInput.class,
                () -> HuggingFaceTokenizer.parse(Path.of("holes"), MAPPER.writeValueAsBytes(json)));
    }

    @Test
    void damagedFilesAreRefusedByName() throws IOException {
        byte[] whole = MiniLm.json();
        refused(Arrays.copyOf(whole, whole.length / 2));
        refused(new byte[0]);
        refused(new byte[]{0, 1, 2, (byte) 0xff});
        for (String text : new String[]{"{}", "[]", "null", "{\"model\":{}}", "{\"model\":{\"vocab\":{}}}",
            "{\"model\":{\"vocab\":{\"a\":-1}}}", "{\"model\":{\"vocab\":{\"a\":2147483647}}}",
            "{\"model\":{\"vocab\":{\"a\":\"x\"}}}", "{\"model\":{\"vocab\":{\"a\":0}},\"added_tokens\":3}",
            "{\"model\":{\"vocab\":{\"a\":0}},\"added_tokens\":[{}]}",
            "{\"model\":{\"type\":\"Magic\",\"vocab\":{\"a\":0}}}"}) {
            refused(text.getBytes(StandardCharsets.UTF_8));
        }
        assertTrue(assertThrows(BadInput.class, () -> HuggingFaceTokenizer.open(folder.resolve("none.json")))
                .getMessage().contains("none.json: no such file"));
    }

    @Test
    void normalizersThatWouldStopTheJvmAreRefused() throws IOException {
        for (String normalizer : new String[]{"{'type':'Replace','pattern':{'Regex':''},'content':' '}",
            "{'type':'Replace','pattern':{'Regex':'x*'},'content':' '}",
            "{'type':'Replace','pattern':{'String':''},'content':' '}",
            "{'type':'Sequence','normalizers':[{'type':'Replace','pattern':{'Regex':'(?=a)'},'content':''}]}",
            "{'type':'Precompiled','precompiled_charsmap':'AAAAAA=='}",
            "{'type':'Precompiled','precompiled_charsmap':'BAAAAAAEAAAA'}",
            "{'type':'Precompiled','precompiled_charsmap':'?'}", "{'type':'Prepend','prepend':''}",
            "{'type':'Unheard'}"}) {
            refused(withNormalizer(normalizer));
        }
        HuggingFaceTokenizer.parse(Path.of("x"), withNormalizer(
                "{'type':'Replace','pattern':{'Regex':' {2,}'},'content':' '}")).close();
    }

    private static byte[] withNormalizer(String normalizer) throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(MiniLm.json());
        json.set("normalizer", MAPPER.readTree(normalizer.replace('\'', '"')));
        return MAPPER.writeValueAsBytes(json);
    }

    @Test
    void halvesOfSurrogatePairsWithinADecoderWouldStopTheJvmAndAreRefused() throws IOException {
        String json = """
                {"decoder":{"type":"Strip","content":"HALF","start":0,"stop":0},
                 "model":{"type":"WordLevel","vocab":{"a":0,"[UNK]":1},"unk_token":"[UNK]"}}""";
        HuggingFaceTokenizer.parse(Path.of("t.json"), json.replace("HALF", "x").getBytes(StandardCharsets.UTF_8))
                .close();
        refused(json.replace("HALF", "\\ud800").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aVocabularyWithoutItsUnknownTokenIsRefused() throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(MiniLm.json());
        ((ObjectNode) json.get("model")).put("unk_token", "<none>");
        refused(MAPPER.writeValueAsBytes(json));
    }

    @Test
    void manyThreadsGetTheIdsThatOneGets() {
        String text = "Many threads may share one tokenizer, may they not?";
        int[] expected = MiniLm.TOKENIZER.encode(text);
        assertTrue(IntStream.range(0, 2000).parallel()
                .allMatch(i -> Arrays.equals(expected, MiniLm.TOKENIZER.encode(text))));
    }

    @Test
    void aClosedTokenizerSaysSo() {
        Tokenizer tokenizer = HuggingFaceTokenizer.parse(Path.of("closed"), MiniLm.json());
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
    }

    private void refused(byte[] json) throws IOException {
        Path file = Files.write(folder.resolve("tokenizer.json"), json);
        String message = assertThrows(BadInput.class, () -> HuggingFaceTokenizer.open(file)).getMessage();
        assertTrue(message.startsWith(file + ": is not a tokenizer.json"), message);
    }
}
