package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A family of decoder-only Transformers: everything in which its models differ from those of other families, from the
 * names in files to the layers. {@link TransformerDecoder} does the rest: embeddings, cache, head, training.
 *
 * <p>A family is one class, found through the list {@link DecoderFamilies#KNOWN}. It has no state, so that any thread may
 * use it; what one model of it is, its {@link DecoderConfig} says. Of the methods with a default, a family overrides those
 * in which it is not like Llama's plain case.
 */
public interface DecoderFamily {
    /** Settings that only models of one family have. */
    interface Settings {
        /** The settings of a family that needs none. */
        Settings NONE = new Settings() {
            @Override
            public String toString() {
                return "none";
            }
        };
    }

    /** Returns the family's name, which is the {@code model_type} in the Hugging Face Hub's configurations. */
    String name();

    /** Returns how GGUF files call the architecture and its tensors. */
    GgufNaming gguf();

    /**
     * Reads a model's configuration from a GGUF file. A model that computes something other than this family's layers
     * is refused.
     *
     * @throws IllegalArgumentException if the numbers contradict each other
     */
    DecoderConfig config(DecoderConfigGguf file);

    /**
     * Reads a model's configuration from the Hub's {@code config.json}; a model that computes something other than this
     * family's layers is refused.
     */
    DecoderConfig config(DecoderConfigJson file);

    /**
     * Returns the fields of a {@code config.json} that reads back as the configuration, in the order in which they are
     * written. The vocabulary's size and the tying of embeddings are left out: they are written alike for all families.
     */
    Map<String, Object> json(DecoderConfig config);

    /**
     * Checks the parts of a configuration that only this family restricts.
     *
     * @throws IllegalArgumentException if the family has no such model
     */
    void check(DecoderConfig config);

    /** Returns the name of the parameter that holds the embeddings of tokens, {@code [vocabulary, dim]}. */
    String tokens();

    /**
     * Returns the name of the parameter that holds learned positions, {@code [positions, dim]}; empty where positions
     * are not learned.
     */
    default Optional<String> positions() {
        return Optional.empty();
    }

    /** Returns how many rows the table of learned positions has before that of a text's first token. */
    default int positionOffset() {
        return 0;
    }

    /** Returns by what the embedding of a token is multiplied before its learned position is added to it. */
    default float embeddingScale(DecoderConfig config) {
        return 1;
    }

    /** Returns whether learned positions are added after {@link #embedded}, and not before. */
    default boolean addsPositionsLast() {
        return false;
    }

    /**
     * Returns what reads the source that the layers look at beside what they write; empty for a model that is a decoder
     * alone, whose replies go on with their prompts.
     */
    default Optional<SourceReader> source() {
        return Optional.empty();
    }

    /**
     * Returns the name of the parameter, {@code [vocabulary, dim]}, by which hidden states are multiplied for logits in
     * a model whose embeddings are not tied.
     */
    default String head() {
        return "lm_head.weight";
    }

    /**
     * Turns the embeddings into what enters the first layer; families may scale or normalise them, by default they stay
     * as they are.
     */
    default Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return embeddings;
    }

    /**
     * Returns how queries and keys are turned by their positions: several ways where layers differ, none where
     * positions are learned.
     */
    List<Rotation> rotations(DecoderConfig config);

    /** Returns how many tokens back a layer sees, the row's own among them; 0 means all. */
    default int window(DecoderConfig config, int layer) {
        return 0;
    }

    /**
     * Writes one layer to the graph, with its residual sums and norms.
     *
     * @param x {@code [rows, dim]}
     * @return {@code [rows, dim]}
     */
    Node layer(DecoderLayer layer, Node x);

    /** Writes the normalisation after the last layer to the graph. */
    Node finalNorm(Graph graph, DecoderConfig config, Node x);

    /**
     * Turns the products {@code hidden · Wᵀ} into the logits before the softmax; families may scale or cap them, by
     * default they stay as they are.
     */
    default Node logits(Graph graph, DecoderConfig config, Node products) {
        return products;
    }

    /** Returns how many matrices of {@code dim × feedForward} a layer has, for counting operations. */
    int feedForwardMatrices();

    /**
     * Returns whether the layers are made of {@link DecoderLayer#projection}, on which low-rank adapters can be put.
     */
    default boolean takesAdapters() {
        return true;
    }

    /** Returns the groups of parameters that checkpoints keep as one. */
    default List<FusedProjection> fused() {
        return List.of();
    }

    /**
     * Returns by how much a parameter is larger than what the Hub's checkpoints hold for it: 1 for the gains of norms that
     * are stored as their distance from 1. GGUF files hold the parameter itself.
     */
    default float offset(String parameter) {
        return 0;
    }

    /** Returns the usual names under which checkpoints may hold the embeddings of tokens once more. */
    default List<String> copiesOfTokens() {
        return List.of();
    }

    /** Returns the value of all elements of a parameter that a checkpoint may lack; empty where it must be there. */
    default OptionalDouble absent(String parameter) {
        return OptionalDouble.empty();
    }

    /** Returns the usual name of a parameter that some checkpoints call otherwise, or the name itself. */
    default String canonical(String name) {
        return name;
    }

    /**
     * Returns whether a tensor of this usual name is a buffer or a copy that checkpoints carry beside the parameters
     * and that an import may ignore.
     */
    default boolean isUnused(String name) {
        return false;
    }
}
