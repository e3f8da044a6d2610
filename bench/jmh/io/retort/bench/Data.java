package io.retort.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.search.IndexSpec;
import io.retort.search.IndexWriter;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.simd.Matrix;
import io.retort.simd.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.SplittableRandom;

/** Random vectors and matrices; rows in a mapped file as an index has them. */
final class Data {
    private Data() {
    }

    static Rows rows(Arena arena, int count, int dims) throws IOException {
        Path file = Files.createTempFile("retort-bench", ".rows");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
            MemorySegment data = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4L * dims * count, arena);
            SplittableRandom random = new SplittableRandom(1);
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(vector(random, dims), 0, data, ValueLayout.JAVA_FLOAT, 4L * dims * r, dims);
            }
            return new Rows(data, count, dims);
        }
    }

    static Matrix matrix(Arena arena, int rows, int columns) {
        MemorySegment memory = arena.allocate(4L * rows * columns, 64);
        float[] values = vector(new SplittableRandom(3), rows * columns);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return Matrix.of(memory, rows, columns);
    }

    static void writeIndex(Path file, int count, int dims) throws IOException {
        IndexSpec spec = new IndexSpec(new ModelFingerprint("0".repeat(64)), Metric.INNER_PRODUCT, dims,
                JsonNodeFactory.instance.objectNode());
        SplittableRandom random = new SplittableRandom(1);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec, Collections.nCopies(count, "reply"))) {
            while (writer.nextRow() < count) writer.append(new float[][]{vector(random, dims)});
            writer.finish();
        }
    }

    static float[][] queries(int count, int dims) {
        SplittableRandom random = new SplittableRandom(2);
        float[][] queries = new float[count][];
        for (int q = 0; q < count; q++) queries[q] = vector(random, dims);
        return queries;
    }

    static float[] vector(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) vector[i] = (float) (random.nextDouble() - .5);
        return vector;
    }
}
