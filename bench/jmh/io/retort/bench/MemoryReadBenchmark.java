package io.retort.bench;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.retort.search.ResponseIndex;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Sums all floats of the rows: the least time in which one thread can have seen them, the bound of a single query's
 * search.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class MemoryReadBenchmark {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int DIMS = 384;

    @Param("500000")
    public int rows;

    private Path file;
    private ResponseIndex index;

    @Setup
    public void prepare() throws IOException {
        file = Files.createTempFile("retort-bench", ".index");
        Data.writeIndex(file, rows, DIMS);
        index = ResponseIndex.open(file);
    }

    @TearDown
    public void close() throws IOException {
        index.close();
        Files.delete(file);
    }

    @Benchmark
    public float read(Work work) {
        work.count(rows, DIMS, 0);
        MemorySegment x = index.vectors().data();
        FloatVector a = FloatVector.zero(S), b = a, c = a, d = a;
        long step = S.vectorByteSize();
        for (long i = 0; i < x.byteSize(); i += 4 * step) {
            a = a.add(FloatVector.fromMemorySegment(S, x, i, LITTLE_ENDIAN));
            b = b.add(FloatVector.fromMemorySegment(S, x, i + step, LITTLE_ENDIAN));
            c = c.add(FloatVector.fromMemorySegment(S, x, i + 2 * step, LITTLE_ENDIAN));
            d = d.add(FloatVector.fromMemorySegment(S, x, i + 3 * step, LITTLE_ENDIAN));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
