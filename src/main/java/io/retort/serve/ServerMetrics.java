package io.retort.serve;

import io.retort.files.ResidentMemory;
import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyVerdict;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What the server counts and measures, in Prometheus' text format. Any thread. */
final class ServerMetrics {
    private static final double[] SECONDS = {.0005, .001, .002, .003, .005, .0075, .01, .015, .02, .03, .05, .075, .1,
        .15, .25, .5, 1, 2.5, 5, 10};
    private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    private static final Map<String, String> STOPPED = Map.of("turns", "Turns that the safety screen stopped.",
            "withheld", "Replies that were found, and that the safety screen withheld.",
            "refused", "Responses that were not added, since the safety screen stops them.");

    private final Map<String, LongAdder> counters = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> requests = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> stages = new ConcurrentSkipListMap<>();
    private final Histogram batches = new Histogram(SIZES);
    private final AtomicInteger queue = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<String, Map<String, LongAdder>> stopped = new ConcurrentSkipListMap<>();
    private final Map<String, Long> gauges = new ConcurrentHashMap<>();

    /** Nothing yet; of what the safety screen stops there is a count of each category from the beginning. */
    ServerMetrics() {
        for (String what : STOPPED.keySet()) {
            Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
            for (SafetyCategory each : SafetyCategory.values()) counts.put(each.key(), new LongAdder());
            stopped.put(what, counts);
        }
    }

    /** Counts of values by the least bound that they do not exceed. */
    private static final class Histogram {
        private final double[] bounds;
        private final AtomicLongArray counts;
        private final LongAdder sumOfMillionths = new LongAdder();

        Histogram(double[] bounds) {
            this.bounds = bounds;
            this.counts = new AtomicLongArray(bounds.length + 1);
        }

        void add(double value) {
            int bound = 0;
            while (bound < bounds.length && value > bounds[bound]) bound++;
            counts.incrementAndGet(bound);
            sumOfMillionths.add(Math.round(value * 1e6));
        }

        void write(StringBuilder out, String name, String labels) {
            long total = 0;
            String before = labels.isEmpty() ? "" : labels + ",";
            for (int i = 0; i < bounds.length; i++) {
                total += counts.get(i);
                line(out, name + "_bucket", before + "le=\"" + number(bounds[i]) + "\"", total);
            }
            total += counts.get(bounds.length);
            line(out, name + "_bucket", before + "le=\"+Inf\"", total);
            out.append(name).append("_sum").append(braced(labels)).append(' ')
                    .append(number(sumOfMillionths.sum() / 1e6)).append('\n');
            line(out, name + "_count", labels, total);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.6f", value).replaceAll("0+$", "");
    }

    private static String braced(String labels) {
        return labels.isEmpty() ? "" : "{" + labels + "}";
    }

    private static void line(StringBuilder out, String name, String labels, long value) {
        out.append(name).append(braced(labels)).append(' ').append(value).append('\n');
    }

    /** Counts a request that was answered, by the template of its path, so that nobody can make up new names. */
    void request(String route, int status, long nanos) {
        counters.computeIfAbsent("route=\"" + route + "\",status=\"" + status + "\"", _ -> new LongAdder()).increment();
        requests.computeIfAbsent("route=\"" + route + "\"", _ -> new Histogram(SECONDS)).add(nanos / 1e9);
    }

    /** Measures a stage of an answer. */
    void stage(String stage, long nanos) {
        stages.computeIfAbsent("stage=\"" + stage + "\"", _ -> new Histogram(SECONDS)).add(nanos / 1e9);
    }

    void batch(int contexts) {
        batches.add(contexts);
    }

    void queued(int contexts) {
        queue.set(contexts);
    }

    /** Counts a request in; returns how many are under way, this one included. */
    int enter() {
        return inFlight.incrementAndGet();
    }

    void leave() {
        inFlight.decrementAndGet();
    }

    int underWay() {
        return inFlight.get();
    }

    /** Notes a number that has one value at a time. */
    void gauge(String name, long value) {
        gauges.put(name, value);
    }

    /** Adds one to a number that only grows. */
    void count(String name) {
        gauges.merge(name, 1L, Long::sum);
    }

    /**
     * Counts something that the safety screen stopped.
     *
     * @param what {@code turns}, {@code withheld} (replies) or {@code refused} (additions)
     */
    void safety(String what, SafetyVerdict verdict) {
        verdict.category().ifPresent(category -> stopped.get(what).get(category.key()).increment());
    }

    /** Everything, as Prometheus reads it. */
    String text() {
        StringBuilder out = new StringBuilder();
        head(out, "retort_requests_total", "counter", "Requests answered, by route and status.");
        counters.forEach((labels, count) -> line(out, "retort_requests_total", labels, count.sum()));
        head(out, "retort_request_seconds", "histogram", "Time from the first byte read to the last written.");
        requests.forEach((labels, times) -> times.write(out, "retort_request_seconds", labels));
        head(out, "retort_stage_seconds", "histogram",
                "Time of a stage; of contexts that were answered together, each one's share.");
        stages.forEach((labels, times) -> times.write(out, "retort_stage_seconds", labels));
        head(out, "retort_batch_contexts", "histogram", "Contexts that were answered together.");
        batches.write(out, "retort_batch_contexts", "");
        gauge(out, "retort_queue_contexts", "Contexts that wait.", queue.get());
        gauge(out, "retort_requests_in_flight", "Requests under way.", inFlight.get());
        new ConcurrentSkipListMap<>(gauges).forEach((name, value) -> {
            head(out, name, name.endsWith("_total") ? "counter" : "gauge", name.replace('_', ' ') + ".");
            line(out, name, "", value);
        });
        stopped.forEach((what, counts) -> {
            String name = "retort_safety_" + what + "_total";
            head(out, name, "counter", STOPPED.get(what));
            counts.forEach((category, count) -> line(out, name, "category=\"" + category + "\"", count.sum()));
        });
        Runtime runtime = Runtime.getRuntime();
        gauge(out, "retort_heap_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory());
        gauge(out, "retort_heap_committed_bytes", "Heap taken from the system.", runtime.totalMemory());
        Long resident = ResidentMemory.nowMb();
        if (resident != null) gauge(out, "retort_resident_bytes", "Physical memory in use.", resident << 20);
        return out.toString();
    }

    private static void gauge(StringBuilder out, String name, String help, long value) {
        head(out, name, "gauge", help);
        line(out, name, "", value);
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ')
                .append(type).append('\n');
    }
}
