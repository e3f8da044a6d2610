package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A family of decoder-only Transformers: everything in which its models differ from those of other families, from the
 * names in files to the layers. {@link TransformerDecoder} does the rest: embeddings, cache, head, training.
 *
 * <p>A family is one class, found through the list {@link DecoderFamilies#KNOWN}. It has no state, so that any thread may
 * use it; what one model of it is, its {@link DecoderConfig} says. Of the methods with a default, a family overrides those
 * in which it is not like Llama's plain case.
 */
public interface DecoderFamily {
    /** Settings of a model that its family alone has. */
    interface Settings {
        /** Those of a family that needs none. */
        Settings NONE = new Settings() {
            @Override
            public String toString() {
                return "none";
            }
        };
    }

    /** The {@code model_type} of the Hugging Face Hub's configurations. */
    String name();

    /** How GGUF files call the architecture and its tensors. */
    GgufNaming gguf();

    /**
     * A model's configuration out of a GGUF file. What would compute otherwise than this family's layers is refused.
     *
     * @throws IllegalArgumentException if the numbers contradict each other
     */
    DecoderConfig config(DecoderConfigGguf file);

    /** The same out of the Hub's {@code config.json}. */
    DecoderConfig config(DecoderConfigJson file);

    /**
     * The fields of a {@code config.json} that reads back as the configuration, but for the vocabulary's size and the
     * tying of its embeddings, which all families write alike; in the order in which they are written.
     */
    Map<String, Object> json(DecoderConfig config);

    /**
     * Checks what all families do not have in common.
     *
     * @throws IllegalArgumentException if the family has no such model
     */
    void check(DecoderConfig config);

    /** The parameter that holds the embeddings of tokens, {@code [vocabulary, dim]}. */
    String tokens();

    /** The parameter that holds learned positions, {@code [positions, dim]}; empty where there is none. */
    default Optional<String> positions() {
        return Optional.empty();
    }

    /** The parameter that hidden states are multiplied with for logits, {@code [vocabulary, dim]}, if it is none of the embeddings. */
    default String head() {
        return "lm_head.weight";
    }

    /** What enters the first layer: the embeddings as they are, or scaled, or normalised. */
    default Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return embeddings;
    }

    /** How queries and keys are turned by their positions; several where layers differ, none where positions are learned. */
    List<Rotation> rotations(DecoderConfig config);

    /** How many tokens a layer sees back, the row's own among them; 0 for all. */
    default int window(DecoderConfig config, int layer) {
        return 0;
    }

    /**
     * One layer, residual sums, norms and all.
     *
     * @param x {@code [rows, dim]}
     * @return {@code [rows, dim]}
     */
    Node layer(DecoderLayer layer, Node x);

    /** The normalisation after the last layer. */
    Node finalNorm(Graph graph, DecoderConfig config, Node x);

    /** What becomes of {@code hidden · Wᵀ} before the softmax: nothing, or a scale, or a soft cap. */
    default Node logits(Graph graph, DecoderConfig config, Node products) {
        return products;
    }

    /** Matrices of {@code dim × feedForward} in a layer, for counting operations. */
    int feedForwardMatrices();

    /** Whether its layers are made of {@link DecoderLayer#projection}, which low-rank adapters can be put on. */
    default boolean takesAdapters() {
        return true;
    }

    /** Parameters that checkpoints keep as one. */
    default List<FusedProjection> fused() {
        return List.of();
    }

    /** The usual name of what a checkpoint calls otherwise. */
    default String canonical(String name) {
        return name;
    }

    /** Whether a tensor of this canonical name is a buffer or a copy that checkpoints carry beside the parameters. */
    default boolean isUnused(String name) {
        return false;
    }
}
