package io.retort.generate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.lm.LanguageModelFiles;
import io.retort.tensor.ElementType;
import io.retort.tensor.GgufFile;
import io.retort.tensor.ParameterValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A teacher's folder as on the Hugging Face Hub, written from the files of the model that it was trained from: what they
 * say about text stays as it is, whether they are a folder or a GGUF file.
 */
public final class TeacherFolder {
    private static final List<String> TEXT = List.of(HubText.TOKENIZER, HubText.SETTINGS, HubText.SPECIAL,
            HubText.GENERATION, HubText.TEMPLATE, HubText.VOCABULARY, HubText.MERGES);
    private static final ObjectMapper JSON = new ObjectMapper();

    private TeacherFolder() {}

    /**
     * Writes a folder that {@link TextLanguageModel#open} opens.
     *
     * @param folder     does not exist
     * @param base       what the teacher was trained from
     * @param weights    as {@link io.retort.lm.TrainableDecoder#weights()} gives them
     * @param floats     in which weights are stored
     * @param provenance the content of {@code provenance.json}
     */
    public static void write(Path folder, LanguageModelFiles base,
            SequencedMap<String, ? extends ParameterValue> weights,
            ElementType floats, ObjectNode provenance) throws IOException {
        Files.createDirectories(folder);
        if (base.gguf().isPresent()) writeText(base.gguf().get(), base, folder);
        else copyText(base, folder);
        write(folder.resolve("provenance.json"), provenance);
        base.write(folder, weights, floats);
    }

    private static void copyText(LanguageModelFiles base, Path to) throws IOException {
        Path from = base.path();
        for (String name : TEXT) {
            if (Files.isRegularFile(from.resolve(name))) Files.copy(from.resolve(name), to.resolve(name));
        }
        if (Files.exists(to.resolve(HubText.GENERATION))) return;
        // What ends a text may stand in config.json, which is written anew.
        TeacherText text = TeacherText.of(base);
        text.tokenizer().close();
        if (!text.endTokens().isEmpty()) write(to.resolve(HubText.GENERATION), generation(text));
    }

    private static void writeText(GgufFile base, LanguageModelFiles files, Path folder) throws IOException {
        TeacherText text = TeacherText.of(files);
        text.tokenizer().close();
        AtomicFile.write(folder.resolve(HubText.TOKENIZER), TeacherText.vocabulary(base).file(base.path(),
                text.control().opening()));
        ObjectNode settings = JSON.createObjectNode().put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("add_bos_token", !text.control().opening().isEmpty());
        new TreeMap<>(text.control().named()).forEach(settings::put);
        text.chatTemplate().ifPresent(template -> settings.put("chat_template", template));
        write(folder.resolve(HubText.SETTINGS), settings);
        write(folder.resolve(HubText.GENERATION), generation(text));
    }

    private static ObjectNode generation(TeacherText text) {
        ObjectNode generation = JSON.createObjectNode();
        ArrayNode ends = generation.putArray("eos_token_id");
        text.endTokens().stream().sorted().forEach(ends::add);
        return generation;
    }

    private static void write(Path file, ObjectNode content) throws IOException {
        AtomicFile.write(file, (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n")
                .getBytes(StandardCharsets.UTF_8));
    }
}
