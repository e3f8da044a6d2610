package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indexes whose rows are f16 or int8: written, opened, damaged, appended to and merged as those of f32 are. */
class StoredFormsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/search/golden");
    private static final int DIMS = 7;

    @TempDir
    Path folder;

    private static IndexSpec spec(RowFormat rows) {
        return ResponseIndexTest.spec(Metric.COSINE, DIMS).withRows(rows);
    }

    private static List<String> texts(String word, int count) {
        return IntStream.range(0, count).mapToObj(i -> word + " " + i).toList();
    }

    private static float[][] vectors(long seed, int count) {
        return ResponseSearchContract.vectors(new SplittableRandom(seed), count, DIMS);
    }

    private Path write(String name, RowFormat rows, String word, int count, long seed) throws IOException {
        Path file = folder.resolve(name);
        ResponseIndexTest.write(file, spec(rows), texts(word, count), vectors(seed, count));
        return file;
    }

    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void whatIsOpenedIsWhatTheFormStores(RowFormat rows) throws IOException {
        Path file = write("a.index", rows, "a", 40, 1);
        try (ResponseIndex index = ResponseIndex.open(file); WorkerPool pool = new WorkerPool(1)) {
            assertEquals(rows, index.format());
            assertEquals(rows, index.spec().rows());
            float[][] written = vectors(1, 40);
            for (int r = 0; r < 40; r++) {
                assertArrayEquals(rows.stored(VectorCheck.prepared(written[r], Metric.COSINE)),
                        index.vectors().read(r));
            }
            Hits exact = new ExactSearch(index, Kernels.best(), pool).search(written[3], 5);
            assertEquals(3, exact.get(0).row());
            try (ScreenedSearch screened = new ScreenedSearch(index, Kernels.best(), pool)) {
                assertEquals(exact, screened.search(written[3], 5));
            }
            if (rows != RowFormat.F32) {
                String refusal = assertThrows(BadInput.class,
                        () -> SearchMethod.GPU.over(index, Kernels.best(), pool)).getMessage();
                assertTrue(refusal.contains(rows.name().toLowerCase(Locale.ROOT)), refusal);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void anInterruptedBuildGoesOnOnlyInTheSameForm(RowFormat rows) throws IOException {
        Path whole = write("whole.index", rows, "a", 30, 1), file = folder.resolve("a.index");
        float[][] all = vectors(1, 30);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec(rows), texts("a", 30))) {
            writer.append(Arrays.copyOf(all, 11));
        }
        for (RowFormat other : RowFormat.values()) {
            assertEquals(other == rows, IndexWriter.isBegun(file, spec(other), RowContents.of(texts("a", 30))));
        }
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec(rows), texts("a", 30))) {
            assertEquals(11, writer.nextRow());
            writer.append(Arrays.copyOfRange(all, 11, 30));
            writer.finish();
        }
        assertEquals(-1, Files.mismatch(whole, file));
    }

    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void damageAndLiesAreRefused(RowFormat rows) throws IOException {
        Path file = write("a.index", rows, "a", 12, 1);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += at < 200 ? 1 : 11) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(file, bad);
            int place = at;
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close(), () -> "byte " + place);
        }
        for (int length = 0; length < good.length; length += 29) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close());
        }
        // Another form, or one of the future, with a right checksum: rows would be of other lengths.
        for (int code : new int[]{0, 1, 2, 3, -1}) {
            byte[] bad = good.clone();
            ByteBuffer header = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
            if (header.getInt(12) == code) continue;
            header.putInt(12, code);
            CRC32C crc = new CRC32C();
            crc.update(bad, 0, 188);
            header.putInt(188, (int) crc.getValue());
            Files.write(file, bad);
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close(), "code " + code);
        }
    }

    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void aMergeKeepsTheBytesOfRows(RowFormat rows) throws IOException {
        Path a = write("a", rows, "a", 1500, 1), b = write("b", rows, "b", 20, 2), target = folder.resolve("both");
        try (WorkerPool pool = new WorkerPool(1)) {
            IndexMerge.merge(List.of(a, b), target, pool, Progress.NONE);
        }
        try (ResponseIndex first = ResponseIndex.open(a);
                ResponseIndex second = ResponseIndex.open(b);
                ResponseIndex both = ResponseIndex.open(target)) {
            assertEquals(rows, both.format());
            Rows all = both.vectors();
            long cut = all.offset(1500);
            assertEquals(-1, first.vectors().data().mismatch(all.data().asSlice(0, cut)));
            assertEquals(-1, second.vectors().data().mismatch(all.data().asSlice(cut)));
        }
    }

    @Test
    void formsAreNotMixed() throws IOException {
        for (RowFormat rows : List.of(RowFormat.F16, RowFormat.INT8)) {
            Path a = write("a", RowFormat.F32, "a", 3, 1), b = write("b", rows, "b", 3, 2);
            Path target = folder.resolve("both");
            try (WorkerPool pool = new WorkerPool(1)) {
                String message = assertThrows(BadInput.class,
                        () -> IndexMerge.merge(List.of(a, b), target, pool, Progress.NONE)).getMessage();
                String name = rows.name().toLowerCase(Locale.ROOT);
                assertTrue(message.startsWith(b.toString()) && message.contains(name + ", not f32"), message);
            }
            assertFalse(Files.exists(target));
        }
    }

    @Test
    void whatAFormDoesNotHoldIsRefusedWithItsReply() throws IOException {
        Path file = folder.resolve("a.index");
        IndexSpec spec = ResponseIndexTest.spec(Metric.INNER_PRODUCT, 2).withRows(RowFormat.F16);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec, List.of("small", "large"))) {
            String message = assertThrows(BadInput.class,
                    () -> writer.append(new float[][]{{1, 2}, {1, 1e6f}})).getMessage();
            assertTrue(message.contains("large") && message.contains("1000000.0"), message);
            assertEquals(1, writer.nextRow());
        }
    }

    @Test
    void repliesAddedInMemoryScoreAsTheyWillInTheFile() {
        float[][] some = vectors(5, 4);
        Rows added = new GrowingRows(DIMS, Metric.COSINE, RowFormat.INT8).add(some);
        for (int r = 0; r < 4; r++) {
            assertArrayEquals(RowFormat.INT8.stored(VectorCheck.prepared(some[r], Metric.COSINE)), added.read(r));
        }
    }

    /** The files were written by the version that brought their form, and are never made anew (bench/golden). */
    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void goldenFilesOpenAndAreWrittenAgainTheSame(RowFormat rows) throws IOException {
        Path golden = GOLDEN.resolve(rows.name().toLowerCase(Locale.ROOT) + ".index");
        try (ResponseIndex index = ResponseIndex.open(golden)) {
            assertEquals(rows, index.format());
            assertEquals(Metric.COSINE, index.metric());
            assertEquals("golden 2", index.reply(2));
            assertTrue(index.hasReplyMetadata());
            assertEquals(Optional.of("seven"), index.metadata(7).map(its -> its.get("is")));
            assertEquals(Optional.empty(), index.metadata(2));
            // Vector r is e_0 + r / 4 e_1, scaled to length 1.
            float length = (float) Math.sqrt(1 + 4), tolerance = rows == RowFormat.INT8 ? 4e-3f : 3e-4f;
            assertEquals(1 / length, index.vectors().read(8)[0], tolerance);
            assertEquals(2 / length, index.vectors().read(8)[1], tolerance);
        }
        Path again = folder.resolve("again.index");
        writeGolden(again, rows);
        assertEquals(-1, Files.mismatch(golden, again));
    }

    private static void writeGolden(Path file, RowFormat rows) throws IOException {
        float[][] vectors = new float[9][5];
        for (int r = 0; r < 9; r++) {
            vectors[r][0] = 1;
            vectors[r][1] = r / 4f;
        }
        RowContents contents = new RowContents(texts("golden", 9), RowContents.computed(9,
                r -> r == 7 ? "{\"is\":\"seven\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8) : new byte[0]));
        IndexSpec spec = ResponseIndexTest.spec(Metric.COSINE, 5).withRows(rows);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec, contents)) {
            writer.append(vectors);
            writer.finish();
        }
    }

    /** Writes the golden files into a folder. */
    public static void main(String[] arguments) throws IOException {
        for (RowFormat rows : RowFormat.values()) {
            writeGolden(Path.of(arguments[0]).resolve(rows.name().toLowerCase(Locale.ROOT) + ".index"), rows);
        }
    }
}
