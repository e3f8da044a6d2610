package io.retort.bench;

import io.retort.simd.MachinePeak;
import java.io.File;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A profiler, {@code -prof io.retort.bench.Roofline}, that sets a benchmark's rates ({@link Work}) in relation to what
 * this machine does at most with as many threads: {@code peak.flop} and {@code peak.bytes} are fractions of
 * {@link MachinePeak}, measured after each trial in the JVM that stays idle meanwhile. The greater one is the bound that
 * the kernel is nearer to. Data that lie in a cache may exceed the bytes of memory.
 */
public final class Roofline implements ExternalProfiler {
    private final Map<Integer, MachinePeak> peaks = new HashMap<>();

    @Override
    public String getDescription() {
        return "FLOP and bytes as fractions of what the machine does at most";
    }

    @Override
    public Collection<? extends Result<?>> afterTrial(BenchmarkResult benchmark, long pid, File out, File err) {
        String threads = benchmark.getParams().getParam("threads");
        MachinePeak peak = peaks.computeIfAbsent(threads == null ? 1 : Integer.parseInt(threads),
                count -> MachinePeak.measure(count).orElseThrow());
        List<Result<?>> fractions = new ArrayList<>();
        add("flop", peak.peakGflops(), benchmark, fractions);
        add("bytes", peak.readGbytes(), benchmark, fractions);
        return fractions;
    }

    private static void add(String rate, double billions, BenchmarkResult benchmark, List<Result<?>> fractions) {
        Result<?> measured = benchmark.getSecondaryResults().get(rate);
        if (measured == null) return;
        fractions.add(new ScalarResult("peak." + rate, measured.getScore() / (1e9 * billions), "of 1",
                AggregationPolicy.AVG));
    }

    @Override
    public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
        return List.of();
    }

    @Override
    public Collection<String> addJVMOptions(BenchmarkParams params) {
        return List.of();
    }

    @Override
    public void beforeTrial(BenchmarkParams params) {}

    @Override
    public boolean allowPrintOut() {
        return true;
    }

    @Override
    public boolean allowPrintErr() {
        return true;
    }
}
