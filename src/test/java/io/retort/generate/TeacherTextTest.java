package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.lm.LanguageModelFiles;
import io.retort.tensor.ElementType;
import io.retort.tensor.GgufBytes;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What files made by others say about text, wherever they say it. */
class TeacherTextTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path temporary;
    private Path folder;

    /** A folder with the special tokens A (28) and V (49), which none of its other files names. */
    @BeforeEach
    void makeFolder() throws IOException {
        folder = TinyTeacher.write(temporary.resolve("tiny"));
        Files.delete(folder.resolve("tokenizer_config.json"));
        tokenizer(json -> {
            for (int id : new int[]{28, 49}) added(json, id, TinyTeacher.ALPHABET.substring(id, id + 1), true);
            return json;
        });
    }

    private void tokenizer(UnaryOperator<ObjectNode> change) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.write(file, JSON.writeValueAsBytes(change.apply((ObjectNode) JSON.readTree(file.toFile()))));
    }

    private static void added(ObjectNode json, int id, String content, boolean special) {
        json.withArray("added_tokens").addObject().put("id", id).put("content", content).put("special", special)
                .put("normalized", false).put("single_word", false).put("lstrip", false).put("rstrip", false);
    }

    private void file(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private record Said(ControlTokens control, Set<Integer> ends, Optional<String> template, int[] a) {}

    private static Said said(Path model) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(model)) {
            TeacherText text = TeacherText.of(files);
            try (var tokenizer = text.tokenizer()) {
                int[] ids = Continuation.plain(text.control()).unconditional().encode(tokenizer);
                return new Said(text.control(), text.endTokens(), text.chatTemplate(), ids);
            }
        }
    }

    private Said said() throws IOException {
        return said(folder);
    }

    private static String processor(String single, String token, int id) {
        return "{'type':'TemplateProcessing','single':[" + single + "],'pair':[],'special_tokens':{'" + token
                + "':{'id':'"
                + token + "','ids':[" + id + "],'tokens':['" + token + "']}}}";
    }

    private static final String BEGIN = "{'SpecialToken':{'id':'A','type_id':0}}";
    private static final String TEXT = "{'Sequence':{'id':'A','type_id':0}}";

    private void postProcessor(String json) throws IOException {
        JsonNode processor = JSON.readTree(json.replace('\'', '"'));
        tokenizer(root -> root.set("post_processor", processor));
    }

    @Test
    void thePostProcessorSaysWhatStandsBeforeEveryText() throws IOException {
        assertEquals("", said().control().opening());
        postProcessor(processor(BEGIN + "," + TEXT, "A", 28));
        assertEquals("A", said().control().opening());
        assertEquals(28, said().a()[0]);
        postProcessor("{'type':'Sequence','processors':[{'type':'ByteLevel','trim_offsets':false},"
                + processor(BEGIN + "," + TEXT, "A", 28) + "]}");
        assertEquals("A", said().control().opening());
        postProcessor(processor(TEXT + "," + BEGIN, "A", 28));
        assertEquals("", said().control().opening(), "what follows the text begins none");
        postProcessor("{'type':'RobertaProcessing','sep':['V',49],'cls':['A',28]}");
        assertEquals("A", said().control().opening());
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void theBeginTokenStandsThereOnceWhoeverNamesIt(boolean flag, boolean processor) throws IOException {
        file("tokenizer_config.json", "{\"bos_token\": \"A\", \"add_bos_token\": " + flag + "}");
        if (processor) postProcessor(processor(BEGIN + "," + TEXT, "A", 28));
        // transformers obeys the post-processor, whatever the flag says.
        assertEquals(flag || processor ? "A" : "", said().control().opening());
    }

    @ParameterizedTest
    @ValueSource(strings = {"generation_config.json", "config.json"})
    void endTokensStandInAnyOfTheFiles(String name) throws IOException {
        assertEquals(Set.of(), said().ends());
        for (String ids : new String[]{"49", "[28, 49]", "null", "[49, 4000]"}) {
            Path path = folder.resolve(name);
            ObjectNode config = Files.exists(path)
                    ? (ObjectNode) JSON.readTree(path.toFile())
                    : JsonNodeFactory.instance.objectNode();
            config.set("eos_token_id", JSON.readTree(ids));
            Files.write(path, JSON.writeValueAsBytes(config));
            assertEquals(ids.equals("null") ? Set.of() : ids.contains("28") ? Set.of(28, 49) : Set.of(49),
                    said().ends());
        }
    }

    @Test
    void namesOfTokensStandInTheSettingsAndInTheMapBesideThem() throws IOException {
        file("special_tokens_map.json", "{\"eos_token\": {\"content\": \"V\"}, \"pad_token\": \"A\", "
                + "\"additional_special_tokens\": [\"A\"]}");
        assertEquals(Set.of(49), said().ends());
        assertEquals(Map.of("eos_token", "V", "pad_token", "A"), said().control().named());
        file("tokenizer_config.json", "{\"eos_token\": \"A\", \"unk_token\": \"V\", \"add_bos_token\": true, "
                + "\"model_max_length\": NaN, \"extra_special_tokens\": {\"image_token\": \"A\"}}");
        assertEquals(Map.of("eos_token", "V", "pad_token", "A", "unk_token", "V", "image_token", "A"),
                said().control().named(), "the map counts more than older settings");
        file("tokenizer_config.json", "{\"eos_token\": \"A\", \"added_tokens_decoder\": {}}");
        assertEquals("A", said().control().end());
    }

    @Test
    void whatEndsMessagesInEveryModelEndsThemHere() throws IOException {
        tokenizer(json -> {
            added(json, 50, "<|im_end|>", true);
            added(json, 51, "<end_of_turn>", false);
            return json;
        });
        assertEquals(Set.of(50), said().ends(), "only special tokens end anything");
    }

    @Test
    void aTemplateIsFoundWhereverItStandsAndOneOfNothingIsNone() throws IOException {
        file("tokenizer_config.json", "{\"chat_template\": \"\"}");
        assertEquals(Optional.empty(), said().template());
        file("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}, "
                + "{\"name\": \"default\", \"template\": \"d\"}]}");
        assertEquals(Optional.of("d"), said().template());
        file("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"only\", \"template\": \"o\"}]}");
        assertEquals(Optional.of("o"), said().template());
        file("chat_template.jinja", "own");
        assertEquals(Optional.of("own"), said().template());
    }

    @Test
    void aDamagedFileIsRefusedInWordsOfOurOwn() throws IOException {
        file("tokenizer_config.json", "{\"bos_token\":\n oops}");
        String message = assertThrows(BadInput.class, this::said).getMessage();
        assertTrue(message.contains("tokenizer_config.json:2: not valid JSON at column 2: `oops` is no JSON value"),
                message);
    }

    @Test
    void aTokenizerIsTheSameEachTimeWhateverItsTrainingLeftBehind() throws IOException {
        tokenizer(json -> {
            ObjectNode model = (ObjectNode) json.get("model");
            ((ObjectNode) model.get("vocab")).put("ab", 50);
            model.withArray("merges").add("a b");
            model.put("dropout", 0.5);
            return json;
        });
        try (var tokenizer = HuggingFaceTokenizer.open(folder.resolve("tokenizer.json"))) {
            for (int i = 0; i < 50; i++) assertArrayEquals(new int[]{50, 50}, tokenizer.encode("abab"));
        }
    }

    @Test
    void anUnknownTokenMayStandAmongAddedTokensOrNowhereUntilItIsNeeded() throws IOException {
        for (boolean there : new boolean[]{true, false}) {
            makeFolderAnew();
            tokenizer(json -> {
                ((ObjectNode) json.get("model")).put("unk_token", "<unk>");
                if (there) added(json, 50, "<unk>", true);
                return json;
            });
            try (var tokenizer = HuggingFaceTokenizer.open(folder.resolve("tokenizer.json"))) {
                assertArrayEquals(new int[]{2, 3}, tokenizer.encode("ab"));
                String message = assertThrows(BadInput.class, () -> tokenizer.encode("a?")).getMessage();
                assertTrue(message.contains("cannot encode `a?`") && !message.contains("Exception"), message);
            }
        }
    }

    /** Ids by the tokenizers library, of the same file. */
    @ParameterizedTest
    @CsvSource({"false,false,'2 1 0 49 0 1 3','49 1 49'", "false,true,'2 1 0 49 3','49 49'",
        "true,false,'2 49 0 1 3','49 49'", "true,true,'2 49 3','49 49'"})
    void aSpecialTokenTakesInTheWhiteSpaceBesideItWhereItsFileSaysSo(boolean left, boolean right, String first,
            String second) throws IOException {
        tokenizer(json -> {
            ((ObjectNode) json.get("added_tokens").get(1)).put("lstrip", left).put("rstrip", right);
            return json;
        });
        try (var tokenizer = HuggingFaceTokenizer.open(folder.resolve("tokenizer.json"))) {
            Prompt split = Prompt.untrusted("a \n").then(Prompt.trusted("V")).then(Prompt.untrusted("\n b"));
            assertEquals(first, joined(split.encode(tokenizer)));
            assertEquals(second, joined(Prompt.trusted("V V").encode(tokenizer)));
        }
    }

    private static String joined(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    private void makeFolderAnew() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        Files.createDirectories(temporary.resolve("again"));
        Files.copy(TinyTeacher.write(temporary.resolve("again" + System.nanoTime())).resolve("tokenizer.json"),
                folder.resolve("tokenizer.json"));
    }

    private Said gguf(UnaryOperator<GgufBytes> more) throws IOException {
        return said(TinyGguf.write(temporary.resolve("model.gguf"), bytes -> more.apply(TinyGguf.shapes(bytes))));
    }

    @ParameterizedTest
    @CsvSource({"llama-bpe,,true", "llama-bpe,false,false", "lfm2,,true", "tekken,,true", "gpt-2,,false",
        "gpt-2,true,true", "qwen2,,false", ",,false", ",true,true"})
    void aSilentGgufFileBeginsTextsAsLlamaCppDoes(String rule, Boolean flag, boolean begins) throws IOException {
        Said said = gguf(bytes -> {
            bytes.integer("tokenizer.ggml.bos_token_id", 4);
            if (rule != null) bytes.string("tokenizer.ggml.pre", rule);
            return flag == null ? bytes : bytes.bool("tokenizer.ggml.add_bos_token", flag);
        });
        assertEquals(begins ? "<|begin|>" : "", said.control().opening());
    }

    @Test
    void anIdOfNoTokenInAGgufFileIsNone() throws IOException {
        Said said = gguf(bytes -> bytes.string("tokenizer.ggml.pre", "llama-bpe")
                .integer("tokenizer.ggml.bos_token_id", -1).integer("tokenizer.ggml.padding_token_id", 4_000)
                .integer("tokenizer.ggml.eos_token_id", 7));
        assertEquals("", said.control().begin());
        assertEquals("", said.control().opening());
        assertEquals(Map.of(), said.control().named());
    }

    @Test
    void aGgufFileEndsTextsAtWhatItNamesAndAtWhatLlamaCppKnows() throws IOException {
        assertEquals(Set.of(5, 6), gguf(bytes -> bytes).ends());
        assertEquals(Set.of(3, 4, 5, 6), gguf(bytes -> bytes.integer("tokenizer.ggml.eos_token_id", 3)
                .integer("tokenizer.ggml.eot_token_id", 4)).ends());
    }

    @Test
    void aGgufFilesTokenizerIsWrittenWithWhatStandsBeforeItsTexts() throws IOException {
        Path model = TinyGguf.write(temporary.resolve("base.gguf"), bytes -> TinyGguf.shapes(bytes)
                .string("tokenizer.ggml.pre", "llama-bpe").integer("tokenizer.ggml.bos_token_id", 4)
                .integer("tokenizer.ggml.eos_token_id", 5).integer("tokenizer.ggml.unknown_token_id", 6)
                .string("tokenizer.chat_template", "{{ 1 }}"));
        Path written = temporary.resolve("written");
        try (LanguageModelFiles files = LanguageModelFiles.open(model)) {
            TeacherFolder.write(written, files, new LinkedHashMap<>(), ElementType.F32,
                    JsonNodeFactory.instance.objectNode());
        }
        Said said = said(written), original = said(model);
        assertEquals(original.control(), said.control());
        assertEquals(original.ends(), said.ends());
        assertEquals(original.template(), said.template());
        assertArrayEquals(original.a(), said.a());
        assertFalse(JSON.readTree(written.resolve("tokenizer.json").toFile()).path("post_processor").isMissingNode());
    }

    @Test
    void aFolderThatNamesItsEndInItsConfigurationAloneKeepsItWhenItIsWritten() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(config.put("eos_token_id", 49)));
        Path written = temporary.resolve("written");
        try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            TeacherFolder.write(written, files, new LinkedHashMap<>(), ElementType.F32,
                    JsonNodeFactory.instance.objectNode());
        }
        assertEquals(Set.of(49), said(written).ends());
    }
}
