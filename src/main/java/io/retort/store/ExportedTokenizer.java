package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.ModelConfig;
import io.retort.text.TextFormat;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A tokenizer in the files of transformers. Its post-processor frames texts as {@link io.retort.text.InputBuilder}
 * does, and the turn separator is a token in text.
 *
 * @param json    {@code tokenizer.json}
 * @param special special tokens by their role
 */
record ExportedTokenizer(ObjectNode json, Map<String, String> special) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Makes the tokenizer of an export from the model's own.
     *
     * @param bytes  of a {@code tokenizer.json}, which {@code opened} has read
     * @throws BadInput if transformers would count positions otherwise than Retort
     */
    static ExportedTokenizer of(byte[] bytes, Tokenizer opened, ModelConfig config) throws IOException {
        TextFormat text = config.text();
        int pad = opened.requiredId(text.padToken());
        EncoderConfig encoder = config.encoder();
        if (encoder.norms() == EncoderConfig.NormPlacement.PRE && encoder.positionOffset() > 0
                && pad != encoder.positionOffset() - 1) {
            throw BadInput.of("the padding token " + text.padToken() + " has id " + pad
                    + ", and transformers counts positions from the id after it, this model from "
                    + encoder.positionOffset(), "export a model whose positions fit its tokenizer");
        }
        ObjectNode json = (ObjectNode) JSON.readTree(bytes);
        json.putNull("truncation").putNull("padding");
        Map<String, String> special = new LinkedHashMap<>();
        special.put("cls_token", text.startToken());
        special.put("sep_token", text.endToken().isEmpty() ? text.turnSeparator() : text.endToken());
        special.put("pad_token", text.padToken());
        special.put("unk_token", json.path("model").path("unk_token").asText(""));
        special.values().removeIf(String::isEmpty);
        List<String> inText = List.of(text.startToken(), text.endToken(), text.turnSeparator(), text.padToken());
        for (String token : inText) {
            // A separator of several tokens is text, not a special token.
            boolean several = token.indexOf(' ') > 0 && opened.id(token).isEmpty();
            if (!token.isEmpty() && !several) addSpecial(json, token, opened.requiredId(token));
        }
        frame(json, text, opened);
        return new ExportedTokenizer(json, special);
    }

    private static void addSpecial(ObjectNode json, String token, int id) {
        ArrayNode added = json.path("added_tokens") instanceof ArrayNode list ? list : json.putArray("added_tokens");
        Set<String> known = StreamSupport.stream(added.spliterator(), false)
                .map(entry -> entry.path("content").asText()).collect(Collectors.toSet());
        if (known.contains(token)) return;
        ObjectNode entry = added.addObject().put("id", id).put("content", token);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) entry.put(flag, false);
        entry.put("special", true);
    }

    private static void frame(ObjectNode json, TextFormat text, Tokenizer opened) {
        ObjectNode processor = json.putObject("post_processor").put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        ArrayNode pair = processor.putArray("pair");
        ObjectNode tokens = processor.putObject("special_tokens");
        append(single, tokens, text.startToken(), opened);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        append(single, tokens, text.endToken(), opened);
        for (JsonNode piece : single) pair.add(piece.deepCopy());
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 0);
        append(pair, tokens, text.endToken(), opened);
    }

    private static void append(ArrayNode pieces, ObjectNode tokens, String token, Tokenizer opened) {
        if (token.isEmpty()) return;
        pieces.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        if (tokens.has(token)) return;
        ObjectNode entry = tokens.putObject(token).put("id", token);
        entry.putArray("ids").add(opened.requiredId(token));
        entry.putArray("tokens").add(token);
    }

    /**
     * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code special_tokens_map.json} for one side.
     */
    void write(Path folder, ExportedSide side) throws IOException {
        AtomicFile.write(folder.resolve(ModelFolder.TOKENIZER), JSON.writeValueAsBytes(json));
        ObjectNode map = SentenceTransformersExport.object();
        special.forEach(map::put);
        SentenceTransformersExport.write(folder.resolve("special_tokens_map.json"), map);
        ObjectNode settings = map.deepCopy().put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("clean_up_tokenization_spaces", false).put("padding_side", "right")
                .put("truncation_side", side.truncationSide());
        settings.putArray("model_input_names").add("input_ids").add("attention_mask");
        SentenceTransformersExport.write(folder.resolve("tokenizer_config.json"), settings);
    }
}
