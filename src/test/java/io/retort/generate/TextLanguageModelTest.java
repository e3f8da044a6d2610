package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextLanguageModelTest {
    private static final Path SMOLLM = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");

    @TempDir
    Path temporary;
    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = TinyTeacher.write(temporary.resolve("tiny"));
    }

    private TextLanguageModel open() throws IOException {
        return TextLanguageModel.open(folder, Engine.simd(1));
    }

    @Test
    void aFolderSaysHowTextsBeginAndEnd() throws IOException {
        try (TextLanguageModel teacher = open()) {
            assertEquals(new ControlTokens("A", "V", false), teacher.control());
            assertEquals(Set.of(49), teacher.endTokens());
            assertEquals(Optional.of("{{ messages }}"), teacher.chatTemplate());
            assertEquals("tiny", teacher.name());
            assertEquals(50, teacher.model().vocabularySize());
            assertArrayEquals(new int[]{2, 3, 1}, teacher.literalPrompt("ab "));
            assertArrayEquals(new int[]{28}, teacher.literalPrompt(""), "the begin token stands for an empty text");
        }
    }

    @Test
    void aModelThatWantsItsBeginTokenGetsIt() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"A\", \"add_bos_token\": true}");
        // The alphabet's A is no special token, which alone trusted text becomes.
        Files.writeString(folder.resolve("tokenizer.json"), Files.readString(folder.resolve("tokenizer.json"))
                .replace("\"added_tokens\":[]", "\"added_tokens\":[{\"id\":28,\"content\":\"A\",\"special\":true,"
                        + "\"normalized\":false,\"single_word\":false,\"lstrip\":false,\"rstrip\":false}]"));
        try (TextLanguageModel teacher = open()) {
            assertArrayEquals(new int[]{28, 2}, teacher.literalPrompt("a"));
            assertArrayEquals(new int[]{28}, teacher.literalPrompt(""));
            assertEquals(Set.of(), teacher.endTokens());
        }
    }

    @Test
    void endTokensOfTheGenerationConfigCountToo() throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [7, 49, 1000]}");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ own }}");
        try (TextLanguageModel teacher = open()) {
            assertEquals(Set.of(7, 49), teacher.endTokens());
            assertEquals(Optional.of("{{ own }}"), teacher.chatTemplate());
        }
    }

    @Test
    void anEmptyPromptNeedsATokenToStandForIt() throws IOException {
        Files.delete(folder.resolve("tokenizer_config.json"));
        try (TextLanguageModel teacher = open()) {
            String message = assertThrows(BadInput.class, () -> teacher.literalPrompt("")).getMessage();
            assertTrue(message.contains(folder.toString()) && message.contains("begin the prompt"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
    void aMissingFileIsNamed(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertTrue(assertThrows(BadInput.class, this::open).getMessage().contains(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer_config.json", "generation_config.json"})
    void aDamagedFileIsNamed(String file) throws IOException {
        Files.writeString(folder.resolve(file), "{\"bos_token\": ");
        assertTrue(assertThrows(BadInput.class, this::open).getMessage().contains(file));
    }

    @Test
    void aTokenizerOfAnotherModelIsRefused() throws IOException {
        Path tokenizer = folder.resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"V\":49", "\"V\":49,\"W\":50"));
        assertTrue(assertThrows(BadInput.class, this::open).getMessage().contains("51 tokens"));
    }

    @Test
    void aGgufFileSaysTheSame() throws IOException {
        assumeTrue(Files.exists(SMOLLM), SMOLLM + " is not here");
        try (TextLanguageModel teacher = TextLanguageModel.open(SMOLLM, Engine.simd(1))) {
            assertEquals("<|im_start|>", teacher.control().begin());
            assertEquals("<|im_end|>", teacher.control().end());
            assertEquals("", teacher.control().opening());
            assertEquals("<|endoftext|>", teacher.control().named().get("unk_token"));
            assertEquals(Set.of(0, 2), teacher.endTokens(), "<|endoftext|> by its name, as in llama.cpp");
            assertTrue(teacher.chatTemplate().orElseThrow().contains("<|im_start|>"));
            assertArrayEquals(new int[]{1}, teacher.literalPrompt(""));
            assertTrue(teacher.literalPrompt("<|im_end|>").length > 1, "text is only text");
        }
    }
}
