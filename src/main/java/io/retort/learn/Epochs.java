package io.retort.learn;

import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/**
 * The examples of each step. An epoch takes of each file what its weight says, in random order; the examples of a
 * window of batches are then sorted by length, so that texts of a batch need little padding. Batches may be of one file
 * each, which makes negatives out of a batch harder: no style tells them from the reply. A step's examples are a
 * pure function of data, seed and step; the present epoch's order is kept. For use by one thread.
 */
final class Epochs<E> {
    private final List<Part<E>> parts;
    private final ToIntFunction<E> length;
    private final int batch;
    private final int window;
    private final boolean apart;
    private final long seed;
    private final int batches;
    private long epoch = -1;
    private List<List<E>> order = List.of();

    /** One file of training data with the examples read from it. */
    record Part<E>(WeightedFile source, List<E> examples) {
    }

    /**
     * @param length what is near enough to an example's tokens for sorting
     * @param batch examples of a batch at most: all that there are, where they are fewer
     * @param window batches that are sorted by length together; 1 for none
     * @param apart  whether batches are of one file each, but for those that the files' rests make up together
     * @throws BadInput if an epoch has no examples
     */
    Epochs(List<Part<E>> parts, ToIntFunction<E> length, int batch, int window, boolean apart, long seed) {
        this.parts = List.copyOf(parts);
        this.length = length;
        this.window = window;
        this.apart = apart;
        this.seed = seed;
        int examples = parts.stream().mapToInt(part -> part.source().share(part.examples().size())).sum();
        if (examples == 0)
            throw BadInput.of("an epoch has no examples", "give more data, or give the files more weight");
        this.batch = Math.min(batch, examples);
        this.batches = examples / this.batch;
    }

    /** Number of examples in each batch. */
    int batch() {
        return batch;
    }

    /** Steps of an epoch; what does not fill a batch is left to the next. */
    int steps() {
        return batches;
    }

    /** The examples that make up the batch of a step. */
    List<E> batch(long step) {
        if (step / batches != epoch) {
            epoch = step / batches;
            order = order(RandomStreams.random(seed, RandomStreams.ORDER, epoch));
        }
        return order.get((int) (step % batches));
    }

    private List<List<E>> order(RandomGenerator random) {
        List<List<E>> cut = new ArrayList<>(batches);
        List<E> together = new ArrayList<>();
        for (Part<E> part : parts) {
            List<E> taken = taken(part, random);
            int whole = apart ? taken.size() / batch : 0;
            cut(taken.subList(0, whole * batch), random, cut);
            together.addAll(taken.subList(whole * batch, taken.size()));
        }
        Collections.shuffle(together, java.util.Random.from(random));
        cut(together, random, cut);
        if (apart) Collections.shuffle(cut, java.util.Random.from(random));
        return cut;
    }

    /** What an epoch takes of a file, in random order. */
    private List<E> taken(Part<E> part, RandomGenerator random) {
        List<E> taken = new ArrayList<>();
        for (int left = part.source().share(part.examples().size()); left > 0; left -= part.examples().size()) {
            List<E> copy = new ArrayList<>(part.examples());
            Collections.shuffle(copy, java.util.Random.from(random));
            taken.addAll(copy.subList(0, Math.min(left, copy.size())));
        }
        return taken;
    }

    /** Cuts examples into batches, sorted by length within each window of them. */
    private void cut(List<E> examples, RandomGenerator random, List<List<E>> cut) {
        int whole = examples.size() / batch;
        for (int from = 0; from < whole; from += window) {
            int count = Math.min(window, whole - from);
            List<E> together = examples.subList(from * batch, (from + count) * batch);
            if (window > 1) together.sort(Comparator.comparingInt(length));
            List<List<E>> windows = new ArrayList<>();
            for (int i = 0; i < count; i++) windows.add(List.copyOf(together.subList(i * batch, (i + 1) * batch)));
            Collections.shuffle(windows, java.util.Random.from(random));
            cut.addAll(windows);
        }
    }
}
