package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What this machine can do at most, measured in about a second: the two bounds of a roofline (Williams, Waterman
 * and Patterson 2009), and how near {@link Gemm} comes to the first.
 *
 * @param threads      number of threads that worked
 * @param peakGflops   float32 multiply-adds out of registers, 10^9 FLOP/s, two FLOP each
 * @param gemmGflops   the product of two matrices of {@value #GEMM} x {@value #GEMM}, packed before
 * @param readGbytes   reading memory beyond every cache, 10^9 bytes/s
 */
public record MachinePeak(int threads, double peakGflops, double gemmGflops, double readGbytes) {
    private static final int GEMM = 384;
    /** The share of the peak below which products are taken to be broken. */
    private static final double LEAST_SHARE = 0.35;
    /** Bytes that are read: more than the caches of most machines hold. */
    private static final long READ_BYTES = 128L << 20;
    /**
     * Length of a chain of multiply-adds: some 400 us of work, beside which the time that a thread takes to wake is
     * small.
     */
    private static final int CHAIN_LENGTH = 1 << 18;
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int PATIENCE_CALLS = 20;
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(2);

    /**
     * Measures, with this many threads; empty where the Vector API does not run.
     */
    public static Optional<MachinePeak> measure(int threads) {
        if (Kernels.best() instanceof ScalarKernels) return Optional.empty();
        try (WorkerPool pool = new WorkerPool(threads); Arena arena = Arena.ofShared()) {
            return Optional.of(new MachinePeak(threads, peak(pool), gemm(pool, arena), read(pool, arena)));
        }
    }

    /**
     * What is wrong if products are far from what the machine can do, as on no machine where they were measured: the JIT
     * compiler, most likely, made poor code of them for this CPU.
     */
    public Optional<String> weakness() {
        if (gemmGflops >= LEAST_SHARE * peakGflops) return Optional.empty();
        return Optional.of(String.format(Locale.ROOT,
                "products reach %.0f %% of the multiply-adds, where 60 to 95 are usual:"
                        + " if the machine is not busy, please report it with its CPU and this version of Java",
                100 * gemmGflops / peakGflops));
    }

    private static double peak(WorkerPool pool) {
        float[] sinks = new float[pool.threads()];
        return best(() -> {
            pool.forRanges(pool.threads(), 1, (slot, from, to) -> sinks[from] = PeakLoops.multiplyAdds(CHAIN_LENGTH));
            return pool.threads() * PeakLoops.flop(CHAIN_LENGTH);
        });
    }

    private static double gemm(WorkerPool pool, Arena arena) {
        MemorySegment memory = arena.allocate(3L * GEMM * GEMM * Float.BYTES, PackedMatrix.ALIGNMENT);
        long bytes = memory.byteSize() / 3;
        Matrix a = Matrix.of(memory, 0, GEMM, GEMM);
        Matrix b = Matrix.of(memory, bytes, GEMM, GEMM);
        Matrix c = Matrix.of(memory, 2 * bytes, GEMM, GEMM);
        MatrixKernels kernels = MatrixKernels.best();
        PackedMatrix packed = PackedMatrix.pack(kernels, b, pool, arena);
        try (Gemm gemm = new Gemm(kernels, pool)) {
            return best(() -> {
                gemm.multiply(a, packed, c, Epilogue.NONE);
                return 2L * GEMM * GEMM * GEMM;
            });
        }
    }

    private static double read(WorkerPool pool, Arena arena) {
        MemorySegment memory = arena.allocate(READ_BYTES, PackedMatrix.ALIGNMENT);
        long share = READ_BYTES / pool.threads() / PeakLoops.STEP_BYTES * PeakLoops.STEP_BYTES;
        float[] sinks = new float[pool.threads()];
        return best(() -> {
            pool.forRanges(pool.threads(), 1,
                    (slot, from, to) -> sinks[from] = PeakLoops.sum(memory.asSlice(from * share, share)));
            return pool.threads() * share;
        });
    }

    /**
     * The best rate, in 10^9 of what a call returns per second, of calls that go on until none has been better for a
     * while: the JIT compiler is done then, or so busy a machine has no better to show.
     */
    private static double best(LongSupplier call) {
        double best = 0;
        long begun = System.nanoTime();
        long improved = begun;
        int since = 0;
        for (long started = begun; (started - improved < PATIENCE || since < PATIENCE_CALLS)
                && started - begun < LIMIT; since++) {
            long done = call.getAsLong();
            long now = System.nanoTime();
            double rate = (double) done / (now - started);
            if (rate > 1.05 * best) {
                improved = now;
                since = 0;
            }
            best = Math.max(best, rate);
            started = now;
        }
        return best;
    }
}
