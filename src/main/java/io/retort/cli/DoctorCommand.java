package io.retort.cli;

import io.retort.fetch.CatalogEntry;
import io.retort.fetch.ModelCatalog;
import io.retort.fetch.ModelHome;
import io.retort.fetch.ModelPull;
import io.retort.gpu.Gpu;
import io.retort.gpu.GpuInfo;
import io.retort.graph.Engine;
import io.retort.simd.Kernels;
import io.retort.simd.MachinePeak;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "doctor", mixinStandardHelpOptions = true,
        description = "Tells what runs here: JVM, engine, width of its vectors, models, and what the machine does at "
                + "most: float32 multiply-adds, matrix products, reading memory; the GPU, and its rate of copies.")
final class DoctorCommand implements Callable<Integer> {
    private static final long COPIED_BYTES = 256L << 20;
    private static final Duration COPYING = Duration.ofMillis(100);

    @Mixin
    private Output output;

    @Override
    public Integer call() throws java.io.IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("heap_max_mb", Runtime.getRuntime().maxMemory() >> 20);
        facts.put("search_kernels", Kernels.best().name());
        int threads = Runtime.getRuntime().availableProcessors();
        facts.put("engine", description(() -> Engine.best(threads)));
        facts.put("reference_engine", description(Engine::stock));
        facts.put("threads", threads);
        measure(1, facts);
        if (threads > 1) measure(threads, facts);
        facts.put("gpu", gpu());
        facts.put("home", ModelHome.root().toString());
        Map<String, String> models = new LinkedHashMap<>();
        for (CatalogEntry entry : ModelCatalog.bundled().entries()) {
            models.put(entry.name(), ModelPull.isCurrent(entry, ModelHome.model(entry.name()))
                    ? "pulled"
                    : ModelPull.isLocal(entry) ? "in a local jar" : "to be downloaded");
        }
        facts.put(output.json ? "models" : "model", models);
        if (output.json) output.json(facts);
        else facts.forEach(this::print);
        return 0;
    }

    private void print(String name, Object value) {
        if (value instanceof Map<?, ?> several) several.forEach((key, each) -> print(name + " " + key, each));
        else output.line(String.format(Locale.ROOT, "%-26s %s", name, value));
    }

    /** Measures what the machine can do at most, as a yardstick for every other time. */
    private static void measure(int threads, Map<String, Object> facts) {
        MachinePeak.measure(threads).ifPresent(peak -> {
            Map<String, Object> rates = new LinkedHashMap<>();
            rates.put("fma_peak_gflops", rounded(peak.peakGflops()));
            rates.put("gemm_gflops", rounded(peak.gemmGflops()));
            rates.put("memory_read_gb_per_s", rounded(peak.readGbytes()));
            peak.weakness().ifPresent(weakness -> rates.put("weakness", weakness));
            facts.put(threads == 1 ? "one_thread" : "all_threads", rates);
        });
    }

    /** The facts on the first card; or why there is none, which is no failure. */
    private static Map<String, Object> gpu() {
        Map<String, Object> facts = new LinkedHashMap<>();
        try {
            Optional<String> obstacle = Gpu.obstacle();
            if (obstacle.isPresent()) facts.put("obstacle", obstacle.get());
            else describe(facts);
        } catch (RuntimeException | LinkageError e) {
            facts.put("obstacle", String.valueOf(e.getMessage()));
        }
        return facts;
    }

    private static void describe(Map<String, Object> facts) {
        facts.put("cards", Gpu.count());
        try (Gpu gpu = Gpu.open(0)) {
            GpuInfo info = gpu.info();
            facts.put("name", info.name());
            facts.put("driver_cuda", info.driver());
            facts.put("compute_capability", info.computeCapability());
            facts.put("multiprocessors", info.multiprocessors());
            facts.put("memory_total_mb", info.memoryBytes() >> 20);
            facts.put("memory_free_mb", gpu.freeMemory() >> 20);
            long bytes = Math.min(COPIED_BYTES, gpu.freeMemory() / 4);
            facts.put("memory_copy_gb_per_s", rounded(gpu.copyBandwidth(bytes, COPYING) / 1e9));
            if (info.nominalBytesPerSecond() > 0) {
                facts.put("memory_nominal_gb_per_s", rounded(info.nominalBytesPerSecond() / 1e9));
            }
        }
    }

    private static double rounded(double value) {
        return Math.round(100 * value) / 100.0;
    }

    private static String description(Supplier<Engine> choice) {
        try {
            try (Engine engine = choice.get()) {
                return engine.name() + ": " + engine.description();
            }
        } catch (ExceptionInInitializerError | NoClassDefFoundError | UnsatisfiedLinkError | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return "stock: ND4J does not start (" + cause + "); see docs/nd4j-notes.md for the natives of this CPU";
        }
    }
}
