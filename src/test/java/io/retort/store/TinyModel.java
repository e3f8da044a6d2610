package io.retort.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.Similarity;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/**
 * Model folders of a few kilobytes with random weights and a vocabulary of fifty words, for tests of what lies above
 * the models.
 */
public final class TinyModel {
    /** Words that are tokens; any other is unknown. */
    public static final List<String> WORDS = List.of(("i you he she we they am are is was do does not no yes hello hi "
            + "cat dog fish tea bread rain sun home work like love hate want eat drink sleep run read today now never "
            + "always good").split(" "));

    private TinyModel() {}

    /** A tied bi-encoder by dot product. */
    public static ModelFolder biEncoder(Path target, long seed) throws IOException {
        return write(target, RandomModels.biEncoder(true, Similarity.DOT, 1), seed);
    }

    /** A poly-encoder of three codes. */
    public static ModelFolder polyEncoder(Path target, long seed) throws IOException {
        return write(target, RandomModels.polyEncoder(true, 3), seed);
    }

    private static ModelFolder write(Path target, ModelConfig config, long seed) throws IOException {
        ObjectNode provenance = JsonNodeFactory.instance.objectNode().put("seed", seed);
        return ModelFolder.write(target, config, tokenizer(),
                new LinkedHashMap<String, Tensor>(RandomModels.weights(config, seed)), provenance);
    }

    /** A tokenizer of whole words in lower case. */
    public static byte[] tokenizer() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding").putArray("added_tokens");
        root.putObject("normalizer").put("type", "Lowercase");
        root.putObject("pre_tokenizer").put("type", "Whitespace");
        root.putNull("post_processor").putNull("decoder");
        ObjectNode model = root.putObject("model").put("type", "WordLevel").put("unk_token", "[UNK]");
        ObjectNode vocabulary = model.putObject("vocab");
        for (String token : List.of("[PAD]", "[CLS]", "[SEP]", "[UNK]")) vocabulary.put(token, vocabulary.size());
        for (String word : WORDS) vocabulary.put(word.toLowerCase(Locale.ROOT), vocabulary.size());
        try {
            return new ObjectMapper().writeValueAsBytes(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
