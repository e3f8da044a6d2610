package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.generate.TinyTeacher;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelCommandsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path work;
    private Path teacher;

    @BeforeEach
    void makeTeacher() throws IOException {
        teacher = TinyTeacher.write(work.resolve("tiny"));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(work.resolve(name), text);
    }

    private static List<JsonNode> lines(String out) {
        return out.lines().map(line -> {
            try {
                return JSON.readTree(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simd", "stock"})
    void scoresAreThoseOfTransformers(String engine) throws IOException {
        int[] ids;
        float[] logits;
        try (TensorFile golden = TensorFile.open(TinyTeacher.GOLDEN)) {
            ids = golden.read("ids").data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
            logits = golden.read("logits").toFloats();
        }
        int texts = 3, time = ids.length / texts, vocabulary = TinyTeacher.ALPHABET.length();
        var pairs = new StringBuilder();
        double[] expected = new double[texts];
        for (int text = 0; text < texts; text++) {
            int prompt = 5 + text;
            pairs.append(pair(letters(ids, text * time, prompt), letters(ids, text * time + prompt, time - prompt)));
            for (int t = prompt; t < time; t++) {
                int row = (text * time + t - 1) * vocabulary;
                double sum = 0;
                for (int id = 0; id < vocabulary; id++) sum += Math.exp(logits[row + id]);
                expected[text] += logits[row + ids[text * time + t]] - Math.log(sum);
            }
        }
        List<JsonNode> found = lines(Run.ok("lm", "score", "-m", teacher, "-d", file("pairs.jsonl", pairs.toString()),
                "--engine", engine, "--json"));
        assertEquals(texts, found.size());
        for (int text = 0; text < texts; text++) {
            assertEquals(expected[text], found.get(text).path("logprob").asDouble(), 1e-4);
            assertEquals(time - 5 - text, found.get(text).path("tokens").asInt());
        }
    }

    private static String letters(int[] ids, int from, int count) {
        var text = new StringBuilder();
        for (int id : Arrays.copyOfRange(ids, from, from + count)) text.append(TinyTeacher.ALPHABET.charAt(id));
        return text.toString();
    }

    private static String pair(String prompt, String continuation) {
        return JSON.createObjectNode().put("prompt", prompt).put("continuation", continuation) + "\n";
    }

    @Test
    void anEmptyPromptStandsForTheBeginToken() throws IOException {
        List<JsonNode> found = lines(Run.ok("lm", "score", "-m", teacher, "-d",
                file("pairs.jsonl", pair("", "abc") + pair("A", "abc") + pair("B", "abc")), "--json"));
        assertEquals(found.get(1), found.get(0));
        assertNotEquals(found.get(1), found.get(2));
    }

    @Test
    void anEmptyContinuationIsRefusedWithFileAndLine() throws IOException {
        Path pairs = file("pairs.jsonl", pair("a", "b") + pair("a", ""));
        Run.refused(Run.of("lm", "score", "-m", teacher, "-d", pairs, "--json"), pairs + ":2", "continuation");
    }

    @Test
    void aPairThatIsTooLongIsRefusedWithFileAndLine() throws IOException {
        Path pairs = file("pairs.jsonl", pair("a".repeat(40), "b".repeat(9)));
        Run.refused(Run.of("lm", "score", "-m", teacher, "-d", pairs), pairs + ":1", "49 tokens", "takes 48");
    }

    @Test
    void completionsAreCountedAndReproducible() throws IOException {
        for (List<String> how : List.of(List.of("--greedy"), List.of("--beam", "3"),
                List.of("--temperature", "0.8", "--top-k", "9", "--top-p", "0.9", "--seed", "4"))) {
            List<Object> arguments = new ArrayList<>(
                    List.of("lm", "complete", "-m", teacher, "--prompt", "ab", "--max-tokens", "12", "--json"));
            arguments.addAll(how);
            JsonNode first = Run.json(arguments.toArray());
            assertEquals(first, Run.json(arguments.toArray()));
            int tokens = first.path("tokens").asInt();
            boolean ended = first.path("text").asText().length() < tokens;
            assertTrue(tokens == 12 || ended, first.toString());
        }
    }

    @Test
    void promptsOfFilesAreCompletedLikePromptsOfTheCommandLine() throws IOException {
        String one = Run.ok("lm", "complete", "-m", teacher, "--prompt", "Hello\n", "--greedy", "--json");
        String two = Run.ok("lm", "complete", "-m", teacher, "--prompt", "ba", "--greedy", "--json");
        assertEquals(one, Run.ok("lm", "complete", "-m", teacher, "--prompt-file", file("prompt.txt", "Hello\n"),
                "--greedy", "--json"));
        Path prompts = file("prompts.jsonl", "{\"prompt\": \"Hello\\n\"}\n{\"prompt\": \"ba\"}\n");
        assertEquals(one + two, Run.ok("lm", "complete", "-m", teacher, "-d", prompts, "--greedy", "--json"));
    }

    @Test
    void textEndsBeforeAStop() throws IOException {
        JsonNode whole = Run.json("lm", "complete", "-m", teacher, "-p", "ab", "--greedy", "--json");
        String text = whole.path("text").asText();
        assertTrue(text.length() > 3, text);
        String stop = text.substring(2, 4);
        JsonNode cut = Run.json("lm", "complete", "-m", teacher, "-p", "ab", "--greedy", "--stop", stop, "--json");
        assertEquals(text.substring(0, text.indexOf(stop)), cut.path("text").asText());
        assertEquals(text.indexOf(stop) + 2, cut.path("tokens").asInt());
    }

    @Test
    void waysOfDecodingExcludeEachOther() {
        Run.refused(Run.of("lm", "complete", "-m", teacher, "-p", "a", "--greedy", "--beam", "2"), "exclude");
        Run.refused(Run.of("lm", "complete", "-m", teacher, "-p", "a", "--beam", "2", "--top-k", "2"), "exclude");
        Run.refused(Run.of("lm", "complete", "-m", teacher, "-p", "a", "--length-penalty", "2"), "--beam");
    }

    @Test
    void badInputIsNamed() throws IOException {
        Run.refused(Run.of("lm", "complete", "-m", work.resolve("none.gguf"), "-p", "a"), "none.gguf");
        Run.refused(Run.of("lm", "complete", "-m", teacher, "-p", "a".repeat(48), "--greedy"), "48 tokens");
        Run.refused(Run.of("lm", "complete", "-m", teacher, "--prompt-file", work.resolve("none.txt")), "none.txt");
        Run.refused(Run.of("lm", "complete", "-m", teacher, "-d", work.resolve("none.jsonl")), "none.jsonl");
        Run.refused(Run.of("lm", "complete", "-m", teacher), "--prompt");
        Run.refused(Run.of("lm", "score", "-m", teacher, "-d", file("bad.jsonl", "{\"prompt\": \"a\"}\n")), ":1",
                "continuation");
    }

    @Test
    void generatingAndScoringAreMeasured() throws IOException {
        JsonNode generate = Run.json("bench", "generate", "-m", teacher, "--batch", "3", "--prompt", "5", "--tokens",
                "7", "--runs", "2", "--warm-up", "0", "--threads", "1", "--json");
        BenchCommandTest.assertTimes(generate, 2);
        assertEquals(1e3 * 21 / generate.path("median_ms").asDouble(), generate.path("tokens_per_s").asDouble(), 1e-6);
        double afterPrompts = generate.path("median_ms").asDouble() - generate.path("prompt_ms").asDouble();
        assertEquals(1e3 * 18 / afterPrompts, generate.path("tokens_per_s_after_prompt").asDouble(), 1e-6);
        JsonNode score = Run.json("bench", "score", "-m", teacher, "--contexts", "2", "--candidates", "4", "--prompt",
                "9", "--tokens", "3", "--runs", "2", "--warm-up", "0", "--threads", "1", "--json");
        BenchCommandTest.assertTimes(score, 2);
        assertEquals(1e3 * 8 / score.path("median_ms").asDouble(), score.path("candidates_per_s").asDouble(), 1e-6);
        Run.refused(Run.of("bench", "generate", "-m", teacher, "--prompt", "40", "--tokens", "9"), "--tokens 9");
    }
}
