package io.retort.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import io.retort.simd.RowFormat;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Encodes replies with a model into an index. Interrupted at any moment, it goes on where it was when run again with
 * the same replies. For use by one thread.
 */
public final class IndexBuilder {
    /** Rows between two appends: enough to sort by length, little to lose. */
    private static final int CHUNK = 1024;

    private final RetrievalModel model;
    private final String name;
    private final ModelFingerprint fingerprint;
    private final Metric metric;
    private final Optional<ModelPlace> place;
    private final int chunk;
    private final RowFormat rows;

    /**
     * @param name the model's, for the index's metadata
     */
    public IndexBuilder(RetrievalModel model, String name, ModelFingerprint fingerprint, Metric metric) {
        this(model, name, fingerprint, metric, Optional.empty(), CHUNK, RowFormat.F32);
    }

    private IndexBuilder(RetrievalModel model, String name, ModelFingerprint fingerprint, Metric metric,
            Optional<ModelPlace> place, int chunk, RowFormat rows) {
        this.model = model;
        this.name = name;
        this.fingerprint = fingerprint;
        this.metric = metric;
        this.place = place;
        this.chunk = chunk;
        this.rows = rows;
    }

    /** A copy of this builder whose indexes tell where their model is. */
    public IndexBuilder withPlace(ModelPlace place) {
        return new IndexBuilder(model, name, fingerprint, metric, Optional.of(place), chunk, rows);
    }

    /** A copy of this builder that appends other numbers of rows at a time, for tests of interruptions. */
    IndexBuilder inChunksOf(int rows) {
        return new IndexBuilder(model, name, fingerprint, metric, place, rows, this.rows);
    }

    /** A copy of this builder whose new indexes store vectors in another form; those appended to keep theirs. */
    public IndexBuilder withRows(RowFormat rows) {
        return new IndexBuilder(model, name, fingerprint, metric, place, chunk, rows);
    }

    /**
     * Turns of the contexts that an index is keyed by, which is how much of a dialogue it should be asked with; 0 for
     * one keyed by replies.
     */
    public static int historyOf(ResponseIndex index) {
        return IndexMetadata.history(index);
    }

    /** What the vectors of an index stand for, by its metadata. */
    public static KeyedBy keyOf(ResponseIndex index) {
        return IndexMetadata.keyedBy(index);
    }

    /**
     * What decides the vectors of a new index of replies, stored as float32, and what it tells of itself.
     *
     * @param name of the model
     * @param dims of its vectors
     */
    public static IndexSpec spec(String name, ModelFingerprint fingerprint, Metric metric, int dims,
            Optional<ModelPlace> place, IndexedReplies replies) {
        ObjectNode metadata = IndexMetadata.of(name, replies);
        ModelPlace.put(place, metadata);
        return new IndexSpec(fingerprint, metric, dims, metadata);
    }

    /**
     * Builds an index of replies, or goes on with one that was interrupted.
     *
     * @param progress counts replies
     * @return the row from which this call went on: 0 for a new index
     */
    public int build(IndexedReplies replies, Path target, Progress progress) throws IOException {
        if (Files.isDirectory(target)) throw BadInput.in(target, "is a folder", "name the file to write");
        if (replies.size() == 0)
            throw BadInput.in(target, "would hold no reply", "give dialogues with at least two turns");
        requireKeysOfModel(replies.keyedBy());
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, spec(target, replies), replies.contents())) {
            int from = writer.nextRow();
            encode(replies, new IntArrayList(IntStream.range(0, replies.size()).toArray()), 0, writer, progress);
            writer.finish();
            return from;
        }
    }

    /** The spec of a new index; without the model's place where one was begun without, as version 0.1 did. */
    private IndexSpec spec(Path target, IndexedReplies replies) throws IOException {
        IndexSpec placeless = spec(name, fingerprint, metric, model.dim(), Optional.empty(), replies).withRows(rows);
        return place.isEmpty() || IndexWriter.isBegun(target, placeless, replies.contents())
                ? placeless
                : spec(name, fingerprint, metric, model.dim(), place, replies).withRows(rows);
    }

    private void requireKeysOfModel(KeyedBy key) {
        if (key != KeyedBy.REPLY && !model.isSearchable()) {
            throw BadInput.of("a poly-encoder has no single vector for a context", "set \"key\" to reply");
        }
    }

    /**
     * What came of appending replies to an index.
     *
     * @param replies    of the index now
     * @param added      those that were not in it
     * @param duplicates how often a reply was given that was there already, in whatever spelling
     * @param resumedAt  the row from which this call went on: 0 for a new file
     */
    public record Appended(int replies, int added, long duplicates, int resumedAt) {
    }

    /**
     * Makes an index with the rows of another and further replies after them. The rows that are there keep their
     * numbers and their vectors; a reply that is among them, in whatever spelling, is not added, and its contexts do
     * not change the vector, but it brings its metadata where the row has none. The vectors that are there need no
     * encoding, but the file is written anew: until it is whole, the index stays what it was.
     *
     * @param index    of the same model, keyed like the replies; its metric counts
     * @param target   the file to write, which may be the index
     * @param progress counts replies
     * @throws BadInput if the index is damaged, another model's or keyed otherwise, or changes while this works
     */
    public Appended append(Path index, IndexedReplies replies, Path target, Progress progress) throws IOException {
        if (Files.isDirectory(target)) throw BadInput.in(target, "is a folder", "name the file to write");
        requireKeysOfModel(replies.keyedBy());
        Version before = Version.of(index);
        try (ResponseIndex open = ResponseIndex.open(index)) {
            open.requireModel(fingerprint, name);
            if (open.dims() != model.dim()) {
                throw BadInput.in(index,
                        "holds vectors of " + open.dims() + ", the model makes vectors of " + model.dim(),
                        "make the index anew");
            }
            KeyedBy key = IndexMetadata.keyedBy(open);
            if (key != replies.keyedBy()) {
                throw BadInput.in(index, "its rows are keyed by " + key.label() + ", not " + replies.keyedBy().label(),
                        "append what is keyed likewise, or make another index");
            }
            return append(open, before, replies, target, progress);
        }
    }

    private Appended append(ResponseIndex open, Version before, IndexedReplies replies, Path target, Progress progress)
            throws IOException {
        RowUnion union = new RowUnion();
        union.addAll(open);
        IntArrayList added = new IntArrayList();
        for (int row = 0; row < replies.size(); row++) {
            if (union.claim(replies.text(row), replies.metadata(row), union.size() + added.size())) added.add(row);
        }
        int total = union.size() + added.size();
        long duplicates = union.duplicates() + replies.duplicates();
        boolean inPlace = Files.exists(target) && Files.isSameFile(open.file(), target);
        if (inPlace && added.isEmpty() && !union.lendsMetadata()) return new Appended(total, 0, duplicates, 0);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, appendedSpec(open, target, replies, added, total),
                contents(union, replies, added))) {
            if (!Version.of(open.file()).equals(before)) {
                throw BadInput.in(open.file(), "was changed by somebody else just now", "run this again");
            }
            int from = writer.nextRow();
            union.writeVectors(writer, total, progress);
            encode(replies, added, union.size(), writer, progress);
            open.close(); // some systems do not let a mapped file be replaced
            writer.finish();
            return new Appended(total, added.size(), duplicates, from);
        }
    }

    /** What tells a file from another of the same name, written by somebody else since. */
    private record Version(String key, FileTime changed, long bytes) {
        static Version of(Path file) throws IOException {
            if (!Files.exists(file)) return new Version("", FileTime.fromMillis(0), 0);
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(String.valueOf(found.fileKey()), found.lastModifiedTime(), found.size());
        }
    }

    private static RowContents contents(RowUnion union, IndexedReplies replies, IntArrayList added) {
        int there = union.size(), total = there + added.size();
        return new RowContents(
                RowContents.computed(total, row -> row < there
                        ? union.text(row)
                        : replies.text(added.getInt(row - there))),
                RowContents.computed(total, row -> row < there
                        ? union.metadata(row)
                        : replies.metadata(added.getInt(row - there))),
                RowContents.computed(total, row -> row < there
                        ? union.contexts(row)
                        : ReplyContexts.encode(replies.contexts(added.getInt(row - there)))));
    }

    private IndexSpec appendedSpec(ResponseIndex open, Path target, IndexedReplies replies, IntArrayList added,
            int total) {
        ObjectNode there = open.spec().metadata();
        long generated = IndexMetadata.generated(List.of(there));
        if (generated >= 0) generated += added.intStream().filter(replies::isGenerated).count();
        ObjectNode metadata = IndexMetadata.joined(List.of(there, IndexMetadata.of(name, replies)), total, generated);
        ModelPlace.put(place.or(() -> ModelPlace.moved(open, target)), metadata);
        return new IndexSpec(fingerprint, open.metric(), model.dim(), open.format(), metadata);
    }

    /**
     * Writes the vectors of replies that are still missing.
     *
     * @param chosen the replies' numbers
     * @param first  row of the first of them
     */
    private void encode(IndexedReplies replies, IntArrayList chosen, int first, IndexWriter writer, Progress progress)
            throws IOException {
        int total = first + chosen.size();
        while (writer.nextRow() < total) {
            int from = writer.nextRow() - first;
            int row = writer.nextRow();
            progress.update(row, total);
            int[] next = chosen.subList(from, Math.min(from + chunk, chosen.size())).toIntArray();
            // A chunk is not told to be done before it is written, which the next one tells.
            writer.append(vectors(replies, next, (part, of) -> {
                long more = Math.min(next.length - 1, (long) next.length * part / of);
                if (more > 0) progress.update(row + more, total);
            }));
        }
        progress.update(total, total);
    }

    private float[][] vectors(IndexedReplies replies, int[] chosen, Progress progress) {
        return switch (replies.keyedBy()) {
            case REPLY -> ofReplies(replies, chosen, progress);
            case CONTEXT -> ofContexts(replies, chosen, progress);
            case BOTH -> mean(ofReplies(replies, chosen, part(progress, 0)),
                    ofContexts(replies, chosen, part(progress, 1)));
        };
    }

    /** A progress that counts a quarter of the work, or the other three: contexts are longer than replies. */
    private static Progress part(Progress progress, int before) {
        return (done, total) -> progress.update(before == 0 ? done : total + 3 * done, 4 * total);
    }

    private float[][] ofReplies(IndexedReplies replies, int[] chosen, Progress progress) {
        return model.encodeReplies(IntStream.of(chosen).mapToObj(replies::text).toList(), progress);
    }

    /** Computes for each chosen row the mean of the vectors of its reply's contexts. */
    private float[][] ofContexts(IndexedReplies replies, int[] chosen, Progress progress) {
        List<int[]> tokens = new ArrayList<>();
        int[] rowOf = new int[chosen.length * IndexedReplies.CONTEXTS];
        for (int i = 0; i < chosen.length; i++) {
            for (Context context : replies.contexts(chosen[i])) {
                rowOf[tokens.size()] = i;
                tokens.add(model.inputs().context(context));
            }
        }
        float[][] encoded = model.encodeContexts(tokens, progress);
        float[][] sums = new float[chosen.length][model.dim()];
        for (int c = 0; c < encoded.length; c++) {
            float share = 1f / replies.contexts(chosen[rowOf[c]]).size();
            for (int j = 0; j < model.dim(); j++) sums[rowOf[c]][j] += share * encoded[c][j];
        }
        return sums;
    }

    private static float[][] mean(float[][] a, float[][] b) {
        float[][] mean = new float[a.length][a[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) mean[i][j] = (a[i][j] + b[i][j]) / 2;
        }
        return mean;
    }
}
