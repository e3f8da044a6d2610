package io.retort.jobs;

import io.retort.ingest.ReadingSettings;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.simd.RowFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which replies go into a response index, and how.
 *
 * @param data     files of replies: at least one
 * @param reading  how files of dialogues are read
 * @param key      what contexts are compared with
 * @param history  turns of a context, where contexts are keys
 * @param minWords fewest words of a dialogue's reply
 * @param metric   of the scores
 * @param rows     how vectors are stored
 * @param ann      whether the graph for approximate search is made, too
 * @param force    whether a file that holds anything else is replaced
 */
public record IndexSettings(
        @Setting(
                value = "Replies: dialogues in any form that is known, distilled data, or lines {\"text\": reply, \"metadata\": {...}} (JSONL, "
                        + "also gzipped), or replies one a line (a name that ends in .txt). Metadata come back with the reply.",
                label = "FILE") List<Path> data,
        ReadingSettings reading,
        @Setting(value = "What contexts are compared with: reply (the paper's), context (what the reply answered), "
                + "both.", label = "KIND",
                defaultText = "both, where all replies come with contexts and the model can, "
                        + "else reply; or that of the index that is appended to") Optional<KeyedBy> key,
        @Setting(value = "Turns of a context, where contexts are keys.", label = "N") int history,
        @Setting(value = "Of dialogues, leave out replies of fewer words.", label = "N") int minWords,
        @Setting(value = "inner-product or cosine. Models with cosine similarity make vectors of length 1: both are "
                + "the same then.", label = "NAME",
                defaultText = "inner-product, or that of the index that is appended to") Optional<Metric> metric,
        @Setting(
                value = "How vectors are stored: f32; f16, half as large; int8, a quarter. Searches find the best of "
                        + "what is stored, exactly.",
                label = "FORM",
                defaultText = "f32, or that of the index that is appended to") Optional<StoredRows> rows,
        @Setting(value = "Make the graph of neighbours, too, that approximate search (ann) walks: beside the index, in "
                + "FILE.hnsw. It takes minutes for a million replies; fewer than 10,000 need none.",
                decides = false) boolean ann,
        @Setting(value = "Replace the file where it holds something else: an index of other settings, data or model, "
                + "an unfinished one, or none.", decides = false) boolean force) {
    /** How the vectors of an index are stored. */
    public enum StoredRows {
        /** 32 bits a number. */
        F32,
        /** 16 bits a number. */
        F16,
        /** 8 bits a number, and a scale a vector. */
        INT8
    }

    public IndexSettings {
        data = List.copyOf(data);
        InvalidSetting.unless(history >= 1, "history", history, "use 1 or more");
        InvalidSetting.unless(minWords >= 0, "minWords", minWords, "use 0 or more");
    }

    /**
     * The usual index: replies and the contexts that they answered as keys, or replies alone where there are no
     * contexts, scored by inner product; the data are still to be named.
     */
    public static IndexSettings defaults() {
        return new IndexSettings(List.of(), ReadingSettings.defaults(), Optional.empty(), 4, 1, Optional.empty(),
                Optional.empty(), false, false);
    }

    /** A copy of these settings that takes replies out of other files. */
    public IndexSettings withData(List<Path> data) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings with other keys. */
    public IndexSettings withKey(KeyedBy key) {
        return new IndexSettings(data, reading, Optional.of(key), history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings with another number of turns in contexts. */
    public IndexSettings withHistory(int history) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings that leaves out replies of dialogues with fewer words. */
    public IndexSettings withMinWords(int minWords) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings with another metric. */
    public IndexSettings withMetric(Metric metric) {
        return new IndexSettings(data, reading, key, history, minWords, Optional.of(metric), rows, ann, force);
    }

    /** A copy of these settings that stores vectors in another form. */
    public IndexSettings withRows(StoredRows rows) {
        return new IndexSettings(data, reading, key, history, minWords, metric, Optional.of(rows), ann, force);
    }

    /** A copy of these settings that makes the graph for approximate search, too, or does not. */
    public IndexSettings withAnn(boolean ann) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings that reads files otherwise. */
    public IndexSettings withReading(ReadingSettings reading) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    /** A copy of these settings that replaces a file which holds something else, or refuses to. */
    public IndexSettings withForce(boolean force) {
        return new IndexSettings(data, reading, key, history, minWords, metric, rows, ann, force);
    }

    Optional<RowFormat> rowFormat() {
        return rows.map(some -> switch (some) {
            case F32 -> RowFormat.F32;
            case F16 -> RowFormat.F16;
            case INT8 -> RowFormat.INT8;
        });
    }
}
