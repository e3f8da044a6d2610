package io.retort.cli;

import io.retort.dialogue.Exchanges;
import io.retort.model.ModelFolder;
import io.retort.model.ModelHome;
import io.retort.model.RetrievalModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The index over the dialogues that come with Retort, built once for each model and kept. */
final class DemoIndex {
    private static final String DIALOGUES = "/io/retort/demo/dialogues.jsonl";
    /**
     * An untrained encoder knows likeness, not answers: the situation a reply came from tells it more than the reply.
     */
    private static final KeyedBy KEYED_BY = KeyedBy.BOTH;
    /** Its mean over several turns blurs the last one, which is what wants an answer. */
    private static final int HISTORY = 1;

    /** Raised when the dialogues or the way they are indexed change, so that an older index is not taken. */
    private static final int VERSION = 1;

    private DemoIndex() {}

    /** The index for a model, built if it is not there yet. */
    static Path ready(ModelOption models, ModelFolder folder) throws IOException {
        String fingerprint = folder.fingerprint();
        Path file = ModelHome.root().resolve("demo")
                .resolve(folder.name() + "-" + VERSION + "-" + fingerprint.substring(0, 12) + ".index");
        if (Files.isRegularFile(file)) return file;
        IndexedReplies replies = new IndexedReplies(KEYED_BY);
        Exchanges exchanges = Exchanges.standard().withHistory(HISTORY);
        Path dialogues = Files.createTempFile("retort-demo", ".jsonl");
        try (InputStream in = DemoIndex.class.getResourceAsStream(DIALOGUES)) {
            Files.copy(in, dialogues, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            DataOptions.readRecords(dialogues, exchanges, replies);
        } finally {
            Files.deleteIfExists(dialogues);
        }
        System.err.println("retort: encoding " + replies.size() + " replies, once");
        try (RetrievalModel model = models.load(folder);
                ProgressLine progress = new ProgressLine("encode", "replies")) {
            new IndexBuilder(model, folder.name(), new ModelFingerprint(fingerprint), Metric.INNER_PRODUCT)
                    .build(replies, file, progress);
        }
        return file;
    }
}
