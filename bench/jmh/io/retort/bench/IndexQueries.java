package io.retort.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.gpu.Gpu;
import io.retort.search.Hits;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The Retort side of bench/search-beside-faiss: searches a real index with real queries, one at a time and 64 at once,
 * with each exact {@link SearchMethod} that this machine has, prints times as JSON and writes what it found ({@code ids}, {@code scores}), to be compared with FAISS on the same
 * vectors. Fails unless all methods, and batches, find the same. Arguments: index, queries (safetensors, {@code vectors [n, dim]}), threads, results.
 */
public final class IndexQueries {
    private static final int TOP = 10;
    private static final int RUNS = 100;
    private static final int WARM_UP = 50;
    private static final int BATCH = 64;
    private static final int BATCH_RUNS = 10;
    private static final int BATCH_WARM_UP = 3;

    private IndexQueries() {}

    /**
     * @param arguments index, queries, threads, results
     */
    public static void main(String[] arguments) throws IOException {
        int threads = Integer.parseInt(arguments[2]);
        float[][] queries = queries(Path.of(arguments[1]));
        try (WorkerPool pool = new WorkerPool(threads)) {
            Path file = Path.of(arguments[0]);
            double checked = openMs(file, ResponseIndex.Verification.ALL, pool);
            double unchecked = openMs(file, ResponseIndex.Verification.ENDS, pool);
            try (ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ENDS, pool)) {
                Map<String, Object> facts = new LinkedHashMap<>();
                facts.put("kernels", Kernels.best().name());
                facts.put("threads", threads);
                facts.put("rows", index.count());
                facts.put("dims", index.dims());
                facts.put("open_every_byte_checked_ms", checked);
                facts.put("open_ends_checked_ms", unchecked);
                List<Hits> found = null;
                for (SearchMethod method : SearchMethod.values()) {
                    if (method == SearchMethod.ANN || method == SearchMethod.GPU && Gpu.obstacle().isPresent())
                        continue;
                    long started = System.nanoTime();
                    try (ResponseSearch search = method.over(index, Kernels.best(), pool)) {
                        double prepared = (System.nanoTime() - started) / 1e6;
                        Map<String, Object> of = times(search, queries);
                        of.put("prepared_ms", prepared);
                        facts.put(method.name().toLowerCase(Locale.ROOT), of);
                        List<Hits> hits = Arrays.stream(queries).map(query -> search.search(query, TOP)).toList();
                        requireSame(hits, search.search(queries, TOP, null));
                        if (found != null) requireSame(found, hits);
                        found = hits;
                    }
                }
                write(Path.of(arguments[3]), found);
                System.out.println(new ObjectMapper().writeValueAsString(facts));
            }
        }
    }

    private static Map<String, Object> times(ResponseSearch search, float[][] queries) {
        Map<String, Object> times = new LinkedHashMap<>();
        times.put("one", times(WARM_UP, RUNS, i -> search.search(queries[Math.floorMod(i, queries.length)], TOP)));
        float[][] batch = new float[BATCH][];
        for (int i = 0; i < BATCH; i++) batch[i] = queries[i % queries.length];
        times.put("batch_" + BATCH, times(BATCH_WARM_UP, BATCH_RUNS, _ -> search.search(batch, TOP, null)));
        return times;
    }

    private static void requireSame(List<Hits> expected, List<Hits> found) {
        if (!expected.equals(found)) throw new IllegalStateException("two searches found different hits");
    }

    /** The best of five, the file being in the page cache. */
    private static double openMs(Path file, ResponseIndex.Verification verification, WorkerPool pool)
            throws IOException {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 5; i++) {
            long started = System.nanoTime();
            ResponseIndex.open(file, verification, pool).close();
            best = Math.min(best, (System.nanoTime() - started) / 1e6);
        }
        return best;
    }

    private static float[][] queries(Path file) throws IOException {
        try (TensorFile tensors = TensorFile.open(file)) {
            Tensor all = tensors.read("vectors");
            int dim = all.shape().dim(1);
            float[] flat = all.toFloats();
            float[][] queries = new float[all.shape().dim(0)][];
            for (int i = 0; i < queries.length; i++) queries[i] = Arrays.copyOfRange(flat, i * dim, (i + 1) * dim);
            return queries;
        }
    }

    private static Map<String, Double> times(int warmUp, int runs, java.util.function.IntConsumer task) {
        for (int i = 0; i < warmUp; i++) task.accept(i);
        double[] ms = new double[runs];
        for (int i = 0; i < runs; i++) {
            long started = System.nanoTime();
            task.accept(i);
            ms[i] = (System.nanoTime() - started) / 1e6;
        }
        Arrays.sort(ms);
        Map<String, Double> times = new LinkedHashMap<>();
        times.put("p50_ms", ms[runs / 2]);
        times.put("p99_ms", ms[(int) Math.ceil(0.99 * runs) - 1]);
        times.put("min_ms", ms[0]);
        return times;
    }

    private static void write(Path file, List<Hits> hits) throws IOException {
        long[] ids = new long[hits.size() * TOP];
        float[] scores = new float[hits.size() * TOP];
        for (int q = 0; q < hits.size(); q++) {
            for (int rank = 0; rank < TOP; rank++) {
                ids[q * TOP + rank] = hits.get(q).get(rank).row();
                scores[q * TOP + rank] = hits.get(q).get(rank).score();
            }
        }
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("ids", new Tensor(ElementType.I64, Shape.of(hits.size(), TOP), MemorySegment.ofArray(ids)));
        tensors.put("scores", Tensor.of(scores, hits.size(), TOP));
        SafetensorsWriter.write(file, tensors, Map.of());
    }
}
