package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.search.SyntheticVectors.Spread;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract holds for walks through a graph of neighbours, and the graph's file is believed only when it fits. */
class HnswSearchTest extends RowSearchContract {
    private static final int ROWS = 3000, DIMS = 16;

    @TempDir
    Path folder;

    HnswSearchTest() {
        super(Kernels.best(), 1);
    }

    @Override
    ResponseSearch searching(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        // Of one or two dims there are a few dozen different rows here, each many times over: a query then finds all or
        // nothing, and the few queries of the contract do not tell the mean that is promised.
        return HnswSearch.over(rows, metric, kernels, pool, rows.dims() > 2 ? 500 : Integer.MAX_VALUE);
    }

    @Override
    int many() {
        return 2000;
    }

    private static float[][] vectors(int count, long seed) {
        try (Arena arena = Arena.ofConfined(); WorkerPool pool = new WorkerPool(1)) {
            Rows rows = new SyntheticVectors(Spread.CLUSTERED, DIMS, seed).rows(count, arena, pool);
            return IntStream.range(0, count).mapToObj(rows::read).toArray(float[][]::new);
        }
    }

    private Path index(String name, RowFormat rows, int count, long seed) throws IOException {
        Path file = folder.resolve(name);
        List<String> texts = IntStream.range(0, count).mapToObj(i -> "reply " + i).toList();
        ResponseIndexTest.write(file, ResponseIndexTest.spec(Metric.INNER_PRODUCT, DIMS).withRows(rows), texts,
                vectors(count, seed));
        return file;
    }

    @Test
    void mostOfTheBestAreFoundWithTheirTrueScoresOnTwoThreads() {
        assertMostAreFound(4000,
                (rows, pool) -> HnswSearch.over(rows, Metric.INNER_PRODUCT, Kernels.best(), pool, 500));
    }

    @Test
    @Tag("slow")
    void mostOfTheBestOfMoreRowsAreFoundWithTheirTrueScoresOnTwoThreads() {
        assertMostAreFound(12_000, (rows, pool) -> HnswSearch.over(rows, Metric.INNER_PRODUCT, Kernels.best(), pool));
    }

    private static void assertMostAreFound(int count, BiFunction<Rows, WorkerPool, HnswSearch> opening) {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            SyntheticVectors made = new SyntheticVectors(Spread.CLUSTERED, DIMS, 1);
            Rows rows = made.rows(count, RowFormat.INT8, arena, pool);
            float[][] queries = made.queries(50);
            ExactSearch exact = new ExactSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool);
            List<Hits> right = exact.search(queries, 10, null);
            try (HnswSearch search = opening.apply(rows, pool)) {
                List<Hits> found = search.search(queries, 10, null);
                int shared = 0;
                for (int q = 0; q < queries.length; q++) {
                    List<Hit> best = right.get(q).best();
                    shared += (int) found.get(q).best().stream().filter(best::contains).count();
                    assertEquals(exact.search(queries[q], count).best().stream()
                            .filter(found.get(q).best()::contains).toList(), found.get(q).best());
                }
                assertTrue(shared >= 450, shared + " of 500");
                assertTrue(((Exactness.Approximate) search.exactness()).recall() > .8);
                BitSet few = new BitSet();
                few.set(7);
                few.set(count - 1);
                assertEquals(exact.search(queries[0], 10, few), search.search(queries[0], 10, few));
            }
        }
    }

    @Test
    void theGraphIsKeptBesideItsIndexAndMadeAnewForAnother() throws IOException {
        Path file = index("a.index", RowFormat.F16, 1200, 1), graph = HnswFile.beside(file);
        float[] query = vectors(1, 9)[0];
        try (WorkerPool pool = new WorkerPool(1)) {
            Hits first = found(file, query, pool);
            byte[] written = Files.readAllBytes(graph);
            Files.setLastModifiedTime(graph, java.nio.file.attribute.FileTime.fromMillis(1000));
            assertEquals(first, found(file, query, pool));
            assertEquals(1000, Files.getLastModifiedTime(graph).toMillis(), "it was made again");
            index("a.index", RowFormat.F16, 1200, 2);
            found(file, query, pool);
            assertFalse(java.util.Arrays.equals(written, Files.readAllBytes(graph)));
            index("a.index", RowFormat.F16, 1200, 1);
            Files.write(graph, new byte[]{1, 2, 3});
            assertEquals(first, found(file, query, pool));
            assertArrayEquals(written, Files.readAllBytes(graph), "one thread makes the same graph");
        }
    }

    private static Hits found(Path file, float[] query, WorkerPool pool) throws IOException {
        try (ResponseIndex index = ResponseIndex.open(file);
                HnswSearch search = HnswSearch.over(index, Kernels.best(), pool, 500)) {
            assertFalse(search.exactness().isExact());
            return search.search(query, 10);
        }
    }

    @Test
    void alteredAndLyingGraphsAreRefusedWithoutHarm() throws IOException {
        Path file = index("a.index", RowFormat.F32, ROWS, 1), graph = HnswFile.beside(file);
        float[] query = vectors(1, 9)[0];
        try (WorkerPool pool = new WorkerPool(1); ResponseIndex index = ResponseIndex.open(file)) {
            found(file, query, pool);
            byte[] good = Files.readAllBytes(graph);
            for (int at = 0; at < good.length; at += at < 100 ? 1 : 4999) {
                byte[] bad = good.clone();
                bad[at] ^= 0x20;
                assertRefused(graph, bad);
            }
            for (int length = 0; length < good.length; length += 40_003) {
                assertRefused(graph, java.util.Arrays.copyOf(good, length));
            }
            // Neighbours that are no rows, offsets that run backwards, with a right checksum: found out on the way.
            int offsets = 64 + 16, neighbours = offsets + 8 * (ROWS + 1) + 4 * ROWS;
            for (int lie = 0; lie < 2; lie++) {
                byte[] bad = good.clone();
                ByteBuffer out = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < ROWS; i++) {
                    if (lie == 0) out.putInt(neighbours + 4 * i, i % 2 == 0 ? Integer.MAX_VALUE - 1 : -5);
                    else out.putLong(offsets + 8 * i, Long.MAX_VALUE - i);
                }
                CRC32C crc = new CRC32C();
                crc.update(bad, 0, bad.length - 4);
                out.putInt(bad.length - 4, (int) crc.getValue());
                Files.write(graph, bad);
                try (HnswSearch search = HnswSearch.over(index, Kernels.best(), pool, 500)) {
                    assertThrows(BadInput.class, () -> {
                        for (float[] each : vectors(300, 5)) search.search(each, 10);
                    });
                }
            }
        }
    }

    private static void assertRefused(Path graph, byte[] bytes) throws IOException {
        Files.write(graph, bytes);
        try (Arena arena = Arena.ofShared()) {
            assertThrows(BadInput.class, () -> HnswFile.open(graph, arena));
        }
    }
}
