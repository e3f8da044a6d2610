package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** ASCII text gets, without the native library, the tokens that the native library gives it. */
class AsciiWordPieceTest {
    private static final Path FILE = Path.of("tokenizer.json");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PIECES = List.of("[PAD]", "[UNK]", "[CLS]", "a", "b", "ab", "abc", "##a", "##b",
            "##bc", "##abc", "c", "X", "Xa", "##X", "1", "##1", "12", ".", "'", "[", "]", "~", "{", "##.", "tea",
            "##s");

    private static ObjectNode tokenizer(boolean lower) {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding").putNull("post_processor");
        root.putArray("added_tokens").addObject().put("id", 2).put("content", "[CLS]").put("single_word", false)
                .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
        root.putObject("normalizer").put("type", "BertNormalizer").put("clean_text", true)
                .put("handle_chinese_chars", true).putNull("strip_accents").put("lowercase", lower);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode model = root.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 12);
        ObjectNode vocabulary = model.putObject("vocab");
        for (String piece : PIECES) vocabulary.put(piece, vocabulary.size());
        return root;
    }

    private static TokenizerJson parsed(ObjectNode root) throws IOException {
        return TokenizerJson.parse(FILE, JSON.writeValueAsBytes(root));
    }

    @Test
    void anyTextHasTheTokensOfTheLibrary() throws IOException {
        Random random = new Random(7);
        String letters = "aabbccabcX1tea s  \t\n\r.'[]~{}ABC-_@";
        for (boolean lower : new boolean[]{true, false}) {
            TokenizerJson json = parsed(tokenizer(lower));
            AsciiWordPiece pieces = json.pieces().orElseThrow();
            try (HuggingFaceTokenizer library = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json.bytes()),
                    Map.of("addSpecialTokens", "false", "padding", "false", "truncation", "false"))) {
                for (int round = 0; round < 1500; round++) {
                    StringBuilder text = new StringBuilder();
                    int length = random.nextInt(40);
                    for (int i = 0; i < length; i++) {
                        boolean any = random.nextInt(12) == 0;
                        text.append(any
                                ? (char) (' ' + random.nextInt(95))
                                : letters.charAt(random.nextInt(letters.length())));
                    }
                    assertTrue(AsciiWordPiece.reads(text.toString()));
                    int[] expected = Arrays.stream(library.encode(text.toString(), false, false).getIds())
                            .mapToInt(Math::toIntExact).toArray();
                    assertArrayEquals(expected, pieces.encode(text.toString()), () -> "<" + text + ">");
                }
            }
        }
    }

    @Test
    void otherTextIsTheLibrarysOwn() throws IOException {
        for (String text : List.of("caf\u00e9", "a\u0000b", "a\u007fb", "\u2019", "\u3042", "\f")) {
            assertFalse(AsciiWordPiece.reads(text), text);
        }
        try (Tokenizer tokenizer = io.retort.text.HuggingFaceTokenizer.parse(FILE,
                JSON.writeValueAsBytes(tokenizer(true)))) {
            assertArrayEquals(tokenizer.encode("abc tea"), tokenizer.encode("\u00e1bc\u0000 te\u0301a"),
                    "accents and control characters fall away in the library");
            assertEquals("abc teas", tokenizer.decode(tokenizer.encode("ABC teas")));
        }
    }

    @Test
    void tokenizersThatDifferInAnySettingAreTheLibrarysOwn() throws IOException {
        assertTrue(parsed(tokenizer(true)).pieces().isPresent());
        List<Consumer<ObjectNode>> changes = List.of(root -> root.withObject("normalizer").put("clean_text", false),
                root -> root.withObject("normalizer").put("more", 1), root -> root.putNull("normalizer"),
                root -> root.withObject("normalizer").put("lowercase", 1),
                root -> root.putObject("pre_tokenizer").put("type", "Whitespace"),
                root -> root.withObject("model").put("max_input_chars_per_word", "many"),
                root -> root.withObject("model").remove("continuing_subword_prefix"),
                root -> root.withObject("model").withObject("vocab").put("half", 40),
                root -> root.withObject("decoder").put("type", "Metaspace"), root -> root.put("more", 1),
                root -> root.withArray("added_tokens").addObject().put("id", 3).put("content", "a").put("special",
                        false));
        for (Consumer<ObjectNode> change : changes) {
            ObjectNode root = tokenizer(true);
            change.accept(root);
            byte[] json = root.toString().replace("half", "\\ud800").getBytes(StandardCharsets.UTF_8);
            assertTrue(TokenizerJson.parse(FILE, json).pieces().isEmpty(), root::toString);
        }
    }
}
