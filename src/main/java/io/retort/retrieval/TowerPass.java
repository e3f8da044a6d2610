package io.retort.retrieval;

import io.retort.retrieval.TrainableTower.Output;
import io.retort.tensor.Tensor;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * One training step of one tower. It covers the texts of one side, or of both where they share an encoder, in as few
 * batches of like lengths as serve.
 */
final class TowerPass {
    private final TrainableTower tower;
    private final List<EncodedTexts> sides;
    private final long seed;
    private final List<TrainableTower.Batch> batches = new ArrayList<>();

    TowerPass(TrainableTower tower, List<EncodedTexts> sides, long seed) {
        this.tower = tower;
        this.sides = sides;
        this.seed = seed;
    }

    /**
     * Computes the vectors of all texts.
     *
     * @param room how many tokens of batches may be kept for the backward half
     * @return what is left of that room
     */
    long forward(LengthBuckets buckets, int padding, long room) {
        List<int[]> texts = sides.stream().flatMap(side -> side.texts.stream()).toList();
        int[] numbers = sides.stream()
                .flatMapToInt(side -> IntStream.range(side.first, side.first + side.texts.size())).toArray();
        tower.begin();
        for (TokenBatch tokens : buckets.planFew(texts, padding)) {
            int size = tokens.ids().length;
            boolean held = size <= room;
            if (held) room -= size;
            TrainableTower.Batch batch = tower.forward(tokens, numbers, seed, held);
            batches.add(batch);
            take(batch);
        }
        return room;
    }

    private void take(TrainableTower.Batch batch) {
        EnumMap<Output, float[]> vectors = new EnumMap<>(Output.class);
        int[] rows = batch.tokens().rows();
        for (int row = 0; row < rows.length; row++) {
            EncodedTexts side = sideOf(rows[row]);
            float[] all = vectors.computeIfAbsent(side.output, batch::vectors);
            side.setVector(placeOf(rows[row]), all, row);
        }
    }

    /**
     * Computes the gradients of the weights from those of all vectors; batches that were kept go first, to free their
     * memory.
     */
    void backward() {
        backward(TrainableTower.Batch::isHeld);
        backward(batch -> !batch.isHeld());
    }

    private void backward(Predicate<TrainableTower.Batch> which) {
        batches.stream().filter(which).forEach(batch -> batch.backward(upstream(batch.tokens().rows())));
    }

    private EnumMap<Output, float[]> upstream(int[] rows) {
        EnumMap<Output, float[]> upstream = new EnumMap<>(Output.class);
        for (int row = 0; row < rows.length; row++) {
            EncodedTexts side = sideOf(rows[row]);
            float[] all = upstream.computeIfAbsent(side.output, output -> side.zeros(rows.length));
            side.putGradient(placeOf(rows[row]), all, row);
        }
        return upstream;
    }

    private EncodedTexts sideOf(int text) {
        return text < sides.getFirst().texts.size() ? sides.getFirst() : sides.getLast();
    }

    private int placeOf(int text) {
        int before = sides.getFirst().texts.size();
        return text < before ? text : text - before;
    }

    /**
     * The contexts, or the replies, of one step: their texts, their vectors, and the gradients of the loss with respect
     * to those vectors.
     */
    static final class EncodedTexts {
        final List<int[]> texts;
        final Output output;
        /** Number of the first of these texts among all texts of the step. */
        final int first;
        private final int width;
        private final float[] vectors;
        private float[] gradient;

        /**
         * @param shape the shape of one text's output
         */
        EncodedTexts(List<int[]> texts, Output output, int[] shape, int first) {
            this.texts = texts;
            this.output = output;
            this.first = first;
            this.width = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            this.vectors = new float[Math.multiplyExact(texts.size(), width)];
        }

        /** Copies the vector of a text out of a batch's output. */
        void setVector(int text, float[] batch, int row) {
            System.arraycopy(batch, row * width, vectors, text * width, width);
        }

        Tensor tensor(int[] shape) {
            return Tensor.of(vectors, shape);
        }

        void setGradient(Tensor ofVectors) {
            gradient = ofVectors.toFloats();
        }

        /** Copies the gradient of a text's vector into a batch's. */
        void putGradient(int text, float[] batch, int row) {
            System.arraycopy(gradient, text * width, batch, row * width, width);
        }

        /** Returns an array of zeros for the gradients of a batch. */
        float[] zeros(int rows) {
            return new float[Math.multiplyExact(rows, width)];
        }
    }
}
