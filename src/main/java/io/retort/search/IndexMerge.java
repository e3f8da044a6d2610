package io.retort.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes one index of several that the same model made: their rows one after the other, replies that come again left
 * out. Nothing is encoded, and vectors keep their bits, so that merging in pieces gives the same file. Interrupted at
 * any moment, it goes on where it was when called again with the same indexes; the target appears, whole, in the end,
 * and may be one of the indexes.
 */
public final class IndexMerge {
    private IndexMerge() {}

    /**
     * What came of merging indexes.
     *
     * @param replies    of the index
     * @param duplicates how often a reply came that was there already, in whatever spelling
     * @param resumedAt  the row from which this call went on: 0 for a new index
     */
    public record Result(int replies, long duplicates, int resumedAt) {
    }

    /**
     * Merges indexes, after every byte of them was checked.
     *
     * @param progress counts replies
     * @throws BadInput if a file is no whole index, is named twice, or differs from the first in its model, metric,
     *                  dims, keys or form of rows
     */
    public static Result merge(List<Path> indexes, Path target, WorkerPool pool, Progress progress)
            throws IOException {
        return merge(indexes, target, pool, progress, () -> {});
    }

    /** What is to be settled before a target is written. */
    @FunctionalInterface
    public interface Check {
        /** Throws what keeps the target from being written. */
        void run() throws IOException;
    }

    /**
     * Merges indexes as {@link #merge(List, Path, WorkerPool, Progress)} does.
     *
     * @param beforeWriting run once the indexes are found to be fit
     */
    public static Result merge(List<Path> indexes, Path target, WorkerPool pool, Progress progress,
            Check beforeWriting) throws IOException {
        if (indexes.size() < 2) throw new IllegalArgumentException("indexes are " + indexes.size() + ", not 2 or more");
        if (Files.isDirectory(target)) throw BadInput.in(target, "is a folder", "name the file to write");
        List<ResponseIndex> open = new ArrayList<>();
        try {
            RowUnion union = new RowUnion();
            for (Path file : indexes) {
                ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool);
                open.add(index);
                requireNew(file, indexes.subList(0, open.size() - 1));
                union.add(index);
            }
            beforeWriting.run();
            return write(union, open, target, progress);
        } finally {
            open.forEach(ResponseIndex::close);
        }
    }

    private static void requireNew(Path file, List<Path> before) throws IOException {
        for (Path each : before) {
            if (Files.isSameFile(each, file)) throw BadInput.in(file, "is named twice", "name each index once");
        }
    }

    private static Result write(RowUnion union, List<ResponseIndex> sources, Path target, Progress progress)
            throws IOException {
        IndexSpec first = sources.getFirst().spec();
        List<ObjectNode> parts = sources.stream().map(index -> index.spec().metadata()).toList();
        // Of a reply that is left out nobody knows who gave it.
        long generated = union.duplicates() == 0 ? IndexMetadata.generated(parts) : -1;
        ObjectNode metadata = IndexMetadata.joined(parts, union.size(), generated);
        ModelPlace.put(ModelPlace.moved(sources.getFirst(), target), metadata);
        IndexSpec spec = new IndexSpec(first.model(), first.metric(), first.dims(), first.rows(), metadata);
        RowContents rows = new RowContents(RowContents.computed(union.size(), union::text),
                RowContents.computed(union.size(), union::metadata),
                RowContents.computed(union.size(), union::contexts));
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, spec, rows)) {
            int from = writer.nextRow();
            union.writeVectors(writer, union.size(), progress);
            progress.update(union.size(), union.size());
            // Where the target is one of the sources, some systems do not let a mapped file be replaced.
            sources.forEach(ResponseIndex::close);
            writer.finish();
            return new Result(union.size(), union.duplicates(), from);
        }
    }
}
