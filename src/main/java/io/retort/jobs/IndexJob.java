package io.retort.jobs;

import io.retort.curate.Curation;
import io.retort.curate.CurationReport;
import io.retort.curate.CurationSettings;
import io.retort.dialogue.Exchanges;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.ingest.ReadingReport;
import io.retort.reply.ModelOfIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexMerge;
import io.retort.search.IndexTarget;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.settings.InvalidSetting;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Encodes the replies of files into a response index, or appends them to one. Interrupted at any moment, it goes on
 * where it was when it is run again with the same settings; the index appears, or changes, only when all is there.
 * Several indexes are merged without encoding anything.
 */
public final class IndexJob {
    private final IndexSettings settings;
    private final Question mayReplace;
    private Optional<Curation> curation = Optional.empty();
    private Optional<ReplyScreening> screening = Optional.empty();

    /** Prepares a job with these settings; nothing is read yet. */
    public IndexJob(IndexSettings settings) {
        this(settings, (_, _) -> false);
    }

    /**
     * Prepares a job that asks before it replaces what is something else than it would write.
     *
     * @param mayReplace asked where the settings do not force it
     */
    public IndexJob(IndexSettings settings, Question mayReplace) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (mayReplace == null) throw new IllegalArgumentException("mayReplace is null");
        this.settings = settings;
        this.mayReplace = mayReplace;
    }

    /** Asks a person, or whoever else may decide it, whether a file may be replaced. */
    @FunctionalInterface
    public interface Question {
        /**
         * Whether a file may be replaced.
         *
         * @param holds what it holds, as the end of a sentence that begins with its name
         */
        boolean mayReplace(Path file, String holds) throws IOException;
    }

    /** Keeps of the data what these settings say, from the next run on; settings that change nothing cost nothing. */
    public IndexJob curatedBy(CurationSettings settings) throws IOException {
        curation = settings.changesAnything() ? Optional.of(new Curation(settings)) : Optional.empty();
        return this;
    }

    /** Leaves replies out that a safety screen stops, from the next run on; what it stops is told to the screening. */
    public IndexJob screenedBy(ReplyScreening screening) {
        this.screening = Optional.of(screening);
        return this;
    }

    /** What was found in the data, and left out of them, if settings of what is kept change anything. */
    public Optional<CurationReport> curationReport() {
        return curation.map(Curation::report);
    }

    /**
     * What came of making an index or appending to it.
     *
     * @param index      the file
     * @param replies    that it holds
     * @param added      those that this job brought
     * @param duplicates how often a reply came that was there already, in whatever spelling
     * @param tooShort   replies of dialogues that were left out, since they have fewer words than were asked for
     * @param masked     replies that were left out, since personal data were taken out of them
     * @param resumedAt  the row from which this call went on; 0 if it began
     * @param bytes      of the file
     * @param seconds    that this call took
     * @param model      the name of the model that encoded the replies
     * @param key        what contexts are compared with
     * @param wasThere   whether nothing was to be done, since the file held this very index
     * @param reports    what each file of the data was taken for
     */
    public record Result(Path index, int replies, int added, long duplicates, long tooShort, long masked,
            int resumedAt, long bytes, double seconds, String model, KeyedBy key, boolean wasThere,
            List<ReadingReport> reports) {
        public Result {
            reports = List.copyOf(reports);
        }
    }

    /**
     * Encodes the replies of the settings' data into a new index. Nothing is to be done where the file is this very
     * index.
     *
     * @param student  folder of the model that encodes the replies, and will answer out of the index
     * @param target   the file to write
     * @param progress counts replies
     * @throws BadInput       if a file cannot be read as replies, or holds none, or the target holds something else and
     *                        may not be replaced
     * @throws InvalidSetting if no data are named
     */
    public Result build(RetortRuntime runtime, Path student, Path target, Progress progress) throws IOException {
        ModelFolder model = ModelFolder.open(required("student", student));
        required("target", target);
        required("progress", progress);
        long started = System.nanoTime();
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        requireNoData(target);
        List<ReadingReport> reports = new ArrayList<>();
        IndexedReplies replies = read(settings.key().isPresent() || model.config().form().isDotProduct()
                ? settings.key()
                : Optional.of(KeyedBy.REPLY), reports);
        if (settings.ann()) SearchMethod.ANN.requireHere();
        if (replies.size() > 0 && isThere(model, replies, target, compute)) {
            makeGraph(target, compute);
            return result(target, new IndexBuilder.Appended(replies.size(), 0, replies.duplicates(), 0), replies,
                    model, true, started, reports);
        }
        try (RetrievalModel loaded = model.load(compute.engine())) {
            int from = builder(model, loaded, target).build(replies, target, progress);
            makeGraph(target, compute);
            return result(target, new IndexBuilder.Appended(replies.size(), replies.size(), replies.duplicates(), from),
                    replies, model, false, started, reports);
        }
    }

    /** Makes the graph for approximate search if it is asked for, and not there. */
    private void makeGraph(Path target, ComputeRuntime compute) throws IOException {
        if (!settings.ann()) return;
        try (ResponseIndex open = ResponseIndex.open(target, ResponseIndex.Verification.ENDS, compute.pool());
                ResponseSearch search = SearchMethod.ANN.over(open, Kernels.best(), compute.pool())) {
            LoggerFactory.getLogger(IndexJob.class).debug("{}: {}", target, search.exactness());
        }
    }

    /** Whether the target is this index already; refuses to go on if it is something that may not be replaced. */
    private boolean isThere(ModelFolder model, IndexedReplies replies, Path target, ComputeRuntime compute)
            throws IOException {
        if (Files.isDirectory(target)) return false; // the builder refuses it
        IndexTarget there = new IndexTarget(target, IndexBuilder.spec(model.name(),
                new ModelFingerprint(model.fingerprint()), settings.metric().orElse(Metric.INNER_PRODUCT),
                model.config().dim(), Optional.of(ModelOfIndex.place(model, target)), replies)
                .withRows(settings.rowFormat().orElse(RowFormat.F32)), replies);
        Optional<String> other = there.other(compute.pool());
        if (other.isEmpty()) return there.isThere();
        if (settings.force() || mayReplace.mayReplace(target, other.get())) return false;
        throw BadInput.in(target, other.get(), "name another file, or replace it by \"force\"");
    }

    /** Refuses to write over a file that is not the index that is appended to, unless it may be replaced. */
    private void requireReplaceable(Path index, Path target) throws IOException {
        if (!Files.isRegularFile(target) || Files.isSameFile(index, target)) return;
        String holds = "is there already, and is not the index that is appended to";
        if (settings.force() || mayReplace.mayReplace(target, holds)) return;
        throw BadInput.in(target, holds, "name another file, or replace it by \"force\"");
    }

    private void requireNoData(Path target) throws IOException {
        for (Path file : settings.data()) {
            if (Files.exists(target) && Files.exists(file) && Files.isSameFile(file, target)) {
                throw BadInput.in(target, "holds the replies that are to be indexed", "name another file to write");
            }
        }
    }

    /**
     * Appends to an index, which keeps its rows: a reply that is there already, in whatever spelling, is not added.
     *
     * @param student  folder of the model that made the index
     * @param index    to append to
     * @param target   the file to write, which may be the index
     * @param progress counts replies
     * @throws BadInput       if the index is damaged, was made by another model, or has another key, metric or form of rows than
     *                        settings, or a file cannot be read as replies
     * @throws InvalidSetting if no data are named
     */
    public Result append(RetortRuntime runtime, Path student, Path index, Path target, Progress progress)
            throws IOException {
        ModelFolder model = ModelFolder.open(required("student", student));
        required("index", index);
        required("target", target);
        required("progress", progress);
        long started = System.nanoTime();
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        KeyedBy key;
        // Before data are read and a model is loaded for nothing.
        try (ResponseIndex open = ResponseIndex.open(index, ResponseIndex.Verification.ENDS, compute.pool())) {
            open.requireModel(new ModelFingerprint(model.fingerprint()), model.name());
            key = IndexBuilder.keyOf(open);
            settings.key().ifPresent(wanted -> requireSame("key", name(key), name(wanted), "key", index));
            settings.metric().ifPresent(
                    wanted -> requireSame("metric", name(open.metric()), name(wanted), "metric", index));
            settings.rowFormat().ifPresent(
                    wanted -> requireSame("form of rows", name(open.format()), name(wanted), "rows", index));
        }
        if (settings.ann()) SearchMethod.ANN.requireHere();
        requireReplaceable(index, target);
        List<ReadingReport> reports = new ArrayList<>();
        IndexedReplies replies = read(Optional.of(key), reports);
        try (RetrievalModel loaded = model.load(compute.engine())) {
            IndexBuilder.Appended appended = builder(model, loaded, target).append(index, replies, target, progress);
            makeGraph(target, compute);
            return result(target, appended, replies, model, false, started, reports);
        }
    }

    /**
     * Makes one index of several that the same model made; nothing is encoded. Rows come in the order of the indexes. A
     * reply that comes again, in whatever spelling, is left out; it lends its metadata to the first if that has none.
     *
     * @param indexes  two or more
     * @param target   the file to write, which may be one of them
     * @param progress counts replies
     * @throws BadInput if an index is damaged, is named twice, or differs from the first in its model, key or metric
     */
    public static Result merge(RetortRuntime runtime, List<Path> indexes, Path target, Progress progress)
            throws IOException {
        required("indexes", indexes);
        required("target", target);
        required("progress", progress);
        long started = System.nanoTime();
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        IndexMerge.Result merged = IndexMerge.merge(indexes, target, compute.pool(), progress);
        try (ResponseIndex open = ResponseIndex.open(target, ResponseIndex.Verification.ENDS, compute.pool())) {
            return new Result(target, merged.replies(), merged.replies(), merged.duplicates(), 0, 0, merged.resumedAt(),
                    Files.size(target), (System.nanoTime() - started) / 1e9,
                    open.spec().metadata().path("model").asText(""), IndexBuilder.keyOf(open), false, List.of());
        }
    }

    private static <T> T required(String parameter, T value) {
        if (value == null) throw new IllegalArgumentException(parameter + " is null");
        return value;
    }

    private static void requireSame(String what, String there, String wanted, String setting, Path index) {
        if (there.equals(wanted)) return;
        throw BadInput.in(index, "its " + what + " is " + there + ", not " + wanted,
                "set \"" + setting + "\" to " + there + ", or make another index");
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private IndexBuilder builder(ModelFolder model, RetrievalModel loaded, Path target) throws IOException {
        return new IndexBuilder(loaded, model.name(), new ModelFingerprint(model.fingerprint()),
                settings.metric().orElse(Metric.INNER_PRODUCT)).withPlace(ModelOfIndex.place(model, target))
                .withRows(settings.rowFormat().orElse(RowFormat.F32));
    }

    private IndexedReplies read(Optional<KeyedBy> key, List<ReadingReport> reports) throws IOException {
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(), "name files of replies");
        IndexedReplies replies = key.map(IndexedReplies::new).orElseGet(IndexedReplies::keyedByAllThereIs);
        screening.ifPresent(replies::screenedBy);
        Exchanges exchanges = Exchanges.standard().withHistory(settings.history())
                .withMinimumWords(settings.minWords());
        for (Path file : settings.data()) reports.add(replies.addFile(file, exchanges, settings.reading(), curation));
        return replies;
    }

    private static Result result(Path target, IndexBuilder.Appended done, IndexedReplies replies, ModelFolder model,
            boolean wasThere, long started, List<ReadingReport> reports) throws IOException {
        return new Result(target, done.replies(), done.added(), done.duplicates(), replies.tooShort(),
                replies.masked(), done.resumedAt(), Files.size(target), (System.nanoTime() - started) / 1e9,
                model.name(),
                replies.keyedBy(), wasThere, reports);
    }
}
