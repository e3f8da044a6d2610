package io.retort.retrieval;

import io.retort.retrieval.TrainableTower.Output;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * One step of one tower: the texts of one side, or of both where they share an encoder, in as few batches of like lengths
 * as serve.
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
     * @param room for tokens of batches that wait
     * @return what is left of it
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

    /** Pulls the gradients of all vectors back; batches that waited make room first. */
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
}
