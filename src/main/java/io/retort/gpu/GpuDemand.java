package io.retort.gpu;

import java.util.Optional;

/**
 * What a search of rows asks of a card, known before anything is copied there.
 *
 * @param count  rows
 * @param dims   of a row
 * @param format what the card reads of them
 */
public record GpuDemand(int count, int dims, ScreenFormat format) {
    /** Of the compute capability: what the kernels are assembled for. */
    private static final int MAJOR = 8;
    /** What the driver takes for the kernels, and the searches of two threads for their candidates. */
    private static final long SEARCHING = 256L << 20;

    /** Bytes of the card's memory where all stays there: the rows, their codes, and what searches take. */
    public long bytes() {
        ScanShape shape = new ScanShape(count, dims, format);
        long perTile = 4 + 8 + 8L * ScanShape.TILE;
        return SEARCHING + shape.floatBytes() + (format.isCoded() ? shape.codeBytes() + perTile * shape.tiles() : 0);
    }

    /** Why a card cannot do it, however much of its memory is free; empty if it can. */
    public Optional<String> obstacle(GpuInfo card) {
        if (!card.hasComputeCapability(MAJOR, 0)) {
            return Optional.of(card.name() + " has compute capability " + card.computeCapability() + ", search needs "
                    + MAJOR + ".0 (Ampere) or newer");
        }
        if (dims > ScanShape.MOST_DIMS) {
            return Optional.of("vectors of " + dims + " dims, search there takes at most " + ScanShape.MOST_DIMS);
        }
        if (!ScanKernels.hasRoom(card, new ScanShape(count, dims, format))) {
            return Optional.of("a query of " + dims + " dims has no room in the " + card.sharedBytesPerBlock()
                    + " bytes that a block of " + card.name() + " shares");
        }
        return Optional.empty();
    }

    /**
     * Refuses a card that cannot do it.
     *
     * @throws NoGpu if it never can
     */
    void require(GpuInfo card) {
        obstacle(card).ifPresent(words -> {
            throw new NoGpu(words);
        });
    }

    /**
     * Refuses a card on which not all can stay.
     *
     * @throws GpuOutOfMemory with what is free and what is wanted
     */
    public void requireMemory(Gpu gpu) {
        long free = gpu.freeMemory();
        if (bytes() > free) throw new GpuOutOfMemory(gpu.info().name(), this, free);
    }
}
