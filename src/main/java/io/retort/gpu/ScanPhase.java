package io.retort.gpu;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of the tiles that is scanned between two looks at what was found: the multiples of a stride, but for those that
 * an earlier phase visited, which are the multiples of {@code ratio * stride}.
 *
 * @param first  tile that multiples are counted from
 * @param tiles  how many are visited
 * @param stride between the multiples
 * @param ratio  of the phase before's stride to this one's; 0 for the first phase
 * @param direct whether every row becomes a candidate, as no threshold is known yet
 */
record ScanPhase(int first, int tiles, int stride, int ratio, boolean direct) {
    /** The tile of a visit, counted from 0; {@code tileOf} of the kernels. */
    int tile(int visit) {
        int multiple = ratio == 0 ? visit : visit + visit / (ratio - 1) + 1;
        return first + multiple * stride;
    }

    /** Tiles {@code [first, first + tiles)}, each row a candidate. */
    static ScanPhase whole(int first, int tiles) {
        return new ScanPhase(first, tiles, 1, 0, true);
    }

    /**
     * All of the tiles, each in one phase: a sample that is spread evenly, of which every row is a candidate, and then
     * parts that grow by about the same factor, so that what reaches the threshold of those before stays in proportion.
     *
     * @param sample tiles that the first phase may visit
     * @param growth how many times as many tiles a phase may have visited in the end as the one before, 2 or more
     */
    static List<ScanPhase> schedule(int tiles, int sample, double growth) {
        if (tiles <= sample) return List.of(whole(0, tiles));
        double needed = (double) tiles / sample;
        int steps = (int) Math.max(1, Math.ceil(Math.log(needed) / Math.log(growth) - 1e-9));
        int ratio = (int) Math.max(2, Math.ceil(Math.pow(needed, 1.0 / steps) - 1e-9));
        long stride = 1;
        for (int i = 0; i < steps; i++) stride *= ratio;
        while (stride / ratio * sample >= tiles && stride > ratio) stride /= ratio;
        List<ScanPhase> phases = new ArrayList<>();
        phases.add(new ScanPhase(0, multiples(tiles, stride), (int) Math.min(stride, tiles), 0, true));
        for (long next = stride / ratio; next > 0; next /= ratio) {
            int visited = multiples(tiles, next * ratio), all = multiples(tiles, next);
            if (all > visited) phases.add(new ScanPhase(0, all - visited, (int) next, ratio, false));
        }
        return phases;
    }

    /** Multiples of the stride below a number of tiles. */
    private static int multiples(int tiles, long stride) {
        return (int) ((tiles + stride - 1) / stride);
    }
}
