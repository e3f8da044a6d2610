package io.retort.cli;

import io.retort.chat.Replier;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import io.retort.simd.ScalarKernels;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/** A model and an index that belong together, ready to answer. */
record OpenIndex(RetrievalModel model, ResponseIndex index, WorkerPool pool, Replier replier) implements AutoCloseable {
    /** Numbers in an index up to which one search is over before the JVM has compiled the vector kernels. */
    private static final long SMALL = 100_000_000;
    /** About what the vector kernels take to be compiled, less than the model takes to load. */
    private static final Duration WARM_UP = Duration.ofMillis(800);

    /** For many searches. */
    static OpenIndex open(ModelOption models, ModelFolder folder, Path file, SearchOptions search) throws IOException {
        return open(models, folder, file, search, index -> {
            Kernels kernels = Kernels.best();
            SearchMethod method = search.method(index.count(), index.dims(), kernels, true);
            Thread.ofPlatform().daemon().start(() -> method.warmUp(kernels, index.dims(), WARM_UP));
            return new Choice(method, kernels);
        });
    }

    /**
     * For a single search. Not yet compiled, the Vector API is far slower than plain Java, whose scores are the same
     * bit for bit.
     */
    static OpenIndex forOneSearch(ModelOption models, ModelFolder folder, Path file, SearchOptions search)
            throws IOException {
        boolean free = System.getProperty(Kernels.PROPERTY) == null;
        return open(models, folder, file, search, index -> {
            boolean scalar = free && (long) index.count() * index.dims() < SMALL;
            Kernels kernels = scalar ? new ScalarKernels() : Kernels.best();
            return new Choice(search.method(index.count(), index.dims(), kernels, false), kernels);
        });
    }

    /** How an index is searched. */
    private record Choice(SearchMethod method, Kernels kernels) {
        /** Models that score every reply themselves need nothing prepared. */
        ResponseSearch search(RetrievalModel model, ResponseIndex index, WorkerPool pool) {
            return (model.isSearchable() ? method : SearchMethod.EXACT).over(index, kernels, pool);
        }
    }

    private static OpenIndex open(ModelOption models, ModelFolder folder, Path file, SearchOptions search,
            Function<ResponseIndex, Choice> choose) throws IOException {
        WorkerPool pool = models.threads.pool();
        ResponseIndex index = null;
        try {
            index = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool);
            index.requireModel(new ModelFingerprint(folder.fingerprint()), models.model);
            Choice choice = choose.apply(index);
            RetrievalModel model = models.load(folder);
            return new OpenIndex(model, index, pool, new Replier(model, index, choice.search(model, index, pool)));
        } catch (RuntimeException | IOException e) {
            if (index != null) index.close();
            pool.close();
            throw e;
        }
    }

    @Override
    public void close() {
        model.close();
        index.close();
        pool.close();
    }
}
