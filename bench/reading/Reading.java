import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.retort.dialogue.Dialogue;
import io.retort.files.Progress;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.jobs.ConvertJob;
import io.retort.jobs.ConvertSettings;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast a file of dialogues is read, and how fast it is converted whole, beside reading its bytes and beside what a
 * streaming JSON parser needs to pass over its tokens. Each is measured in turn by
 * the process's CPU time, of which the least of several rounds counts: {@code Reading FILE [ROUNDS]}.
 */
final class Reading {
    private interface Work {
        long run(Path file) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        String[] names = {"bytes", "JSON tokens", "dialogues", "convert"};
        Work[] works = {Reading::bytes, Reading::tokens, Reading::dialogues, Reading::convert};
        double[] best = new double[works.length];
        Arrays.fill(best, Double.MAX_VALUE);
        long[] counts = new long[works.length];
        long most = 0;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < works.length; i++) {
                long started = cpuNanos();
                counts[i] = works[i].run(file);
                best[i] = Math.min(best[i], (cpuNanos() - started) / 1e9);
                Runtime runtime = Runtime.getRuntime();
                most = Math.max(most, runtime.totalMemory() - runtime.freeMemory());
            }
        }
        double megabytes = Files.size(file) / 1e6;
        for (int i = 0; i < works.length; i++) {
            System.out.printf(Locale.ROOT, "%-12s %,12d  %8.3f CPU-s  %8.0f MB/s  %.2f x the dialogues' time%n", names[i],
                    counts[i], best[i], megabytes / best[i], best[i] / best[2]);
        }
        System.out.printf(Locale.ROOT, "heap in use at most %.0f MB%n", most / 1e6);
    }

    /** Of all threads, the garbage collector's and the compiler's included: what else the machine does is not counted. */
    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long bytes(Path file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long sum = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) sum += read;
        }
        return sum;
    }

    private static long tokens(Path file) throws IOException {
        long count = 0;
        try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
            while (parser.nextToken() != null) count++;
        }
        return count;
    }

    private static long dialogues(Path file) throws IOException {
        long turns = 0;
        try (SourceReader<Dialogue> reader = SourceFile.recognise(file, ReadingSettings.defaults()).dialogues()) {
            while (reader.hasNext()) turns += reader.next().turns().size();
        }
        return turns;
    }

    /** All that {@code retort convert} does by default: reading, its report, and writing. */
    private static long convert(Path file) throws IOException {
        Path out = Files.createTempFile("converted", ".jsonl");
        try {
            ConvertSettings settings = ConvertSettings.defaults().withData(List.of(file));
            return new ConvertJob(settings, Optional.of(out)).run(Progress.NONE).report().turns();
        } finally {
            Files.delete(out);
        }
    }
}
