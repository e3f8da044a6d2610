package io.retort.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The vocabulary of {@code bpe_golden.json} ({@code bench/peers/bpe_golden.py}), for tests. */
final class BpeSample {
    static final JsonNode GOLDEN = read();
    static final Tokenizer TOKENIZER = vocabulary(GOLDEN, "smollm").tokenizer(Path.of("sample"));

    private BpeSample() {}

    private static JsonNode read() {
        try (InputStream in = BpeSample.class.getResourceAsStream("bpe_golden.json")) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode read(Path golden) throws IOException {
        return new JsonMapper().readTree(Files.readAllBytes(golden));
    }

    static BpeVocabulary vocabulary(JsonNode golden, String rule) {
        return new BpeVocabulary(strings(golden.get("tokens")), ints(golden.get("types")),
                strings(golden.get("merges")),
                rule);
    }

    static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::textValue).toList();
    }

    static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    static int[] joined(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
