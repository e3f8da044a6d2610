package io.retort.learn;

import io.retort.dialogue.Context;
import io.retort.dialogue.ResponseSet;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.SearchMethod;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Replies that a student likes for a context they do not belong to (Xiong et al. 2020), mined for a round of steps at a
 * time with the weights at its beginning. They depend on these weights, so a checkpoint keeps them. For use by one
 * thread.
 */
final class HardNegatives {
    private static final String ROUND = "hard_negatives.round";
    private static final String PLACES = "hard_negatives.places";
    private static final int NONE = -1;

    private final ResponseSet responses;
    private final BatchSource batches;
    private final RetrievalSettings settings;
    private final WorkerPool pool;
    private final int count;
    private long round = NONE;
    private int[] places = {}; // [steps of a round, contexts, count]

    /**
     * @throws BadInput if hard negatives are wanted of a model whose replies no search finds, or by a method that this
     *                  machine has not
     */
    HardNegatives(ResponseSet responses, BatchSource batches, RetrievalSettings settings, ModelConfig config,
            WorkerPool pool) {
        this.responses = responses;
        this.batches = batches;
        this.settings = settings;
        this.pool = pool;
        this.count = settings.batches().negatives().hard();
        if (count > 0 && !config.form().isDotProduct()) {
            throw BadInput.of("hard negatives for a " + config.form().kind().name(),
                    "mine them with a bi-encoder, or use random ones");
        }
        if (count > 0) settings.mining().search().ifPresent(SearchMethod::requireHere);
    }

    /**
     * The hard negatives of each context of a step, as places in the response set; none where none are wanted.
     *
     * @param student as it stands; asked for when a round begins, and closed
     */
    List<int[]> of(long step, Supplier<RetrievalModel> student) {
        if (count == 0) return List.of();
        int every = settings.mining().every();
        if (step / every != round) {
            round = step / every;
            try (RetrievalModel model = student.get()) {
                mine(model, round * every);
            }
        }
        int contexts = batches.contexts();
        int first = (int) (step % every) * contexts;
        return IntStream.range(first, first + contexts)
                .mapToObj(i -> Arrays.stream(places, i * count, (i + 1) * count).filter(place -> place != NONE)
                        .toArray())
                .toList();
    }

    private void mine(RetrievalModel model, long firstStep) {
        int[] sample = batches.sample(settings.mining().sample(), round);
        float[][] replies = model.encodeReplies(
                IntStream.of(sample).mapToObj(place -> responses.get(place).text()).toList(), Progress.NONE);
        List<int[]> contexts = new ArrayList<>();
        List<int[]> own = new ArrayList<>();
        for (long step = firstStep; step < firstStep + settings.mining().every(); step++) {
            for (Context context : batches.contexts(step)) contexts.add(model.inputs().context(context));
            own.addAll(batches.candidates(step));
        }
        float[][] queries = model.encodeContexts(contexts, Progress.NONE);
        int most = own.stream().mapToInt(candidates -> candidates.length).max().orElse(0);
        places = new int[queries.length * count];
        Arrays.fill(places, NONE);
        try (NegativeSearch search = new NegativeSearch(replies, model.dim(), settings.mining().search(),
                queries.length, pool)) {
            List<int[]> found = search.best(queries,
                    (query, row) -> IntStream.of(own.get(query)).anyMatch(each -> each == sample[row]), most,
                    settings.mining().skip(), count);
            for (int i = 0; i < queries.length; i++) {
                int[] rows = found.get(i);
                for (int rank = 0; rank < rows.length; rank++) places[i * count + rank] = sample[rows[rank]];
            }
        }
    }

    Map<String, Tensor> state() {
        if (round == NONE) return Map.of();
        float[] values = new float[places.length];
        for (int i = 0; i < values.length; i++) values[i] = places[i];
        return Map.of(ROUND, Tensor.of(new double[]{round}, 1), PLACES, Tensor.of(values, values.length));
    }

    void restore(Map<String, Tensor> state) {
        if (!state.containsKey(ROUND)) return;
        round = (long) state.get(ROUND).toDoubles()[0];
        float[] values = state.get(PLACES).toFloats();
        places = new int[values.length];
        for (int i = 0; i < places.length; i++) places[i] = (int) values[i];
    }
}
