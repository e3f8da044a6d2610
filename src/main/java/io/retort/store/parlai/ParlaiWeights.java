package io.retort.store.parlai;

import io.retort.files.BadInput;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import io.retort.tensor.WeightReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Takes a model's tensors out of a ParlAI checkpoint one by one, and keeps account of how they fit. */
final class ParlaiWeights {
    private final TensorFile file;
    private final ParlaiDictionary dictionary;
    private final ParlaiTokenizer tokenizer;
    private final SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
    private final List<String> mapped = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> mismatched = new ArrayList<>();
    private final List<String> notFinite = new ArrayList<>();
    private final Set<String> left;

    /** Parameters under the names that they are to have, and how they were found. */
    record Mapped(SequencedMap<String, Tensor> weights, WeightReport report) {
    }

    ParlaiWeights(TensorFile file, ParlaiDictionary dictionary, ParlaiTokenizer tokenizer) {
        this.file = file;
        this.dictionary = dictionary;
        this.tokenizer = tokenizer;
        this.left = new LinkedHashSet<>(file.tensors().sequencedKeySet());
    }

    /** Adds a parameter that no tensor of the file stands for. */
    void put(String name, Tensor value) {
        weights.put(name, value);
    }

    /**
     * Takes a tensor, if it is there and fits.
     *
     * @param shape   that it must have in the file
     * @param adjusted what is made of it
     */
    void take(String name, String source, Shape shape, UnaryOperator<Tensor> adjusted) {
        TensorInfo info = file.tensors().get(source);
        left.remove(source);
        if (info == null) {
            missing.add(source);
        } else if (!info.shape().equals(shape) || !info.type().isFloating()) {
            mismatched.add(source + " is to be " + shape + ", the file has " + info);
        } else {
            Tensor tensor = file.read(source);
            if (tensor.allFinite()) {
                mapped.add(source);
                weights.put(name, adjusted.apply(tensor));
            } else {
                notFinite.add(source + " (first at element " + tensor.firstNonFinite() + ")");
            }
        }
    }

    /**
     * Takes the embeddings of the dictionary's tokens and gives the pieces beyond it the unknown token's.
     *
     * @param factor on all of them
     * @throws BadInput if they are of another vocabulary
     */
    void takeWords(String name, String source, int dim, double factor) {
        TensorInfo info = file.tensors().get(source);
        if (info != null && info.shape().rank() == 2 && info.shape().dim(0) != tokenizer.tokens()) {
            throw BadInput.in(dictionary.file(), "has " + tokenizer.tokens() + " tokens, " + source + " in "
                    + file.path().getFileName() + " has " + info.shape().dim(0) + " rows",
                    "take the dictionary that belongs to the model");
        }
        take(name, source, Shape.of(tokenizer.tokens(), dim), tensor -> {
            if (factor == 1 && tokenizer.beyond() == 0) return tensor;
            float[] stored = tensor.toFloats(), values = new float[(tokenizer.tokens() + tokenizer.beyond()) * dim];
            for (int i = 0; i < stored.length; i++) values[i] = (float) (stored[i] * factor);
            int unknown = dictionary.unknownId() * dim;
            for (int row = stored.length; row < values.length; row += dim) {
                System.arraycopy(values, unknown, values, row, dim);
            }
            return Tensor.of(values, tokenizer.tokens() + tokenizer.beyond(), dim);
        });
    }

    /** Returns a tensor with each element multiplied. */
    static Tensor times(Tensor tensor, double factor) {
        if (factor == 1) return tensor;
        float[] values = tensor.toFloats().clone();
        for (int i = 0; i < values.length; i++) values[i] = (float) (values[i] * factor);
        return Tensor.of(values, tensor.shape().toArray());
    }

    /**
     * Returns what was taken.
     *
     * @param unused names of tensors that are known to be of no use
     */
    Mapped mapped(Pattern unused) {
        List<String> known = left.stream().filter(name -> unused.matcher(name).matches()).toList();
        List<String> unexpected = left.stream().filter(name -> !unused.matcher(name).matches()).toList();
        return new Mapped(weights, new WeightReport(mapped, known, missing, unexpected, mismatched, notFinite));
    }
}
