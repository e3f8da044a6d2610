package io.retort.lm;

import com.sun.management.OperatingSystemMXBean;
import io.retort.files.BadInput;
import io.retort.simd.BlockMatrix;
import io.retort.tensor.ElementType;
import io.retort.tensor.GgufFile;
import io.retort.tensor.QuantizedType;
import io.retort.tensor.TensorFile;
import io.retort.tensor.TensorInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How much memory, in bytes, a language model takes at work: an estimate from its configuration and its file's table of
 * contents, so that a model that does not fit is refused before it is loaded.
 *
 * @param asStored   of the weights, with matrices kept as the file has them
 * @param inFloats   of the weights in 32 bits
 * @param keepsAny   whether a matrix is stored in fewer than 32 bits, so that the two differ
 * @param largest    of the largest such matrix in 32 bits, which passes through the Java heap when it is widened
 * @param tokenCache of the keys and values of one token of one sequence
 * @param work       of what a run computes with
 */
public record ModelMemory(long asStored, long inFloats, boolean keepsAny, long largest, long tokenCache, long work) {
    /** Tokens of all sequences together for which room is wanted: a batch of some dozen replies with their contexts. */
    private static final int CACHED_TOKENS = 4096;
    /** The most rows of a run, and the vectors of the model's and of the feed-forward's size that one has at a time. */
    private static final int ROWS = 512;
    private static final int VECTORS = 8;
    private static final int INNER_VECTORS = 3;
    /** Rows that get probabilities over the whole vocabulary at a time, and the matrices of that size. */
    private static final int HEAD_ROWS = 64;
    private static final int HEAD_COPIES = 4;
    /** Bytes for the Java virtual machine, its code, and a small heap. */
    private static final long MACHINE = 300L << 20;
    /** Bytes of Java heap that any model takes, logits above all. */
    private static final long HEAP = 100L << 20;
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    static ModelMemory of(DecoderConfig config, TensorFile file) {
        long asStored = 0, inFloats = 0, largest = 0;
        boolean keepsAny = false;
        for (TensorInfo info : file.parameters().values()) {
            if (config.tied() && info.name().equals(config.family().head())) continue; // a copy that is left out
            long floats = Float.BYTES * info.shape().size(), stored = floats;
            Optional<QuantizedType> blocks = file instanceof GgufFile gguf
                    ? gguf.quantizationOf(info.name())
                    : Optional.empty();
            boolean half = info.type() == ElementType.F16 || info.type() == ElementType.BF16;
            if (info.shape().rank() == 2 && (half || blocks.isPresent())) {
                int rows = info.shape().dim(0), columns = info.shape().dim(1);
                stored = blocks.map(type -> BlockMatrix.bytes(type, rows, columns))
                        .orElseGet(() -> BlockMatrix.bytes(info.type(), rows, columns));
                keepsAny = true;
                largest = Math.max(largest, floats);
            }
            asStored += stored;
            inFloats += floats;
        }
        long row = VECTORS * (long) config.dim() + INNER_VECTORS * (long) config.feedForward();
        long work = Float.BYTES * (ROWS * row + HEAD_COPIES * (long) HEAD_ROWS * config.vocabulary());
        return new ModelMemory(asStored, inFloats, keepsAny, largest,
                2L * Float.BYTES * config.layers() * config.keyValueDim(), work);
    }

    /** Returns the memory of the weights. */
    public long weights(WeightStorage storage) {
        return storage == WeightStorage.FILE ? asStored : inFloats;
    }

    /** Returns the memory of all that a process takes that works with the model. */
    public long total(WeightStorage storage) {
        return weights(storage) + CACHED_TOKENS * tokenCache + work + MACHINE;
    }

    /** Returns the part that lies in the Java heap, for a time at least. */
    long heap(WeightStorage storage) {
        return HEAP + (storage == WeightStorage.FILE ? 0 : largest);
    }

    /**
     * Refuses a model that needs more memory than this machine has to give.
     *
     * @throws BadInput with both numbers and what would help
     */
    void requireRoom(Path model, WeightStorage storage) {
        requireRoom(model, storage, free(), Runtime.getRuntime().maxMemory());
    }

    /**
     * @param free memory that the machine has to give
     * @param most that the Java heap may grow to
     */
    void requireRoom(Path model, WeightStorage storage, double free, double most) {
        boolean smaller = storage == WeightStorage.F32 && keepsAny;
        if (total(storage) > free) {
            String remedy = smaller && total(WeightStorage.FILE) <= free
                    ? String.format(Locale.ROOT, "set \"weights\" to file, for which %s are enough",
                            gb(total(WeightStorage.FILE)))
                    : "end other programs that take memory, or take a smaller model or one with fewer bits a weight";
            throw BadInput.in(model, String.format(Locale.ROOT, "takes about %s of memory, %s of them for its weights "
                    + "%s; this machine has %s to give", gb(total(storage)), gb(weights(storage)),
                    storage == WeightStorage.FILE ? "as they are stored" : "in 32 bits", gb(free)), remedy);
        }
        if (heap(storage) > most) {
            throw BadInput.in(model, String.format(Locale.ROOT, "takes about %s of Java heap, which may grow to %s here",
                    gb(heap(storage)), gb(most)),
                    (smaller ? "set \"weights\" to file, or give Java more by " : "give Java more by ")
                            + String.format(Locale.ROOT, "RETORT_JAVA_OPTS=-Xmx%.0fg",
                                    Math.ceil(1.5 * heap(storage) / (1 << 30))));
        }
    }

    /**
     * Returns the memory that the system can give without swapping, where Linux tells it; elsewhere, and at most, what
     * the machine or the process's container has in all.
     */
    private static double free() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double all = system.getTotalMemorySize();
        if (!Files.isReadable(MEMINFO)) return all;
        try {
            return Files.readAllLines(MEMINFO).stream().filter(line -> line.startsWith("MemAvailable:"))
                    .mapToDouble(line -> 1024.0 * Long.parseLong(line.replaceAll("\\D", "")))
                    .map(available -> Math.min(all, available)).findFirst().orElse(all);
        } catch (IOException e) {
            return all;
        }
    }

    private static String gb(double bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / (1 << 30));
    }
}
