package io.retort.bench.gpu;

import io.retort.bench.gpu.TestData.Kind;
import io.retort.gpu.ScreenFormat;
import io.retort.simd.WorkerPool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One part of {@code bench/gpu/check}: {@code GpuCheck PART REPORT SECONDS [rehearse]}. Writes its findings, a JSON
 * object a line, to the report; ends with 0 if all was right, 1 if a search found something wrong.
 */
final class GpuCheck {
    private static final int MANY = 1_000_000;
    private static final int PLENTY = 20_000_000;
    /** In a rehearsal there are so many times fewer. */
    private static final int REHEARSED = 200;

    private GpuCheck() {
    }

    public static void main(String[] arguments) throws Exception {
        String part = arguments[0];
        long end = System.nanoTime() + Math.round(Double.parseDouble(arguments[2]) * 1e9);
        boolean rehearsal = Arrays.asList(arguments).contains("rehearse");
        boolean right;
        try (WorkerPool pool = new WorkerPool(Runtime.getRuntime().availableProcessors());
                Report report = new Report(Path.of(arguments[1]));
                Device device = rehearsal ? new StandIn(pool) : new Card(pool)) {
            right = run(part, device, pool, report, end, rehearsal ? REHEARSED : 1);
        }
        // The runtime's last word; compute-sanitizer reports what is wrong by an exit code of its own.
        System.exit(right ? 0 : 1);
    }

    private static boolean run(String part, Device device, WorkerPool pool, Report report, long end, int fewer)
            throws InterruptedException, ExecutionException {
        Correctness correctness = new Correctness(device, pool, report, end);
        Figures figures = new Figures(device, pool, report, end);
        return switch (part) {
            case "card" -> {
                report.write("card", "info", device.info());
                report.write("copy", "bytes_per_second",
                        device.copyBandwidth((4L << 30) / fewer, Duration.ofMillis(500)));
                yield correctness.runFirst();
            }
            case "small" -> correctness.run(Correctness.Extent.SMALL, Integer.MAX_VALUE);
            case "together" -> new Together(device, pool, report, end).run(fewer == 1 ? 100_000 : 2_000);
            case "residences" -> new Residences(device, pool, report, end).run();
            case "large" -> correctness.run(Correctness.Extent.LARGE, fewer == 1 ? Integer.MAX_VALUE : 100_000);
            case "sanitized" -> correctness.run(Correctness.Extent.SANITIZED, Integer.MAX_VALUE);
            case "figures" -> {
                boolean right = true;
                for (Kind kind : List.of(Kind.ISOTROPIC, Kind.CLUSTERED)) {
                    if (System.nanoTime() >= end) break;
                    right &= figures.run(new Figures.Shape(kind, MANY / fewer, 768,
                            List.of(ScreenFormat.FLOAT16, ScreenFormat.INT8, ScreenFormat.FLOAT32), List.of(1, 64, 256),
                            List.of(10, 100)));
                }
                yield right;
            }
            case "plenty" ->
                figures.run(new Figures.Shape(Kind.PLENTIFUL, PLENTY / fewer, 384, List.of(ScreenFormat.INT8),
                        List.of(256, 1, 64), List.of(10)));
            default -> throw new IllegalArgumentException("no part " + part);
        };
    }

    /** An exception in words, with where it came from. */
    static String told(RuntimeException e) {
        return Stream.concat(Stream.of(e.toString()), Arrays.stream(e.getStackTrace()).limit(8).map(at -> "at " + at))
                .collect(Collectors.joining("\n"));
    }

    static double secondsSince(long start) {
        return Math.round((System.nanoTime() - start) / 1e6) / 1e3;
    }
}
