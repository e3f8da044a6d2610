package io.retort.retrieval;

import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import io.retort.text.TextFormat;
import io.retort.text.TokenBatch;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A family of Transformer encoders: everything in which its models differ from those of other families, from the names
 * in files to the layers. What stands around the layers is the same for all: looking embeddings up ({@link
 * EmbeddingTable}), batches and their masks, pooling, scoring, training.
 *
 * <p>A family is one class, found through the list {@link EncoderFamilies#KNOWN}. It has no state, so that any thread may
 * use it; what one model of it is, its {@link EncoderConfig} says. Parameters have the names that the family's own models
 * on the Hugging Face Hub have for them, so that what Retort writes is read by transformers as it is.
 */
public interface EncoderFamily {
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

    /**
     * The names of the tables whose rows are added up to what enters the encoder.
     *
     * @param positions empty for a family that has no learned positions
     * @param types empty for a family that does not tell kinds of tokens apart
     */
    record Tables(String words, String positions, String types) {
    }

    /**
     * Parameters that checkpoints keep as one, in their order in it, one below the other: they are cut apart on the way
     * in and put together on the way out, since a slice inside a graph would be a copy at each run.
     *
     * @param whole what checkpoints call the parameter, within its layer
     * @param parts what the graph calls its parts
     */
    record Fused(String whole, List<String> parts) {
    }

    /** Returns the values of {@code model_type} whose models are of this family; the first is the one that is written. */
    List<String> modelTypes();

    /**
     * Reads a model's configuration from {@code config.json}. A model that computes something other than this family's
     * layers is refused.
     *
     * @throws IllegalArgumentException if the numbers contradict each other
     */
    EncoderConfig config(EncoderConfigJson file);

    /** Returns the fields of a {@code config.json} that reads back as the configuration, in the order to write them. */
    SequencedMap<String, Object> json(EncoderConfig config);

    /** Returns where the layers normalise their values. */
    EncoderConfig.NormPlacement norms();

    /** Returns the names of the embedding tables. */
    Tables tables();

    /**
     * Writes everything between the sum of the embeddings and the last hidden state to the graph.
     *
     * @param x {@code [batch * time, dim]}
     * @return {@code [batch * time, dim]}
     */
    Node hidden(TransformerEncoder encoder, Node x);

    /** Adds what the family's graph is fed for a batch, beside embeddings and mask, to its inputs. */
    default void feed(EncoderConfig config, TokenBatch batch, Map<String, Tensor> inputs) {}

    /** Returns how many matrices of {@code dim × feedForward} a layer has, for counting operations. */
    default int feedForwardMatrices() {
        return 2;
    }

    /** Returns the parameters that checkpoints keep as one. */
    default List<Fused> fused() {
        return List.of();
    }

    /** Returns the prefixes that models of the family put before the names of an encoder that they hold as a part. */
    default List<String> holders() {
        return List.of();
    }

    /**
     * Returns whether a tensor of this name belongs to a part of checkpoints that an encoder of texts does not use, such
     * as the head of a language model.
     */
    boolean isUnused(String name);

    /** Returns how texts are written for a model whose tokenizer does not say it. */
    TextFormat usualText();
}
