package io.retort.store.parlai;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.LinkedHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * ParlAI's encoder–decoder ({@code transformer/generator}), of which Blender is one, as a folder of the Hugging Face
 * Hub: BlenderBot where norms stand before each block ({@code prelayernorm}), BlenderBot-small where they stand after
 * it ({@code xlm}). ParlAI never says the start token; the bias of its logit says so there.
 */
final class ParlaiGenerator implements ParlaiModel {
    static final String MODEL = "transformer/generator";
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Added to the logit of what is never said, as ParlAI sets it. */
    private static final float NEVER = -1e20f;
    private static final Pattern UNUSED = Pattern.compile("START|(encoder|decoder)\\.embeddings\\.weight");
    private static final Map<String, String> LAYER = Map.of("ffn.lin1", "fc1", "ffn.lin2", "fc2");
    private static final List<String> PROJECTIONS = List.of("q", "k", "v", "out");

    private final ParlaiOptions options;
    private final ParlaiDictionary dictionary;
    private final ParlaiTokenizer tokenizer;
    private final boolean normsFirst;
    private final int dim;
    private final int inner;
    private final int heads;
    private final int positions;
    private final int encoderLayers;
    private final int decoderLayers;

    ParlaiGenerator(ParlaiOptions options, ParlaiDictionary dictionary, ParlaiTokenizer tokenizer) {
        this.options = options;
        this.dictionary = dictionary;
        this.tokenizer = tokenizer;
        normsFirst = options.oneOf("variant", "aiayn", List.of("xlm", "prelayernorm")).equals("prelayernorm");
        options.oneOf("activation", "relu", List.of("gelu"));
        if (options.number("output_scaling", 1) != 1) {
            throw options.unsupported("output_scaling", options.number("output_scaling", 1) + " of a generator",
                    "only 1 is");
        }
        for (String name : List.of(dictionary.special().start(), dictionary.special().end())) {
            if (name.isEmpty())
                throw options.unsupported("dict_starttoken or dict_endtoken", "none", "a generator has "
                        + "both");
        }
        dim = options.required("embedding_size");
        inner = options.required("ffn_size");
        heads = options.required("n_heads");
        positions = options.positions();
        encoderLayers = layers("n_encoder_layers");
        decoderLayers = layers("n_decoder_layers");
    }

    private int layers(String own) {
        int said = options.integer(own, -1);
        return said > 0 ? said : options.required("n_layers");
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("a generator of ParlAI's with norms " + (normsFirst ? "before" : "after") + " each block, written as "
                + (normsFirst ? "BlenderBot" : "BlenderBot-small") + " for the Hub's loaders; vocabulary of "
                + tokenizer.tokens() + " tokens");
        notes.add("it was trained on turns joined by " + JSON.valueToTree(options.string("delimiter", "\n"))
                + (endsSource() ? ", with an end token behind them" : ""));
        if (tokenizer.beyond() > 0) notes.add(ParlaiRanker.beyond(tokenizer, dictionary) + ", and are never said");
        return notes;
    }

    private boolean endsSource() {
        return options.string(ParlaiOptions.END_OF_SOURCE, "").equals("end");
    }

    @Override
    public ParlaiWeights.Mapped map(TensorFile file) {
        ParlaiWeights weights = new ParlaiWeights(file, dictionary, tokenizer);
        weights.takeWords("model.shared.weight", "embeddings.weight", dim, 1);
        half(weights, "encoder", encoderLayers, List.of("attention", "self_attn"),
                List.of("self_attn_layer_norm", "final_layer_norm"));
        half(weights, "decoder", decoderLayers, List.of("self_attention", "self_attn", "encoder_attention",
                "encoder_attn"), List.of("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"));
        float[] bias = new float[tokenizer.tokens() + tokenizer.beyond()];
        bias[dictionary.ids().get(dictionary.special().start())] = NEVER;
        for (int id = tokenizer.tokens(); id < bias.length; id++) bias[id] = NEVER;
        weights.put("final_logits_bias", Tensor.of(bias, 1, bias.length));
        return weights.mapped(UNUSED);
    }

    /**
     * Takes the encoder or the decoder.
     *
     * @param attentions ParlAI's name of each attention, followed by the Hub's
     * @param norms      the Hub's names for norm1, norm2 and so on
     */
    private void half(ParlaiWeights weights, String half, int layers, List<String> attentions, List<String> norms) {
        String to = "model." + half + ".", from = half + ".";
        weights.take(to + "embed_positions.weight", from + "position_embeddings.weight", Shape.of(positions, dim),
                tensor -> tensor);
        pair(weights, to + (normsFirst ? "layer_norm" : "layernorm_embedding"), from + "norm_embeddings",
                Shape.of(dim));
        for (int layer = 0; layer < layers; layer++) {
            String there = to + "layers." + layer + ".", here = from + "layers." + layer + ".";
            for (int i = 0; i < attentions.size(); i += 2) {
                for (String each : PROJECTIONS) {
                    pair(weights, there + attentions.get(i + 1) + "." + each + "_proj", here + attentions.get(i) + "."
                            + each + "_lin", Shape.of(dim, dim));
                }
            }
            for (int i = 0; i < norms.size(); i++) {
                pair(weights, there + norms.get(i), here + "norm" + (i + 1), Shape.of(dim));
            }
            pair(weights, there + LAYER.get("ffn.lin1"), here + "ffn.lin1", Shape.of(inner, dim));
            pair(weights, there + LAYER.get("ffn.lin2"), here + "ffn.lin2", Shape.of(dim, inner));
        }
    }

    /** Takes weight and bias. */
    private static void pair(ParlaiWeights weights, String to, String from, Shape weight) {
        weights.take(to + ".weight", from + ".weight", weight, tensor -> tensor);
        weights.take(to + ".bias", from + ".bias", Shape.of(weight.dim(0)), tensor -> tensor);
    }

    @Override
    public ParlaiImport.Written write(Path target, ParlaiWeights.Mapped mapped, ObjectNode provenance)
            throws IOException {
        requireFree(target);
        Path absolute = target.toAbsolutePath().normalize();
        Files.createDirectories(absolute.getParent());
        Path part = Files.createDirectory(Folders.beside(absolute, "part"));
        try {
            ObjectNode text = (ObjectNode) JSON.readTree(tokenizer.json());
            frame(text);
            AtomicFile.write(part.resolve("tokenizer.json"), JSON.writeValueAsBytes(text));
            AtomicFile.write(part.resolve("tokenizer_config.json"), pretty(tokenizerConfig()));
            AtomicFile.write(part.resolve("generation_config.json"), pretty(generation()));
            AtomicFile.write(part.resolve("provenance.json"), pretty(provenance));
            SafetensorsWriter.write(part.resolve("model.safetensors"), mapped.weights(), Map.of("format", "pt"));
            AtomicFile.write(part.resolve("config.json"), pretty(config()));
            Folders.replace(part, absolute);
        } finally {
            Folders.delete(part);
        }
        return new ParlaiImport.Written(target, "");
    }

    private static void requireFree(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) return;
        if (Files.isDirectory(target)) {
            try (Stream<Path> entries = Files.list(target)) {
                if (entries.findAny().isEmpty()) return;
            }
        }
        throw BadInput.in(target, "exists already", "choose another folder, or delete this one");
    }

    private int id(String name) {
        return dictionary.ids().get(name);
    }

    private ObjectNode ids(ObjectNode json) {
        ParlaiDictionary.Special special = dictionary.special();
        return json.put("bos_token_id", id(special.start())).put("eos_token_id", id(special.end()))
                .put("pad_token_id", id(special.padding())).put("decoder_start_token_id", id(special.start()))
                .put("forced_eos_token_id", id(special.end()));
    }

    private ObjectNode config() {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(normsFirst
                ? "BlenderbotForConditionalGeneration"
                : "BlenderbotSmallForConditionalGeneration");
        json.put("model_type", normsFirst ? "blenderbot" : "blenderbot-small").put("is_encoder_decoder", true)
                .put("vocab_size", tokenizer.tokens() + tokenizer.beyond()).put("d_model", dim)
                .put("encoder_layers", encoderLayers).put("encoder_attention_heads", heads)
                .put("encoder_ffn_dim", inner).put("decoder_layers", decoderLayers)
                .put("decoder_attention_heads", heads).put("decoder_ffn_dim", inner)
                .put("max_position_embeddings", positions).put("activation_function", "gelu")
                .put("scale_embedding", options.flag("embeddings_scale", true)).put("tie_word_embeddings", true)
                .put("dropout", options.number("dropout", 0))
                .put("attention_dropout", options.number("attention_dropout", 0));
        return ids(json);
    }

    /** Returns how ParlAI was told to decode, in transformers' terms. */
    private ObjectNode generation() {
        ObjectNode json = ids(JSON.createObjectNode());
        int beams = options.integer("beam_size", 1), shortest = options.integer("beam_min_length", 1);
        int block = options.integer("beam_block_ngram", -1), source = options.integer("beam_context_block_ngram", -1);
        if (options.string("inference", "beam").equals("beam") && beams > 1) json.put("num_beams", beams);
        if (shortest > 1) json.put("min_length", shortest);
        if (block > 0) json.put("no_repeat_ngram_size", block);
        if (source > 0) json.put("encoder_no_repeat_ngram_size", source);
        int longest = options.truncation("label_truncate");
        return json.put("max_length", longest > 0 ? Math.min(longest, positions) : positions);
    }

    /** Puts the end token behind a source, where ParlAI does. */
    private void frame(ObjectNode json) {
        if (!endsSource()) return;
        String end = dictionary.special().end();
        ObjectNode processor = json.putObject("post_processor").put("type", "TemplateProcessing");
        for (String kind : List.of("single", "pair")) {
            var pieces = processor.putArray(kind);
            for (String text : kind.equals("pair") ? List.of("A", "B") : List.of("A")) {
                pieces.addObject().putObject("Sequence").put("id", text).put("type_id", 0);
            }
            pieces.addObject().putObject("SpecialToken").put("id", end).put("type_id", 0);
        }
        ObjectNode token = processor.putObject("special_tokens").putObject(end).put("id", end);
        token.putArray("ids").add(id(end));
        token.putArray("tokens").add(end);
    }

    private ObjectNode tokenizerConfig() {
        ParlaiDictionary.Special special = dictionary.special();
        SequencedMap<String, String> names = new LinkedHashMap<>();
        names.put("bos_token", special.start());
        names.put("eos_token", special.end());
        names.put("pad_token", special.padding());
        names.put("unk_token", special.unknown());
        ObjectNode json = JSON.createObjectNode().put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("model_max_length", positions).put("clean_up_tokenization_spaces", false);
        json.put("truncation_side", "left");
        names.forEach(json::put);
        return json;
    }

    private static byte[] pretty(ObjectNode json) throws IOException {
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
