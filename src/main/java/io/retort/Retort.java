package io.retort;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.model.BundledFiles;
import io.retort.model.ModelFolder;
import io.retort.model.ModelLookup;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.IndexMerge;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retort, open: the threads and the engine that everything which comes from it computes with. One is enough for a
 * process; it may be used from any thread.
 *
 * <p>What is opened from it ({@link Student#responder()}, {@link #teacher(Path)}) is closed by its caller, and before it:
 * closing Retort ends the threads, and whatever is still open then refuses to work with an
 * {@link IllegalStateException}, but can still be closed.
 */
public final class Retort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Retort.class);

    private final ComputeRuntime runtime;

    private Retort(ComputeRuntime runtime) {
        this.runtime = runtime;
    }

    /** Opens Retort with the fastest engine that runs here, on all processors. */
    public static Retort open() {
        return open(RuntimeSettings.defaults());
    }

    /**
     * Opens Retort.
     *
     * @throws BadInput if that engine does not run here
     */
    public static Retort open(RuntimeSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        return new Retort(ComputeRuntime.open(settings));
    }

    /**
     * The threads and the engine, for what takes them from its caller: the jobs of {@link io.retort.jobs}, each a class
     * with settings of its own, whose {@code run} computes with this runtime.
     */
    public RetortRuntime runtime() {
        return runtime;
    }

    // ---- students

    /**
     * The student that comes with Retort.
     *
     * @throws BadInput if it is not there: a library has it in an artefact of its own
     */
    public Student student() throws IOException {
        return student(BundledFiles.STUDENT);
    }

    /**
     * A student by name.
     *
     * @param name of a model of the catalogue that is here already, or the path of a folder
     * @throws BadInput if there is none of that name
     */
    public Student student(String name) throws IOException {
        if (name == null) throw new IllegalArgumentException("name is null");
        return new Student(runtime, ModelLookup.find(name, LOG::info));
    }

    /**
     * A student in a folder.
     *
     * @param folder that Retort trained, imported or pulled
     * @throws BadInput if it is no model folder
     */
    public Student student(Path folder) throws IOException {
        if (folder == null) throw new IllegalArgumentException("folder is null");
        return new Student(runtime, ModelFolder.open(folder));
    }

    // ---- teachers

    /**
     * Loads a language model as a teacher, which writes and judges replies; the caller closes it.
     *
     * @param model a GGUF file, or a folder of the Hugging Face Hub
     * @throws BadInput if it is neither, or is damaged
     */
    public Teacher teacher(Path model) throws IOException {
        return teacher(model, LocalTeacherSettings.defaults());
    }

    /**
     * Loads a language model as a teacher that is asked in another way.
     *
     * @throws BadInput if it is none, or is damaged
     */
    public Teacher teacher(Path model, LocalTeacherSettings settings) throws IOException {
        if (model == null) throw new IllegalArgumentException("model is null");
        return LocalTeacher.open(model, settings, runtime);
    }

    // ---- indexes

    /**
     * Merges indexes that one student made; replies that come twice are kept once. Nothing is encoded. Interrupted, it
     * goes on where it was when it is called again; the target appears, whole, in the end.
     *
     * @param indexes  two or more, none twice
     * @param target   the file to write, which may be one of them
     * @param progress counts replies
     * @throws BadInput if one is damaged, or differs from the first in its model, metric or keys
     */
    public IndexMerge.Result merge(List<Path> indexes, Path target, Progress progress) throws IOException {
        if (indexes == null) throw new IllegalArgumentException("indexes is null");
        if (target == null) throw new IllegalArgumentException("target is null");
        if (progress == null) throw new IllegalArgumentException("progress is null");
        return IndexMerge.merge(indexes, target, runtime.pool(), progress);
    }

    /**
     * Ends the threads; none of them runs or waits when this returns. What is being computed by other threads meanwhile
     * may fail with an {@link IllegalStateException}. Closing again does nothing.
     */
    @Override
    public void close() {
        runtime.close();
    }
}
