package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vectors that come with Retort are the bundled student's own of the bundled replies, to 16 bits. */
class BundledVectorsTest {
    /** Half a step of 16 bits of the largest number of a vector of length 1, and what kernels may differ by. */
    private static final double CLOSE = 1.0 / 65534 + 2e-6;

    @TempDir
    Path folder;

    private static ModelFolder student() throws IOException {
        return ModelFolder.open(BundledFiles.own().folder(BundledFiles.STUDENT));
    }

    @Test
    void theyAreWhatTheStudentMakesOfTheReplies() throws IOException {
        assertEqualEach(400);
    }

    @Test
    @Tag("slow")
    void soAreMoreOfThem() throws IOException {
        assertEqualEach(50);
    }

    private void assertEqualEach(int step) throws IOException {
        ModelFolder student = student();
        assertTrue(BundledReplies.comeWithVectors(student));
        try (ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults());
                RetrievalModel model = student.load(runtime.engine())) {
            Path file = BundledReplies.index(runtime, student, folder.resolve("bundled.index"), Progress.NONE);
            try (ResponseIndex index = ResponseIndex.open(file)) {
                Map<String, List<Context>> written = new LinkedHashMap<>();
                for (Distilled line : DistilledFile.FORMAT.readAll(student.path().resolve(BundledFiles.RESPONSES))) {
                    String reply = line.candidates().getFirst().text();
                    written.computeIfAbsent(reply, _ -> new ArrayList<>()).add(line.context());
                }
                List<String> replies = List.copyOf(written.keySet());
                assertEquals(replies.size(), index.count());
                for (int row = 0; row < index.count(); row += step) {
                    String reply = replies.get(row);
                    assertEquals(reply, index.reply(row));
                    float[] ofReply = model.encodeReplies(List.of(reply), Progress.NONE)[0];
                    float[] ofContexts = new float[model.dim()];
                    for (Context context : written.get(reply)) {
                        float[] one = model.encodeContexts(List.of(model.inputs().context(context)), Progress.NONE)[0];
                        for (int j = 0; j < one.length; j++) ofContexts[j] += one[j] / written.get(reply).size();
                    }
                    long at = index.vectors().offset(row);
                    for (int j = 0; j < model.dim(); j++) {
                        float kept = index.vectors().data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * j);
                        assertEquals((ofReply[j] + ofContexts[j]) / 2, kept, CLOSE, reply);
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
