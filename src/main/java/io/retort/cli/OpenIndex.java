package io.retort.cli;

import io.retort.chat.Replier;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.search.ExactSearch;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;

/** A model and an index that belong together, ready to answer. */
record OpenIndex(RetrievalModel model, ResponseIndex index, WorkerPool pool, Replier replier) implements AutoCloseable {
    static OpenIndex open(ModelOption models, ModelFolder folder, Path file, SearchOptions search) throws IOException {
        WorkerPool pool = search.pool();
        ResponseIndex index = null;
        try {
            index = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool);
            index.requireModel(new ModelFingerprint(folder.fingerprint()), models.model);
            RetrievalModel model = models.load(folder);
            return new OpenIndex(model, index, pool,
                    new Replier(model, index, new ExactSearch(index, Kernels.best(), pool)));
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
