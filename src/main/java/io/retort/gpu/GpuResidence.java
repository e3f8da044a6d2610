package io.retort.gpu;

/** What of the rows stays in the card's memory. Hits and scores are the same with all. */
public enum GpuResidence {
    /** The rows, and codes of them: nothing but queries and hits crosses the bus. */
    WHOLE,
    /**
     * Codes alone, a third of the bytes or less. What their bounds let through is scored by the CPU, from the rows, which
     * must stay where they are.
     */
    CODES,
    /** Nothing: the rows pass through the card in each search, as fast as the bus is, and must stay where they are. */
    STREAMED;

    /**
     * The first that fits.
     *
     * @param free     bytes of the card's memory
     * @param reserved bytes of them that are not for rows
     */
    static GpuResidence fitting(ScanShape shape, long free, long reserved) {
        long room = free - reserved;
        for (GpuResidence residence : values()) {
            if (residence.suits(shape.format()) && residence.bytes(shape) <= room) return residence;
        }
        return STREAMED;
    }

    /** Whether there is such a thing: without codes they cannot stay alone. */
    boolean suits(ScreenFormat format) {
        return this != CODES || format.isCoded();
    }

    /** Bytes that the rows take on the card, at most while they are copied there. */
    private long bytes(ScanShape shape) {
        long codes = shape.format().isCoded() ? shape.codeBytes() + shape.slackBytes() : 0;
        return switch (this) {
            case WHOLE -> codes + shape.floatBytes();
            case CODES -> codes + GpuRows.stagedBytes(shape);
            case STREAMED -> 0;
        };
    }
}
