package io.retort.cli;

import io.retort.model.BundledFiles;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The index over the replies that come with Retort, built once for each model and kept. */
final class BundledIndex {
    private BundledIndex() {}

    /** The index for a model, kept beside the replies, in a folder that is named by their digest. */
    static Path ready(ModelOption models, ModelFolder folder) throws IOException {
        return ready(models, folder, BundledFiles.own().folder(BundledFiles.STUDENT)
                .resolveSibling("replies-" + folder.fingerprint().substring(0, 12) + ".index"));
    }

    /** The index for a model in a file, built if it is not there yet. */
    static Path ready(ModelOption models, ModelFolder folder, Path file) throws IOException {
        if (Files.isRegularFile(file)) return file;
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        DataOptions.readText(BundledFiles.own().folder(BundledFiles.STUDENT).resolve(BundledFiles.RESPONSES), replies);
        System.err.println("retort: encoding the " + replies.size() + " replies that come with Retort, once");
        try (RetrievalModel model = models.load(folder);
                ProgressLine progress = new ProgressLine("encode", "replies")) {
            new IndexBuilder(model, folder.name(), new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT)
                    .build(replies, file, progress);
        }
        return file;
    }
}
