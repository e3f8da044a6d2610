package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Greedy and beam give what transformers gives, token by token (bench/peers/generation_golden.py). */
class TransformersGoldenTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWX";

    @TestFactory
    Stream<DynamicTest> completionsAreThoseOfTransformers() throws IOException {
        JsonNode cases;
        try (InputStream file = getClass().getResourceAsStream("generation.golden.json")) {
            cases = new JsonMapper().readTree(file).path("cases");
        }
        assertTrue(cases.size() >= 300);
        return StreamSupport.stream(cases.spliterator(), false)
                .map(one -> DynamicTest.dynamicTest(name(one), () -> assertSame(one)));
    }

    private static String name(JsonNode one) {
        return one.path("settings") + " after " + one.path("prompt") + ", at most " + one.path("length");
    }

    private static void assertSame(JsonNode one) {
        JsonNode settings = one.path("settings");
        int length = one.path("length").asInt();
        TableModel model = new TableModel(ALPHABET.length(), 1000);
        Generator generator = new Generator(model, new Letters(ALPHABET), new GenerationSettings(decoding(settings),
                constraints(settings, length), new StopRules(List.of(), ends(settings)), 16));
        Generation found = generator.generate(new GenerationRequest("golden", ids(one.path("prompt")),
                settings.path("num_return_sequences").asInt(1)));
        List<List<Integer>> expected = new ArrayList<>();
        one.path("completions").forEach(tokens -> expected.add(Arrays.stream(ids(tokens)).boxed().toList()));
        assertEquals(expected, found.completions().stream()
                .map(completion -> Arrays.stream(completion.tokens()).boxed().toList()).toList());
        assertEquals(0, model.open, "open sequences");
    }

    private static Decoding decoding(JsonNode settings) {
        int width = settings.path("num_beams").asInt();
        if (width == 1) return new Decoding.Greedy();
        Patience patience = switch (settings.path("early_stopping").asText("false")) {
            case "true" -> Patience.NONE;
            case "false" -> Patience.HEURISTIC;
            case "never" -> Patience.FULL;
            default -> throw new AssertionError(settings);
        };
        return new Decoding.Beam(width, settings.path("length_penalty").asDouble(1), patience);
    }

    private static Constraints constraints(JsonNode settings, int length) {
        List<NgramBlock> blocks = new ArrayList<>();
        int both = settings.path("no_repeat_ngram_size").asInt();
        if (both > 0) blocks.add(new NgramBlock(both, Where.BOTH));
        int prompt = settings.path("encoder_no_repeat_ngram_size").asInt();
        if (prompt > 0) blocks.add(new NgramBlock(prompt, Where.PROMPT));
        return new Constraints(length, Math.min(length, settings.path("min_new_tokens").asInt()),
                settings.path("repetition_penalty").asDouble(1), blocks);
    }

    private static Set<Integer> ends(JsonNode settings) {
        Set<Integer> ends = new HashSet<>();
        settings.path("eos_token_id").forEach(id -> ends.add(id.asInt()));
        return ends.isEmpty() ? Set.of(0) : ends;
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }
}
