package io.retort.retrieval;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A {@code tokenizer.json} of whole words: four special tokens, then {@code w4, w5, …}. */
public final class TinyTokenizer {
    static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]");

    private TinyTokenizer() {}

    public static byte[] json(int tokens) {
        return json(Stream.concat(SPECIAL.stream(), IntStream.range(4, tokens).mapToObj(i -> "w" + i)).toList());
    }

    public static byte[] json(List<String> tokens) {
        String vocabulary = IntStream.range(0, tokens.size()).mapToObj(i -> "\"" + tokens.get(i) + "\":" + i)
                .collect(Collectors.joining(","));
        return """
                {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
                 "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
                 "model":{"type":"WordLevel","vocab":{%s},"unk_token":"[UNK]"}}
                """.formatted(vocabulary).getBytes(StandardCharsets.UTF_8);
    }
}
