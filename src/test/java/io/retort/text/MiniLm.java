package io.retort.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The tokenizer that lies in the class path, for tests. */
final class MiniLm {
    static final Tokenizer TOKENIZER = HuggingFaceTokenizer.parse(Path.of("all-minilm-l6-v2-tokenizer.json"), json());

    private MiniLm() {}

    static byte[] json() {
        try (InputStream in = MiniLm.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
