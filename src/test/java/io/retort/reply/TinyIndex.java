package io.retort.reply;

import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Indexes of replies made of the tiny models' words. */
public final class TinyIndex {
    private TinyIndex() {}

    /** Different replies of one to three words. */
    public static List<String> replies(int count) {
        List<String> words = TinyModel.WORDS;
        List<String> replies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String reply = words.get(i % words.size());
            if (i >= words.size()) reply += " " + words.get(i / words.size() * 7 % words.size());
            if (i >= words.size() * words.size()) throw new IllegalArgumentException(count + " replies");
            replies.add(reply);
        }
        return replies;
    }

    /** An index of these replies, in this order. */
    public static Path write(Path target, ModelFolder folder, RetrievalModel model, List<String> replies)
            throws IOException {
        IndexedReplies indexed = new IndexedReplies(KeyedBy.REPLY);
        replies.forEach(indexed::add);
        if (indexed.size() != replies.size()) throw new IllegalArgumentException("replies that are the same");
        new IndexBuilder(model, folder.name(), new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT)
                .build(indexed, target, Progress.NONE);
        return target;
    }
}
