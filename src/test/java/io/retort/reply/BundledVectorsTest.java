package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.fetch.BundledFiles;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.ResponseIndex;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vectors that come with Retort are the bundled student's own of the bundled replies, to 16 bits. */
class BundledVectorsTest {
    /** Half a step of 16 bits of the largest number of a vector of length 1, and what kernels may differ by. */
    private static final double CLOSE = 1.0 / 65534 + 2e-6;
    private static final int EVERY = 150;

    @TempDir
    Path folder;

    private static ModelFolder student() throws IOException {
        return ModelFolder.open(BundledFiles.own().folder(BundledFiles.STUDENT));
    }

    @Test
    void theyAreWhatTheStudentMakesOfTheReplies() throws IOException {
        ModelFolder student = student();
        assertTrue(BundledReplies.comeWithVectors(student));
        try (ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults());
                RetrievalModel model = student.load(runtime.engine())) {
            Path file = BundledReplies.index(runtime, student, folder.resolve("bundled.index"), Progress.NONE);
            try (ResponseIndex index = ResponseIndex.open(file)) {
                List<Distilled> written = DistilledFile.FORMAT.readAll(student.path().resolve(BundledFiles.RESPONSES));
                assertEquals(written.size(), index.count(), "each reply stands once in the file");
                for (int row = 0; row < index.count(); row += EVERY) {
                    Distilled line = written.get(row);
                    String reply = line.candidates().getFirst().text();
                    assertEquals(reply, index.reply(row));
                    float[] ofReply = model.encodeReplies(List.of(reply), Progress.NONE)[0];
                    float[] ofContext = model.encodeContexts(List.of(model.inputs().context(line.context())),
                            Progress.NONE)[0];
                    long at = index.vectors().offset(row);
                    for (int j = 0; j < model.dim(); j++) {
                        float kept = index.vectors().data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * j);
                        assertEquals((ofReply[j] + ofContext[j]) / 2, kept, CLOSE, reply);
                    }
                }
            }
        }
    }

    @Test
    void theyServeNoOtherReplies() throws IOException {
        Path own = student().path();
        for (String file : List.of(BundledFiles.VECTORS, BundledFiles.RESPONSES)) {
            Files.copy(own.resolve(file), folder.resolve(file));
        }
        assertTrue(BundledVectors.serve(student(), folder));
        Files.write(folder.resolve(BundledFiles.RESPONSES), new byte[]{1});
        assertFalse(BundledVectors.serve(student(), folder));
    }

    @Test
    void aFileThatIsCutIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(student().path().resolve(BundledFiles.VECTORS));
        Files.write(folder.resolve(BundledFiles.VECTORS), Arrays.copyOf(whole, whole.length / 2));
        assertThrows(BadInput.class, () -> BundledVectors.serve(student(), folder));
    }
}
