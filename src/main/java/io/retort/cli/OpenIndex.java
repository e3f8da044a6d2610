package io.retort.cli;

import io.retort.chat.Replier;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.search.ExactSearch;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
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
            Thread.ofPlatform().daemon().start(() -> ExactSearch.warmUp(kernels, index.dims(), WARM_UP));
            return kernels;
        });
    }

    /**
     * For a single search. Not yet compiled, the Vector API is far slower than plain Java, whose scores are the same
     * bit for bit.
     */
    static OpenIndex forOneSearch(ModelOption models, ModelFolder folder, Path file, SearchOptions search)
            throws IOException {
        boolean free = System.getProperty(Kernels.PROPERTY) == null;
        return open(models, folder, file, search, index -> free && (long) index.count() * index.dims() < SMALL
                ? new ScalarKernels()
                : Kernels.best());
    }

    private static OpenIndex open(ModelOption models, ModelFolder folder, Path file, SearchOptions search,
            Function<ResponseIndex, Kernels> kernels) throws IOException {
        WorkerPool pool = search.pool();
        ResponseIndex index = null;
        try {
            index = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool);
            index.requireModel(new ModelFingerprint(folder.fingerprint()), models.model);
            ExactSearch exact = new ExactSearch(index, kernels.apply(index), pool);
            RetrievalModel model = models.load(folder);
            return new OpenIndex(model, index, pool, new Replier(model, index, exact));
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
