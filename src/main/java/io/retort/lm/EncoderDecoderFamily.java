package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * BART (Lewis et al. 2019) and those that descend from it, with the parameter names of BartForConditionalGeneration:
 * learned positions, LayerNorm, biases, a decoder whose layers look at an encoder's outputs, one matrix for the tokens of
 * source, reply and head. They differ in where they normalise.
 */
public final class EncoderDecoderFamily implements DecoderFamily, SourceReader {
    /** BART: norms after the residual sums and after the embeddings; the first two rows of positions are of no token. */
    public static final EncoderDecoderFamily BART = new EncoderDecoderFamily("bart", "BartForConditionalGeneration",
            false, false, 2);
    /** Blender of 400 M weights and more (Roller et al. 2020): norms before each block and after the last. */
    public static final EncoderDecoderFamily BLENDERBOT = new EncoderDecoderFamily("blenderbot",
            "BlenderbotForConditionalGeneration", true, false, 0);
    /** Blender of 90 M weights: norms as BART has them, but the decoder's embeddings get positions after their norm. */
    public static final EncoderDecoderFamily BLENDERBOT_SMALL = new EncoderDecoderFamily("blenderbot-small",
            "BlenderbotSmallForConditionalGeneration", false, true, 0);

    private static final String TOKENS = "model.shared.weight";
    private static final String BIAS = "final_logits_bias";
    private static final double EPSILON = 1e-5;
    private static final List<String> NAMED = List.of("bos_token_id", "eos_token_id", "pad_token_id");

    private final String name;
    private final String architecture;
    private final boolean normsFirst;
    private final boolean positionsLast;
    private final int positionOffset;

    private EncoderDecoderFamily(String name, String architecture, boolean normsFirst, boolean positionsLast,
            int positionOffset) {
        this.name = name;
        this.architecture = architecture;
        this.normsFirst = normsFirst;
        this.positionsLast = positionsLast;
        this.positionOffset = positionOffset;
    }

    /** The activations of feed-forward blocks, by their names in configurations. */
    private enum Activation {
        GELU("gelu") {
            @Override
            Node of(Graph graph, Node x) {
                return Layers.gelu(graph, x);
            }
        },
        GELU_TANH("gelu_new") {
            @Override
            Node of(Graph graph, Node x) {
                return Layers.geluTanh(graph, x);
            }
        },
        SILU("silu") {
            @Override
            Node of(Graph graph, Node x) {
                return Layers.silu(graph, x);
            }
        };

        private final String key;

        Activation(String key) {
            this.key = key;
        }

        abstract Node of(Graph graph, Node x);

        static Activation read(DecoderConfigJson file) {
            String key = file.string("activation_function", "gelu");
            for (Activation known : values()) if (known.key.equals(key)) return known;
            return switch (key) {
                case "gelu_pytorch_tanh" -> GELU_TANH;
                case "swish" -> SILU;
                default -> throw file.unsupported("activation_function", "\"" + key + "\"");
            };
        }
    }

    /**
     * What a model of these families is beside its decoder's sizes.
     *
     * @param layers      of the encoder
     * @param heads       of the encoder
     * @param feedForward inner size of the encoder's blocks
     * @param scaled      whether embeddings of tokens are multiplied by the root of their size
     * @param named       ids of tokens by the keys of {@code config.json}, which other programs want to be there
     */
    private record Halves(int layers, int heads, int feedForward, boolean scaled, Activation activation,
            ReplyFrame frame, Map<String, Integer> named) implements Settings {
    }

    private static Halves halves(DecoderConfig config) {
        return (Halves) config.own();
    }

    @Override
    public String name() {
        return name;
    }

    /** GGUF has no such architecture; a file that claims to be of one is refused. */
    @Override
    public GgufNaming gguf() {
        return new GgufNaming(name, "model.decoder.layers.", Map.of(), Map.of(), Set.of(), Map.of());
    }

    @Override
    public DecoderConfig config(DecoderConfigGguf file) {
        throw new IllegalArgumentException("an encoder–decoder of the family " + name
                + " is read from a folder of the Hugging Face Hub, not from GGUF");
    }

    @Override
    public DecoderConfig config(DecoderConfigJson file) {
        // Older files tell where the norms stand, which transformers goes by the family for.
        file.require("normalize_before", normsFirst);
        file.require("add_final_layer_norm", normsFirst);
        file.require("normalize_embedding", !normsFirst);
        file.refuse("static_position_embeddings");
        file.require("tie_word_embeddings", true);
        file.require("is_encoder_decoder", true);
        int dim = file.required("d_model"), heads = file.positive("decoder_attention_heads");
        int readers = file.positive("encoder_attention_heads");
        DecoderConfig.require(dim % heads == 0 && dim % readers == 0, "d_model " + dim
                + " is not a multiple of decoder_attention_heads " + heads + " and encoder_attention_heads " + readers);
        ReplyFrame frame = new ReplyFrame(file.ofGeneration("decoder_start_token_id")
                .orElseThrow(() -> new IllegalArgumentException("there is no decoder_start_token_id")),
                file.ofGeneration("forced_bos_token_id"), file.ofGeneration("forced_eos_token_id"));
        Map<String, Integer> named = new TreeMap<>();
        for (String key : NAMED) if (file.integer(key, -1) >= 0) named.put(key, file.integer(key, -1));
        Halves halves = new Halves(DecoderConfig.requireLayers(file.required("encoder_layers")), readers,
                file.positive("encoder_ffn_dim"), file.flag("scale_embedding", false), Activation.read(file), frame,
                named);
        return new DecoderConfig(this, file.required("vocab_size"), dim,
                DecoderConfig.requireLayers(file.required("decoder_layers")), heads, heads, dim / heads,
                file.required("decoder_ffn_dim"), file.required("max_position_embeddings"), EPSILON, 0, true, halves);
    }

    @Override
    public Map<String, Object> json(DecoderConfig config) {
        Halves halves = halves(config);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of(architecture));
        json.put("model_type", name);
        json.put("is_encoder_decoder", true);
        json.put("d_model", config.dim());
        json.put("encoder_layers", halves.layers);
        json.put("encoder_attention_heads", halves.heads);
        json.put("encoder_ffn_dim", halves.feedForward);
        json.put("decoder_layers", config.layers());
        json.put("decoder_attention_heads", config.heads());
        json.put("decoder_ffn_dim", config.feedForward());
        json.put("max_position_embeddings", config.positions());
        json.put("activation_function", halves.activation.key);
        json.put("scale_embedding", halves.scaled);
        json.putAll(halves.named);
        json.put("decoder_start_token_id", halves.frame.start());
        halves.frame.first().ifPresent(token -> json.put("forced_bos_token_id", token));
        halves.frame.last().ifPresent(token -> json.put("forced_eos_token_id", token));
        return json;
    }

    @Override
    public void check(DecoderConfig config) {
        Halves halves = halves(config);
        DecoderConfig.requireMatrix("the context", config.positions() + positionOffset, config.dim());
        DecoderConfig.requireMatrix("the encoder's feed-forward block", halves.feedForward, config.dim());
        requireToken(config, "decoder_start_token_id", OptionalInt.of(halves.frame.start()));
        requireToken(config, "forced_bos_token_id", halves.frame.first());
        requireToken(config, "forced_eos_token_id", halves.frame.last());
    }

    private static void requireToken(DecoderConfig config, String key, OptionalInt token) {
        token.ifPresent(id -> DecoderConfig.require(id >= 0 && id < config.vocabulary(),
                key + " " + id + " is no token of a vocabulary of " + config.vocabulary()));
    }

    @Override
    public String tokens() {
        return TOKENS;
    }

    @Override
    public Optional<String> positions() {
        return Optional.of("model.decoder.embed_positions.weight");
    }

    @Override
    public String sourcePositions() {
        return "model.encoder.embed_positions.weight";
    }

    @Override
    public int positionOffset() {
        return positionOffset;
    }

    /** Embeddings that are normalised before anything is added stay as they are, as in transformers. */
    @Override
    public float embeddingScale(DecoderConfig config) {
        return positionsLast ? 1 : sourceScale(config);
    }

    @Override
    public float sourceScale(DecoderConfig config) {
        return halves(config).scaled ? (float) Math.sqrt(config.dim()) : 1;
    }

    @Override
    public boolean addsPositionsLast() {
        return positionsLast;
    }

    @Override
    public Optional<SourceReader> source() {
        return Optional.of(this);
    }

    @Override
    public ReplyFrame frame(DecoderConfig config) {
        return halves(config).frame;
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        return List.of();
    }

    @Override
    public Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return embedded(graph, config, "model.decoder", embeddings);
    }

    private Node embedded(Graph graph, DecoderConfig config, String half, Node embeddings) {
        return normsFirst ? embeddings : norm(graph, config, half + ".layernorm_embedding", embeddings);
    }

    @Override
    public Node encoder(Graph graph, DecoderConfig config, Node embeddings, Node mask) {
        Halves halves = halves(config);
        int dim = config.dim(), headDim = dim / halves.heads;
        Node x = embedded(graph, config, "model.encoder", embeddings);
        for (int i = 0; i < halves.layers; i++) {
            String layer = "model.encoder.layers." + i + ".", attention = layer + "self_attn.";
            x = block(graph, config, layer + "self_attn_layer_norm", x, seen -> Layers.linear(graph,
                    attention + "out_proj", Layers.rowAttention(graph,
                            Layers.linear(graph, attention + "q_proj", seen, dim, dim),
                            Layers.linear(graph, attention + "k_proj", seen, dim, dim),
                            Layers.linear(graph, attention + "v_proj", seen, dim, dim), mask, halves.heads,
                            halves.heads, headDim),
                    dim, dim));
            x = feedForward(graph, config, layer, x, halves.feedForward);
        }
        return normsFirst ? norm(graph, config, "model.encoder.layer_norm", x) : x;
    }

    @Override
    public Node sourceKey(Graph graph, DecoderConfig config, int layer, Node encoded) {
        return Layers.linear(graph, "model.decoder.layers." + layer + ".encoder_attn.k_proj", encoded, config.dim(),
                config.dim());
    }

    @Override
    public Node sourceValue(Graph graph, DecoderConfig config, int layer, Node encoded) {
        return Layers.linear(graph, "model.decoder.layers." + layer + ".encoder_attn.v_proj", encoded, config.dim(),
                config.dim());
    }

    /** Writes three blocks: what was written so far, the source, feed-forward. */
    @Override
    public Node layer(DecoderLayer layer, Node x) {
        Graph graph = layer.graph();
        DecoderConfig config = layer.config();
        int dim = config.dim();
        String name = "model.decoder.layers." + layer.index() + ".";
        String own = name + "self_attn.", across = name + "encoder_attn.";
        Node written = block(graph, config, name + "self_attn_layer_norm", x, seen -> layer.linear(own + "out_proj",
                layer.attention(layer.linear(own + "q_proj", seen, dim, dim),
                        layer.linear(own + "k_proj", seen, dim, dim), layer.linear(own + "v_proj", seen, dim, dim)),
                dim, dim));
        Node read = block(graph, config, name + "encoder_attn_layer_norm", written, seen -> layer.linear(
                across + "out_proj", layer.sourceAttention(layer.linear(across + "q_proj", seen, dim, dim)), dim, dim));
        return feedForward(graph, config, name, read, config.feedForward());
    }

    private Node feedForward(Graph graph, DecoderConfig config, String layer, Node x, int inner) {
        return block(graph, config, layer + "final_layer_norm", x, seen -> Layers.linear(graph, layer + "fc2",
                halves(config).activation.of(graph, Layers.linear(graph, layer + "fc1", seen, config.dim(), inner)),
                inner, config.dim()));
    }

    /** Writes {@code x + f(norm(x))}, or {@code norm(x + f(x))} where norms come after. */
    private Node block(Graph graph, DecoderConfig config, String norm, Node x, UnaryOperator<Node> f) {
        return normsFirst
                ? graph.add(f.apply(norm(graph, config, norm, x)), x)
                : norm(graph, config, norm, graph.add(f.apply(x), x));
    }

    private static Node norm(Graph graph, DecoderConfig config, String name, Node x) {
        return Layers.layerNorm(graph, name, x, config.dim(), config.normEpsilon());
    }

    @Override
    public Node finalNorm(Graph graph, DecoderConfig config, Node x) {
        return normsFirst ? norm(graph, config, "model.decoder.layer_norm", x) : x;
    }

    @Override
    public Node logits(Graph graph, DecoderConfig config, Node products) {
        return graph.add(products, graph.parameter(BIAS, 1, config.vocabulary()));
    }

    @Override
    public int feedForwardMatrices() {
        return 2;
    }

    /** Returns false: adapters are made for the projections that Llama has, and bear their names. */
    @Override
    public boolean takesAdapters() {
        return false;
    }

    /** The copies of the tokens' matrix that some checkpoints hold for each half. */
    @Override
    public List<String> copiesOfTokens() {
        return List.of("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight");
    }

    /** The bias of the logits is 0 where a checkpoint has none, as for bare models without a head. */
    @Override
    public OptionalDouble absent(String parameter) {
        return parameter.equals(BIAS) ? OptionalDouble.of(0) : OptionalDouble.empty();
    }

    @Override
    public String toString() {
        return name;
    }
}
