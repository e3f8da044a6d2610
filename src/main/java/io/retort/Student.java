package io.retort;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.IndexJob;
import io.retort.jobs.IndexSettings;
import io.retort.reply.BundledReplies;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A retrieval model on disk, and what can be opened of it. It holds nothing that needs closing; any thread may use it.
 */
public final class Student {
    private final ComputeRuntime runtime;
    private final ModelFolder folder;

    Student(ComputeRuntime runtime, ModelFolder folder) {
        this.runtime = runtime;
        this.folder = folder;
    }

    /** The student's name, which is that of its folder. */
    public String name() {
        return folder.name();
    }

    /** The folder that holds the student's files. */
    public Path path() {
        return folder.path();
    }

    /**
     * Answers out of the replies that come with Retort. The first time that this student does so they are encoded,
     * which takes some seconds; the vectors are kept for the next time.
     *
     * @return the caller's, to be closed
     * @throws BadInput if those replies are not there: a library has them in an artefact of their own
     */
    public Responder responder() throws IOException {
        return responder(Progress.NONE);
    }

    /**
     * Opens a responder that answers out of the replies that come with Retort.
     *
     * @param progress counts the replies that are encoded the first time
     * @return the caller's, to be closed
     */
    public Responder responder(Progress progress) throws IOException {
        if (progress == null) throw new IllegalArgumentException("progress is null");
        return responder(BundledReplies.index(runtime, folder, progress));
    }

    /**
     * Opens a responder that answers out of an index made with this student.
     *
     * @return the caller's, to be closed
     * @throws BadInput if the index is damaged, or made with another model
     */
    public Responder responder(Path index) throws IOException {
        return responder(index, ResponderSettings.defaults());
    }

    /**
     * Opens a responder that answers out of an index made with this student.
     *
     * @return the caller's, to be closed
     * @throws BadInput if the index is damaged, or made with another model
     */
    public Responder responder(Path index, ResponderSettings settings) throws IOException {
        if (index == null) throw new IllegalArgumentException("index is null");
        if (settings == null) throw new IllegalArgumentException("settings is null");
        return ModelResponder.open(runtime, folder, index, settings);
    }

    /**
     * Encodes replies with this student into a new index. Where the file is this very index, nothing is done.
     *
     * @param settings which files they are in, and what the vectors say
     * @param target   the file to write
     * @param progress counts replies
     * @throws BadInput if a file cannot be read as replies, or holds none, or the target holds something else, unless
     *                  the settings force it
     */
    public IndexJob.Result index(IndexSettings settings, Path target, Progress progress) throws IOException {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (target == null) throw new IllegalArgumentException("target is null");
        if (progress == null) throw new IllegalArgumentException("progress is null");
        return new IndexJob(settings).build(runtime, folder.path(), target, progress);
    }

    /**
     * Encodes more replies into an index that this student made. Its rows stay as they are, and a reply that is there
     * already is not added; until all is there, the file stays as it was.
     *
     * @param settings which files the replies are in
     * @param index    the file
     * @param progress counts replies
     * @throws BadInput if the index is damaged, or made with another model, or a file cannot be read as replies
     */
    public IndexJob.Result append(IndexSettings settings, Path index, Progress progress) throws IOException {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (index == null) throw new IllegalArgumentException("index is null");
        if (progress == null) throw new IllegalArgumentException("progress is null");
        return new IndexJob(settings).append(runtime, folder.path(), index, index, progress);
    }

    /** Loads the model itself, which the caller closes; models are no part of what the library promises. */
    RetrievalModel load() throws IOException {
        return folder.load(runtime.engine());
    }
}
