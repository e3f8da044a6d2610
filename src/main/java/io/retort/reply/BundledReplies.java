package io.retort.reply;

import io.retort.dialogue.Exchanges;
import io.retort.fetch.BundledFiles;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The replies that come with Retort, as an index for a model: made once, of the vectors that come along or by encoding,
 * kept beside the replies in a folder that is named by their digest, and found again. Any thread, and any number of
 * processes: one makes it, the others wait for it.
 */
public final class BundledReplies {
    /** Keeps threads of this JVM from meeting at a file lock, which belongs to the whole JVM. */
    private static final ReentrantLock IN_THIS_JVM = new ReentrantLock();

    private BundledReplies() {}

    /** The file in which the index of the bundled replies for a model is, or will be. */
    public static Path file(ModelFolder model) throws IOException {
        return replies().resolveSibling("replies-" + model.fingerprint().substring(0, 12) + "-3.index"); // version 3 has contexts
    }

    /** Whether a model's vectors of these replies came with Retort, so that its index is made without encoding. */
    public static boolean comeWithVectors(ModelFolder model) throws IOException {
        return BundledVectors.serve(model, replies());
    }

    private static Path replies() throws IOException {
        return BundledFiles.own().folder(BundledFiles.STUDENT);
    }

    /**
     * Returns the index of the bundled replies for a model, which is made if it is not there yet.
     *
     * @param progress counts replies
     */
    public static Path index(RetortRuntime runtime, ModelFolder model, Progress progress) throws IOException {
        return index(runtime, model, file(model), progress);
    }

    /**
     * Returns the index of the bundled replies for a model in a file of the caller's, which is made if it is not there
     * yet.
     *
     * @param progress counts replies
     */
    public static Path index(RetortRuntime runtime, ModelFolder model, Path file, Progress progress)
            throws IOException {
        if (Files.isRegularFile(file)) return file;
        IN_THIS_JVM.lock();
        try (FileChannel lock = FileChannel.open(file.resolveSibling(file.getFileName() + ".lock"),
                StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock _ = lock.lock()) {
            if (Files.isRegularFile(file)) return file;
            if (!comeWithVectors(model)) {
                encode(ComputeRuntime.of(runtime), model, file, progress);
                return file;
            }
            try (BundledVectors vectors = BundledVectors.open(replies())) {
                vectors.index(model, file, progress);
            }
            return file;
        } finally {
            IN_THIS_JVM.unlock();
        }
    }

    private static void encode(ComputeRuntime runtime, ModelFolder folder, Path file, Progress progress)
            throws IOException {
        IndexedReplies replies = read(replies().resolve(BundledFiles.RESPONSES));
        try (RetrievalModel model = folder.load(runtime.engine())) {
            new IndexBuilder(model, folder.name(), new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT)
                    .build(replies, file, progress);
        }
    }

    /** Reads the bundled replies, keyed by themselves and the contexts that they were written for. */
    static IndexedReplies read(Path file) throws IOException {
        IndexedReplies replies = new IndexedReplies(KeyedBy.BOTH);
        replies.addFile(file, Exchanges.standard());
        return replies;
    }
}
