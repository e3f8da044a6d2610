package io.retort.retrieval;

import io.retort.retrieval.TrainableTower.Output;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** The contexts, or the replies, of one step: their texts, their vectors, and the loss's gradient of these. */
final class EncodedTexts {
    final List<int[]> texts;
    final Output output;
    /** Number of the first text among all of the step. */
    final int first;
    private final int width;
    private final float[] vectors;
    private float[] gradient;

    /**
     * @param shape of one text's output
     */
    EncodedTexts(List<int[]> texts, Output output, int[] shape, int first) {
        this.texts = texts;
        this.output = output;
        this.first = first;
        this.width = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        this.vectors = new float[Math.multiplyExact(texts.size(), width)];
    }

    /** Takes the vector of a text out of a batch's. */
    void setVector(int text, float[] batch, int row) {
        System.arraycopy(batch, row * width, vectors, text * width, width);
    }

    Tensor tensor(int[] shape) {
        return Tensor.of(vectors, shape);
    }

    void setGradient(Tensor ofVectors) {
        gradient = ofVectors.toFloats();
    }

    /** Puts the gradient of a text's vector among a batch's. */
    void putGradient(int text, float[] batch, int row) {
        System.arraycopy(gradient, text * width, batch, row * width, width);
    }

    /** Zeros for a batch's gradients. */
    float[] zeros(int rows) {
        return new float[Math.multiplyExact(rows, width)];
    }
}
