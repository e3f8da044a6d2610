package io.retort.jobs;

import java.util.ArrayList;
import java.util.List;

/** One training run of the grid. */
record Cell(Method method, long seed) {
    /** The name of its folder. */
    public String name() {
        return method + "-seed-" + seed;
    }

    /** The grid, seed by seed, so that a part of it already compares all methods. */
    public static List<Cell> grid(List<Method> methods, List<Long> seeds) {
        List<Cell> cells = new ArrayList<>();
        for (long seed : seeds) methods.forEach(method -> cells.add(new Cell(method, seed)));
        return List.copyOf(cells);
    }
}
