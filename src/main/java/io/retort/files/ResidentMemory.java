package io.retort.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tells the physical memory that this process uses, as Linux counts it; on other systems null. */
public final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** The memory in use at present, in MB (2^20 bytes), or null. */
    public static Long nowMb() {
        return mb("VmRSS:");
    }

    /** The most memory that was ever in use, in MB (2^20 bytes), or null. */
    public static Long peakMb() {
        return mb("VmHWM:");
    }

    private static Long mb(String key) {
        if (!Files.isReadable(STATUS)) return null;
        try {
            List<String> lines = Files.readAllLines(STATUS);
            return lines.stream().filter(line -> line.startsWith(key))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(null);
        } catch (IOException e) {
            return null; // it is no more than a remark beside the times
        }
    }
}
