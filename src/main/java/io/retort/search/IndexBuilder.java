package io.retort.search;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.model.RetrievalModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Encodes replies with a model into an index. Interrupted at any moment, it goes on where it was when run again with
 * the same replies. One thread.
 */
public final class IndexBuilder {
    /** Rows between two appends: enough to sort by length, little to lose. */
    private static final int CHUNK = 1024;
    private static final String HISTORY = "history";

    private final RetrievalModel model;
    private final String name;
    private final ModelFingerprint fingerprint;
    private final Metric metric;
    private final int chunk;

    /**
     * @param name the model's, for the index's metadata
     */
    public IndexBuilder(RetrievalModel model, String name, ModelFingerprint fingerprint, Metric metric) {
        this(model, name, fingerprint, metric, CHUNK);
    }

    private IndexBuilder(RetrievalModel model, String name, ModelFingerprint fingerprint, Metric metric, int chunk) {
        this.model = model;
        this.name = name;
        this.fingerprint = fingerprint;
        this.metric = metric;
        this.chunk = chunk;
    }

    /** The same with other pieces, for tests of what happens between them. */
    IndexBuilder inChunksOf(int rows) {
        return new IndexBuilder(model, name, fingerprint, metric, rows);
    }

    /**
     * Turns of the contexts that an index is keyed by, which is how much of a dialogue it should be asked with; 0 for
     * one keyed by replies.
     */
    public static int historyOf(ResponseIndex index) {
        return index.spec().metadata().path(HISTORY).asInt(0);
    }

    /**
     * Builds the index.
     *
     * @param progress counts replies
     * @return the row from which this call went on: 0 for a new index
     */
    public int build(IndexedReplies replies, Path target, Progress progress) throws IOException {
        if (Files.isDirectory(target)) throw BadInput.in(target, "is a folder", "name the file to write");
        if (replies.size() == 0)
            throw BadInput.in(target, "would hold no reply", "give dialogues with at least two turns");
        if (replies.keyedBy() != KeyedBy.REPLY && !model.isSearchable()) {
            throw BadInput.of(
                    "a " + model.config().form().kind().name()
                            + " does not compare a context's vector with those of replies",
                    "use --key reply");
        }
        List<String> texts = replies.texts();
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target,
                new IndexSpec(fingerprint, metric, model.dim(), metadata(replies)), texts)) {
            int from = writer.nextRow();
            while (writer.nextRow() < texts.size()) {
                int row = writer.nextRow();
                progress.update(row, texts.size());
                writer.append(vectors(replies, texts, row, Math.min(chunk, texts.size() - row)));
            }
            progress.update(texts.size(), texts.size());
            writer.finish();
            return from;
        }
    }

    /** Whatever decides the vectors is in it, or an interrupted build would go on with others. */
    private ObjectNode metadata(IndexedReplies replies) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("model", name);
        metadata.put("replies", replies.size()).put("generated", replies.generated());
        metadata.put("keyed_by", replies.keyedBy().name().toLowerCase(Locale.ROOT));
        if (replies.keyedBy() != KeyedBy.REPLY) {
            metadata.put(HISTORY, replies.history()).put("contexts_sha256", replies.contextsSha256());
        }
        return metadata;
    }

    private float[][] vectors(IndexedReplies replies, List<String> texts, int row, int count) {
        return switch (replies.keyedBy()) {
            case REPLY -> model.encodeReplies(texts.subList(row, row + count), Progress.NONE);
            case CONTEXT -> ofContexts(replies, row, count);
            case BOTH -> mean(model.encodeReplies(texts.subList(row, row + count), Progress.NONE),
                    ofContexts(replies, row, count));
        };
    }

    /** For each row the mean of its contexts' vectors. */
    private float[][] ofContexts(IndexedReplies replies, int row, int count) {
        List<int[]> tokens = new ArrayList<>();
        int[] rowOf = new int[count * IndexedReplies.CONTEXTS];
        for (int i = 0; i < count; i++) {
            for (Context context : replies.contexts(row + i)) {
                rowOf[tokens.size()] = i;
                tokens.add(model.inputs().context(context));
            }
        }
        float[][] encoded = model.encodeContexts(tokens, Progress.NONE);
        float[][] sums = new float[count][model.dim()];
        for (int c = 0; c < encoded.length; c++) {
            float share = 1f / replies.contexts(row + rowOf[c]).size();
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
