package io.retort.graph;

import org.bytedeco.javacpp.Pointer;

/** The memory of this process; for tests that nothing else runs beside. */
public final class PhysicalMemory {
    /** What the JVM itself takes meanwhile, as for pages of its heap that are touched first, is not taken each time. */
    private static final int SERIES = 3;

    private PhysicalMemory() {}

    /** Runs a series of rounds, again if it took as much as that, and returns by how many bytes the last one grew. */
    public static long grownBy(Runnable series, long tooMuch) {
        long grown = Long.MAX_VALUE;
        for (int i = 0; i < SERIES && grown >= tooMuch; i++) {
            long before = Pointer.physicalBytes();
            series.run();
            grown = Pointer.physicalBytes() - before;
        }
        return grown;
    }
}
