package io.retort.learn;

import io.retort.dialogue.Context;
import io.retort.dialogue.ResponseSet;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.ints.Int2IntLinkedOpenHashMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The batch of each step: its contexts, at most K candidates of each (the original reply always among them), and
 * negatives. A pure function of data, settings, seed and step. For use by one thread.
 */
public final class BatchSource {
    private final TrainingData data;
    private final Settings settings;
    private final Epochs<TrainingData.Example> epochs;
    private final int outside;

    /**
     * How the batch of each step is put together.
     *
     * @param contexts B; 48 in the paper
     * @param candidates K, most candidates of a context; 10 in the paper
     * @param window batches that are sorted by length together; 1 for none
     * @param apart whether batches are of one file of data each
     */
    public record Settings(int contexts, int candidates, Negatives negatives, int window, boolean apart, long seed) {
        /**
         * @throws BadInput if a number is out of range
         */
        public Settings {
            if (contexts < 1 || candidates < 1 || window < 1) {
                throw BadInput.of("a batch of " + contexts + " contexts with " + candidates
                        + " candidates, sorted " + window + " at a time", "use 1 or more of each");
            }
        }
    }

    /**
     * @throws BadInput if there are no examples, or only one reply, from which nothing can be told apart
     */
    public BatchSource(TrainingData data, Settings settings) {
        this.data = data;
        this.settings = settings;
        this.epochs = new Epochs<>(data.parts(), BatchSource::length, settings.contexts, settings.window,
                settings.apart, settings.seed);
        if (data.candidates() < 2) throw BadInput.of("the data have only one reply", "give more data");
        this.outside = data.candidates() - data.parts().stream().flatMap(part -> part.examples().stream())
                .mapToInt(example -> -example.replies().length).sorted().limit(epochs.batch()).map(size -> -size).sum();
    }

    /** Number of contexts in each step: all that there are, where they are fewer than were asked for. */
    int contexts() {
        return epochs.batch();
    }

    /**
     * Whether other contexts' candidates are negatives, which they become as well where random replies would be fewer
     * than the contexts of a batch, though as many were asked for: nearly all replies of few data are in each batch.
     */
    boolean inBatch() {
        Negatives asked = settings.negatives;
        return asked.inBatch() || outside < Math.min(asked.random(), contexts());
    }

    private static int length(TrainingData.Example example) {
        return example.context().turns().stream().mapToInt(String::length).sum();
    }

    /** Number of steps in which every example has been taken as often as its file's weight says. */
    public int stepsPerEpoch() {
        return epochs.steps();
    }

    /** The contexts of a step, in the order in which {@link #batch} has them. */
    public List<Context> contexts(long step) {
        return epochs.batch(step).stream().map(TrainingData.Example::context).toList();
    }

    /** For each context of a step, the places of all its candidates in the response set. */
    public List<int[]> candidates(long step) {
        return epochs.batch(step).stream().map(TrainingData.Example::replies).toList();
    }

    /**
     * Draws {@code count} different places of the response set (all, if it has fewer), among which hard negatives are
     * mined; the same number gives the same draw.
     */
    public int[] sample(int count, long number) {
        RandomGenerator random = RandomStreams.random(settings.seed, RandomStreams.MINING, number);
        return distinct(count, new BitSet(), random);
    }

    /**
     * The batch of a step.
     *
     * @param hard places in the response set of mined replies, for each context; those that belong to it are left out
     */
    public Batch batch(long step, List<int[]> hard) {
        RandomGenerator random = RandomStreams.random(settings.seed, RandomStreams.DRAW, step);
        List<TrainingData.Example> examples = epochs.batch(step);
        Columns columns = new Columns();
        List<int[]> candidates = new ArrayList<>();
        List<double[]> teacher = new ArrayList<>();
        for (TrainingData.Example example : examples) {
            int[] drawn = drawn(example.replies().length, random);
            candidates.add(IntStream.of(drawn).map(each -> columns.of(example.replies()[each])).toArray());
            if (example.teacher().length == 0) continue;
            teacher.add(IntStream.of(drawn).mapToDouble(each -> example.teacher()[each]).toArray());
        }
        BitSet own = new BitSet(); // those that were not drawn this time are no negatives either
        examples.forEach(example -> IntStream.of(example.replies()).forEach(own::set));
        BitSet shared = new BitSet();
        for (int place : distinct(settings.negatives.random(), own, random)) shared.set(columns.of(place));
        for (int[] mined : hard) for (int place : mined) if (!own.get(place)) shared.set(columns.of(place));
        for (int place : listed(step, examples)) if (!own.get(place)) shared.set(columns.of(place));
        BatchReplies replies = new BatchReplies(columns.count(), candidates, teacher, shared,
                inBatch());
        return new Batch(examples.stream().map(TrainingData.Example::context).toList(), columns.texts(data.responses()),
                replies);
    }

    /** Draws at most as many of each example's listed negatives as the settings allow in a step. */
    private int[] listed(long step, List<TrainingData.Example> examples) {
        RandomGenerator random = RandomStreams.random(settings.seed, RandomStreams.LISTED, step);
        return examples.stream().map(data::listed).flatMapToInt(all -> IntStream.of(
                shuffledFrom(0, all.length, settings.negatives.listed().each(), random)).map(each -> all[each]))
                .toArray();
    }

    /**
     * Draws at most K of an example's {@code count} candidates: the first, which is the original reply, and others at
     * random.
     */
    private int[] drawn(int count, RandomGenerator random) {
        return shuffledFrom(1, count, settings.candidates, random);
    }

    /**
     * Draws at most {@code most} of the numbers below {@code count}: all before {@code first}, and others at random.
     */
    private static int[] shuffledFrom(int first, int count, int most, RandomGenerator random) {
        int[] order = IntStream.range(0, count).toArray();
        int wanted = Math.min(count, most);
        if (wanted == count) return order;
        for (int i = first; i < wanted; i++) {
            int other = i + random.nextInt(count - i);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return IntStream.of(order).limit(wanted).toArray();
    }

    /**
     * Different places of candidates that are none of those excluded: a draw that is one of them is dropped, and
     * another one made. All there are, where there are fewer than wanted.
     */
    private int[] distinct(int count, BitSet excluded, RandomGenerator random) {
        int pool = data.candidates();
        int[] places = new int[Math.min(count, pool - excluded.cardinality())];
        BitSet drawn = (BitSet) excluded.clone();
        for (int i = 0; i < places.length;) {
            int place = random.nextInt(pool);
            if (drawn.get(place)) continue;
            drawn.set(place);
            places[i++] = place;
        }
        return places;
    }

    /** The seed from which the dropout of a step is drawn. */
    public long dropoutSeed(long step) {
        return RandomStreams.of(settings.seed, RandomStreams.DROPOUT, step);
    }

    /** The columns of a batch by place in the response set, in the order in which they were asked for. */
    private static final class Columns {
        private final Int2IntLinkedOpenHashMap columns = new Int2IntLinkedOpenHashMap();

        int of(int place) {
            int next = columns.size();
            return columns.computeIfAbsent(place, any -> next);
        }

        int count() {
            return columns.size();
        }

        List<String> texts(ResponseSet responses) {
            return columns.keySet().intStream().mapToObj(place -> responses.get(place).text()).toList();
        }
    }

    /**
     * The texts of a step, and who belongs to whom.
     *
     * @param contexts rows of the scores
     * @param texts replies, columns of the scores, no two of them one reply in two spellings
     * @param replies whose they are
     */
    record Batch(List<Context> contexts, List<String> texts, BatchReplies replies) {
        public Batch {
            contexts = List.copyOf(contexts);
            texts = List.copyOf(texts);
        }
    }
}
