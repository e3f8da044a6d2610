package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexWriterTest {
    private static final int ROWS = 100;
    private static final int DIMS = 5;
    private static final List<String> REPLIES = new ArrayList<>();
    private static final float[][] VECTORS = ResponseSearchContract.vectors(new SplittableRandom(8), ROWS, DIMS);
    private static final IndexSpec SPEC = ResponseIndexTest.spec(Metric.INNER_PRODUCT, DIMS);

    static {
        for (int r = 0; r < ROWS; r++) REPLIES.add("reply " + r);
    }

    @TempDir
    Path folder;

    @Test
    void aKilledWriterResumesAtItsLastSafeRowAndEndsWithTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        ResponseIndexTest.write(whole, SPEC, REPLIES, VECTORS);
        Path target = killedAt(30, 45);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, SPEC, REPLIES)) {
            assertEquals(30, writer.nextRow());
            writer.append(Arrays.copyOfRange(VECTORS, 30, ROWS));
            writer.finish();
        }
        assertEquals(ByteBuffer.wrap(Files.readAllBytes(whole)), ByteBuffer.wrap(Files.readAllBytes(target)));
        assertFalse(Files.exists(target.resolveSibling("killed.building.progress")));
    }

    @Test
    void aProcessThatIsReallyKilledResumes() throws Exception {
        Path target = folder.resolve("index");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Endless.class.getName(), target.toString())
                .redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.equals("safe")) line = lines.readLine();
            assertEquals("safe", line);
        } finally {
            process.destroyForcibly().waitFor();
        }
        ResponseIndexTest.write(folder.resolve("whole"), SPEC, REPLIES, VECTORS);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, SPEC, REPLIES)) {
            assertEquals(10, writer.nextRow());
            writer.append(Arrays.copyOfRange(VECTORS, 10, ROWS));
            writer.finish();
        }
        assertEquals(-1, Files.mismatch(folder.resolve("whole"), target));
    }

    /** What the killed process runs. */
    static final class Endless {
        private Endless() {
        }

        public static void main(String[] args) throws Exception {
            IndexWriter writer = IndexWriter.resumeOrCreate(Path.of(args[0]), SPEC, REPLIES);
            writer.append(Arrays.copyOf(VECTORS, 10));
            writer.checkpoint();
            writer.append(Arrays.copyOfRange(VECTORS, 10, 50));
            System.out.println("safe");
            Thread.sleep(600_000);
        }
    }

    /** What a kill leaves: {@code safe} rows noted, rubbish where the rows up to {@code written} were on their way. */
    private Path killedAt(int safe, int written) throws IOException {
        Path source = folder.resolve("running");
        try (IndexWriter writer = IndexWriter.resumeOrCreate(source, SPEC, REPLIES)) {
            writer.append(Arrays.copyOf(VECTORS, safe));
            writer.checkpoint();
            for (String suffix : List.of(".building", ".building.progress")) {
                Files.copy(folder.resolve("running" + suffix), folder.resolve("killed" + suffix));
            }
        }
        byte[] rubbish = new byte[(written - safe) * DIMS * 4 + 3];
        Arrays.fill(rubbish, (byte) 0x5A);
        Files.write(folder.resolve("killed.building"), rubbish, StandardOpenOption.APPEND);
        return folder.resolve("killed");
    }

    @Test
    void aClosedWriterLosesNothing() throws IOException {
        Path target = folder.resolve("index");
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, SPEC, REPLIES)) {
            writer.append(Arrays.copyOf(VECTORS, 17));
        }
        assertFalse(Files.exists(target));
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, SPEC, REPLIES)) {
            assertEquals(17, writer.nextRow());
        }
    }

    @Test
    void otherRepliesOrAnotherSpecBeginAnew() throws IOException {
        List<String> others = new ArrayList<>(REPLIES);
        others.set(99, "reply 9!");
        for (int n = 0; n < 3; n++) {
            killedAt(30, 30);
            IndexSpec spec = n == 0 ? SPEC : ResponseIndexTest.spec(Metric.COSINE, DIMS);
            try (IndexWriter writer = IndexWriter.resumeOrCreate(folder.resolve("killed"), n == 2 ? SPEC : spec,
                    n == 1 ? REPLIES : others)) {
                assertEquals(0, writer.nextRow());
            }
            Files.delete(folder.resolve("killed.building"));
            Files.delete(folder.resolve("killed.building.progress"));
        }
    }

    @Test
    void aDamagedOrImpossibleProgressRecordBeginsAnew() throws IOException {
        Path target = killedAt(30, 30);
        for (String record : List.of("", "{\"rows\":", "{\"rows\":-5}", "{\"rows\":31}", "{\"rows\":101}", "[]")) {
            try (var copy = new Copy(target)) {
                Files.writeString(copy.target.resolveSibling("copy.building.progress"), record);
                try (IndexWriter writer = IndexWriter.resumeOrCreate(copy.target, SPEC, REPLIES)) {
                    assertEquals(0, writer.nextRow(), record);
                }
            }
        }
    }

    /** A copy of an unfinished index, its file cut to the safe rows. */
    private record Copy(Path target) implements AutoCloseable {
        Copy(Path target) {
            this.target = target.resolveSibling("copy");
            try {
                byte[] bytes = Files.readAllBytes(target.resolveSibling("killed.building"));
                Files.write(target.resolveSibling("copy.building"), Arrays.copyOf(bytes, bytes.length - 3));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            Files.delete(target.resolveSibling("copy.building"));
        }
    }

    @Test
    void vectorsUnfitForSearchAreRefusedByNameOfTheirReply() throws IOException {
        float[][] unfit = {{0, Float.NaN, 0, 0, 0}, {0, 0, Float.NEGATIVE_INFINITY, 0, 0}, {2e18f, 0, 0, 0, 0},
            {0, 0, 0, 0, 0}};
        IndexSpec cosine = ResponseIndexTest.spec(Metric.COSINE, DIMS);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(folder.resolve("index"), cosine, REPLIES)) {
            writer.append(Arrays.copyOf(VECTORS, 2));
            for (float[] vector : unfit) {
                BadInput refusal = assertThrows(BadInput.class, () -> writer.append(new float[][]{vector}));
                assertTrue(refusal.getMessage().contains("reply 2 (\"reply 2\")"), refusal.getMessage());
            }
            writer.append(Arrays.copyOfRange(VECTORS, 2, ROWS));
            writer.finish();
        }
        ResponseIndex.open(folder.resolve("index")).close();
    }

    @Test
    void twoWritersOfOneFileAreRefused() throws IOException {
        Path target = folder.resolve("index");
        IndexWriter first = IndexWriter.resumeOrCreate(target, SPEC, REPLIES);
        try (first) {
            assertThrows(BadInput.class, () -> IndexWriter.resumeOrCreate(target, SPEC, REPLIES));
        }
    }

    @Test
    void nothingIsFinishedBeforeItsLastVector() throws IOException {
        Path target = folder.resolve("index");
        try (IndexWriter writer = IndexWriter.resumeOrCreate(target, SPEC, REPLIES)) {
            writer.append(Arrays.copyOf(VECTORS, 99));
            assertThrows(IllegalStateException.class, writer::finish);
            assertThrows(IllegalArgumentException.class, () -> writer.append(Arrays.copyOf(VECTORS, 2)));
        }
        assertFalse(Files.exists(target));
    }

    @Test
    void repliesThatAreNoTextAreRefused() {
        Path target = folder.resolve("index");
        assertThrows(BadInput.class, () -> IndexWriter.resumeOrCreate(target, SPEC, List.of()));
        BadInput refusal = assertThrows(BadInput.class,
                () -> IndexWriter.resumeOrCreate(target, SPEC, List.of("fine", "half \uD83D")));
        assertTrue(refusal.getMessage().contains("reply 1"), refusal.getMessage());
    }
}
