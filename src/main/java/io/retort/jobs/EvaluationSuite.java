package io.retort.jobs;

import io.retort.dialogue.Context;
import io.retort.dialogue.RankingCase;
import io.retort.distill.SourceContext;
import io.retort.eval.RankingRun;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReplies;
import io.retort.reply.Responder;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The tests and contexts that every model of an experiment is measured on. For use by one thread.
 *
 * @param tests     ranking tests by name
 * @param responses the full augmented response set
 * @param contexts  contexts that are answered out of it
 */
record EvaluationSuite(SequencedMap<String, List<RankingCase>> tests, IndexedReplies responses,
        List<SourceContext> contexts) {
    /**
     * Measures a model on all tests and contexts.
     *
     * @param index a file for the response set's vectors; goes on with what an interrupted call has left there
     */
    public Measurement of(ModelFolder folder, Engine engine, WorkerPool pool, Path index, Progress progress)
            throws IOException {
        try (RetrievalModel model = folder.load(engine)) {
            SequencedMap<String, Measurement.CaseResults> results = new LinkedHashMap<>();
            tests.forEach(
                    (name, cases) -> results.put(name,
                            Measurement.CaseResults.of(RankingRun.of(model, cases, progress).scored())));
            ModelFingerprint fingerprint = new ModelFingerprint(folder.fingerprint());
            if (!isOf(index, fingerprint, pool)) {
                new IndexBuilder(model, folder.name(), fingerprint, Metric.INNER_PRODUCT).build(responses, index,
                        progress);
            }
            Answered answered = answer(model, index, pool);
            Files.delete(index);
            return new Measurement(folder.fingerprint(), results, answered.replies, answered.nanos);
        }
    }

    /** Whether a file is a whole index of this model; one that another model made is deleted. */
    private static boolean isOf(Path index, ModelFingerprint fingerprint, WorkerPool pool) throws IOException {
        if (!Files.exists(index)) return false;
        try (ResponseIndex open = ResponseIndex.open(index, ResponseIndex.Verification.ALL, pool)) {
            if (open.spec().model().equals(fingerprint)) return true;
        }
        Files.delete(index);
        return false;
    }

    private record Answered(List<String> replies, long[] nanos) {
    }

    private Answered answer(RetrievalModel model, Path file, WorkerPool pool) throws IOException {
        Kernels kernels = Kernels.best();
        try (ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool)) {
            SearchMethod method = model.isSearchable()
                    ? SearchMethod.forMany(index.count(), index.dims(), kernels)
                    : SearchMethod.EXACT;
            try (ResponseSearch search = method.over(index, kernels, pool)) {
                return answer(ModelResponder.over(model, index, search));
            }
        }
    }

    private Answered answer(Responder responder) {
        // The JVM compiles while contexts are answered for the first time.
        for (SourceContext context : contexts) responder.reply(context.context(), 1);
        List<String> replies = new ArrayList<>();
        long[] nanos = new long[contexts.size()];
        for (int i = 0; i < nanos.length; i++) {
            Context context = contexts.get(i).context();
            RankedReplies found = responder.reply(context, 1);
            replies.add(found.text());
            nanos[i] = found.times().total();
        }
        return new Answered(replies, nanos);
    }
}
