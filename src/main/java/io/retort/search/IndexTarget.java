package io.retort.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A file that an index is to be written to, compared with what would be written: nothing that differs is replaced
 * without a word, and what is there already is not made again.
 */
public final class IndexTarget {
    private final Path file;
    private final IndexSpec spec;
    private final IndexedReplies replies;

    /**
     * Looks at a file before it is written; nothing is read yet.
     *
     * @param spec    of the index that is to be written
     * @param replies that it is to hold
     */
    public IndexTarget(Path file, IndexSpec spec, IndexedReplies replies) {
        this.file = file;
        this.spec = spec;
        this.replies = replies;
    }

    /**
     * What would be lost if the index were written, as the end of a sentence about the file; empty if nothing would,
     * since there is nothing, this very index, or its beginning.
     */
    public Optional<String> other(WorkerPool pool) throws IOException {
        if (!Files.exists(file))
            return isOtherBegun() ? Optional.of("is begun, as an index of something else") : none();
        try (ResponseIndex there = ResponseIndex.open(file, ResponseIndex.Verification.ALL, pool)) {
            return difference(there);
        } catch (BadInput e) {
            return Optional.of("is there already, and is no whole response index");
        }
    }

    private static Optional<String> none() {
        return Optional.empty();
    }

    /** Whether the file is there, and so holds this very index if nothing {@linkplain #other else} is in it. */
    public boolean isThere() {
        return Files.exists(file);
    }

    /** Whether vectors of an index with other rows or settings wait to be gone on with. */
    private boolean isOtherBegun() throws IOException {
        ObjectNode placeless = spec.metadata();
        ModelPlace.put(Optional.empty(), placeless);
        IndexSpec former = new IndexSpec(spec.model(), spec.metric(), spec.dims(), spec.rows(), placeless);
        return IndexWriter.holdsVectors(file) && !IndexWriter.isBegun(file, spec, replies.contents())
                && !IndexWriter.isBegun(file, former, replies.contents());
    }

    private Optional<String> difference(ResponseIndex there) {
        IndexSpec its = there.spec();
        String maker = its.metadata().path("model").asText("another model");
        if (!its.model().equals(spec.model())) {
            return Optional.of("is an index that was made with " + maker + " (" + its.model().brief() + "), not with "
                    + spec.metadata().path("model").asText() + " (" + spec.model().brief() + ")");
        }
        if (its.metric() != spec.metric()) {
            return Optional.of("is an index whose metric is " + name(its.metric()) + ", not " + name(spec.metric()));
        }
        if (its.rows() != spec.rows()) {
            return Optional.of("is an index whose rows are " + name(its.rows()) + ", not " + name(spec.rows()));
        }
        KeyedBy key = IndexMetadata.keyedBy(there);
        if (key != replies.keyedBy()) {
            return Optional.of("is an index keyed by " + key.label() + ", not by " + replies.keyedBy().label());
        }
        if (key != KeyedBy.REPLY && !there.hasContexts()) {
            return Optional.of("is an index of an older Retort, without the contexts of its replies");
        }
        if (!sameRows(there)) return Optional.of("is an index of other data, with " + there.count() + " replies");
        return metadata(its).toString().equals(metadata(spec).toString()) // numbers that were read are of other types
                ? Optional.empty()
                : Optional.of("is an index whose replies answered other contexts");
    }

    private static String name(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private boolean sameRows(ResponseIndex there) {
        if (there.count() != replies.size()) return false;
        for (int row = 0; row < there.count(); row++) {
            if (!there.reply(row).equals(replies.text(row))) return false;
            if (!Arrays.equals(there.metadataBytes(row), replies.metadata(row))) return false;
        }
        return true;
    }

    private static ObjectNode metadata(IndexSpec spec) {
        ObjectNode metadata = spec.metadata();
        ModelPlace.put(Optional.empty(), metadata);
        return metadata.without("model"); // a folder that was renamed holds the same model
    }
}
