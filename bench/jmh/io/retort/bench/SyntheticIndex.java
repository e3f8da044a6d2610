package io.retort.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.search.IndexSpec;
import io.retort.search.IndexWriter;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.search.SyntheticVectors;
import io.retort.search.SyntheticVectors.Spread;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Writes a response index of made-up rows, and 256 queries for it, so that searches can be compared where there are no
 * data. Arguments: isotropic or clustered, rows, dims, index, queries (safetensors, {@code vectors [256, dims]}).
 */
public final class SyntheticIndex {
    private static final int QUERIES = 256;
    private static final long SEED = 1;

    private SyntheticIndex() {
    }

    /**
     * @param arguments spread, rows, dims, index, queries
     */
    public static void main(String[] arguments) throws IOException {
        Spread spread = Spread.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        int count = Integer.parseInt(arguments[1]), dims = Integer.parseInt(arguments[2]);
        SyntheticVectors vectors = new SyntheticVectors(spread, dims, SEED);
        IndexSpec spec = new IndexSpec(new ModelFingerprint("0".repeat(64)), Metric.INNER_PRODUCT, dims,
                JsonNodeFactory.instance.objectNode().put("model", "synthetic"));
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(Runtime.getRuntime().availableProcessors());
                IndexWriter writer = IndexWriter.resumeOrCreate(Path.of(arguments[3]), spec,
                        Collections.nCopies(count, "reply"))) {
            Rows rows = vectors.rows(count, arena, pool);
            while (writer.nextRow() < count) writer.append(new float[][]{row(rows, writer.nextRow())});
            writer.finish();
        }
        float[] flat = new float[QUERIES * dims];
        float[][] queries = vectors.queries(QUERIES);
        for (int q = 0; q < QUERIES; q++) System.arraycopy(queries[q], 0, flat, q * dims, dims);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("vectors", Tensor.of(flat, QUERIES, dims));
        SafetensorsWriter.write(Path.of(arguments[4]), tensors, Map.of());
    }

    private static float[] row(Rows rows, int number) {
        float[] row = new float[rows.dims()];
        MemorySegment.copy(rows.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, rows.offset(number), row, 0, row.length);
        return row;
    }
}
