package io.retort.reply;

import io.retort.fetch.BundledFiles;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexSpec;
import io.retort.search.IndexWriter;
import io.retort.search.IndexedReplies;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.store.ModelFolder;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The vectors of the bundled replies as they come with Retort, so that nobody has to encode them: 16 bits a number, and
 * a scale a row. The file says whose vectors it holds, and serves no other model and no other replies:
 *
 * <pre>
 * codes   I16 [replies, dim]   vector[r][j] = scales[r] · codes[r][j]
 * scales  F32 [replies]        the greatest number of the row / 32767
 * model   U8 [32]              fingerprint of the model that made them
 * texts   U8 [32]              SHA-256 of the file of the replies
 * </pre>
 */
final class BundledVectors implements AutoCloseable {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int DIGEST_BYTES = 32;
    private static final int CHUNK = 1024;

    private final Path replies;
    private final TensorFile file;

    private BundledVectors(Path replies, TensorFile file) {
        this.replies = replies;
        this.file = file;
    }

    /** Opens the vectors in a folder with replies. */
    static BundledVectors open(Path folder) throws IOException {
        return new BundledVectors(folder.resolve(BundledFiles.RESPONSES),
                TensorFile.open(folder.resolve(BundledFiles.VECTORS)));
    }

    /** Whether there are vectors in the folder, and this model made them of the replies beside them. */
    static boolean serve(ModelFolder model, Path folder) throws IOException {
        if (!Files.isRegularFile(folder.resolve(BundledFiles.VECTORS))) return false;
        try (BundledVectors vectors = open(folder)) {
            return vectors.digest("model").equals(model.fingerprint())
                    && vectors.digest("texts").equals(Sha256.of(vectors.replies));
        }
    }

    private String digest(String name) {
        Tensor digest = tensor(name, ElementType.U8, 1);
        if (digest.shape().size() != DIGEST_BYTES) throw damaged(name + " is " + digest);
        return HexFormat.of().formatHex(digest.data().asSlice(0, DIGEST_BYTES).toArray(ValueLayout.JAVA_BYTE));
    }

    private Tensor tensor(String name, ElementType type, int rank) {
        Tensor tensor = file.read(name);
        if (tensor.type() != type || tensor.shape().rank() != rank) throw damaged(name + " is " + tensor);
        return tensor;
    }

    private BadInput damaged(String what) {
        return BadInput.in(file.path(), "does not hold the vectors of the bundled replies: " + what,
                "delete its folder, which is then made anew");
    }

    /** Writes an index of the replies with these vectors. */
    void index(ModelFolder model, Path target, Progress progress) throws IOException {
        IndexedReplies indexed = BundledReplies.read(replies);
        Tensor codes = tensor("codes", ElementType.I16, 2);
        float[] scales = tensor("scales", ElementType.F32, 1).toFloats();
        int rows = codes.shape().dim(0), dims = codes.shape().dim(1);
        if (rows != indexed.size() || rows != scales.length) {
            throw damaged(codes + " with " + scales.length + " scales for " + indexed.size() + " replies");
        }
        IndexSpec spec = IndexBuilder.spec(model.name(), new ModelFingerprint(model.fingerprint()),
                Metric.INNER_PRODUCT, dims, Optional.empty(), indexed);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, spec, indexed)) {
            while (writer.nextRow() < rows) {
                int from = writer.nextRow();
                float[][] chunk = new float[Math.min(CHUNK, rows - from)][dims];
                for (int i = 0; i < chunk.length; i++) unpack(codes, from + i, scales[from + i], chunk[i]);
                writer.append(chunk);
                progress.update(writer.nextRow(), rows);
            }
            writer.finish();
        }
    }

    private static void unpack(Tensor codes, int row, float scale, float[] vector) {
        long at = (long) row * vector.length;
        for (int j = 0; j < vector.length; j++) vector[j] = scale * codes.data().getAtIndex(SHORT, at + j);
    }

    @Override
    public void close() {
        file.close();
    }
}
