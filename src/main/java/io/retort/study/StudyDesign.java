package io.retort.study;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Which judge sees which context with which systems. Judges come in groups, of which all see the same items, so that
 * their agreement can be told. Within a group every context comes once, and every condition (a pair of systems, or a
 * single one) equally often, give or take one; so it is over all groups together.
 *
 * @param judges  that there are places for, at least 1
 * @param items   that each judges beside the checks, at least 1
 * @param overlap judges that see the same items, at least 1
 */
public record StudyDesign(int judges, int items, int overlap) {
    public StudyDesign {
        if (judges < 1) throw new IllegalArgumentException("judges is " + judges + ", not 1 or more");
        if (items < 1) throw new IllegalArgumentException("items is " + items + ", not 1 or more");
        if (overlap < 1) throw new IllegalArgumentException("overlap is " + overlap + ", not 1 or more");
    }

    /**
     * A context with a condition.
     *
     * @param context   its place among all, from 0
     * @param condition its place among all, from 0
     */
    record Cell(int context, int condition) {
    }

    /** Number of groups; the last may have fewer judges than the others. */
    int groups() {
        return Math.ceilDiv(judges, overlap);
    }

    /**
     * What each group sees.
     *
     * @param contexts   that there are, as many as {@link #items} or more
     * @param conditions that there are, 1 or more
     */
    List<List<Cell>> cells(int contexts, int conditions, SplittableRandom random) {
        if (contexts < items) throw new IllegalArgumentException(contexts + " contexts for " + items + " items");
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < contexts; i++) order.add(i);
        Collections.shuffle(order, random);
        Map<Cell, Integer> used = new HashMap<>();
        List<List<Cell>> groups = new ArrayList<>();
        for (int group = 0; group < groups(); group++) {
            // Conditions follow each other round and round, and so do contexts: any stretch of either is balanced.
            int[] left = new int[conditions];
            for (int i = 0; i < items; i++) left[(group * items + i) % conditions]++;
            List<Cell> cells = new ArrayList<>();
            for (int i = 0; i < items; i++) {
                int context = order.get((group * items + i) % contexts);
                Cell cell = new Cell(context, rarest(context, left, used, random));
                left[cell.condition]--;
                used.merge(cell, 1, Integer::sum);
                cells.add(cell);
            }
            groups.add(cells);
        }
        return groups;
    }

    /** The condition, of those that are left, in which the context was seen least; of several any. */
    private static int rarest(int context, int[] left, Map<Cell, Integer> used, SplittableRandom random) {
        int best = -1, seen = 0, alike = 0;
        for (int condition = 0; condition < left.length; condition++) {
            if (left[condition] == 0) continue;
            int uses = used.getOrDefault(new Cell(context, condition), 0);
            if (best >= 0 && uses > seen) continue;
            alike = best >= 0 && uses == seen ? alike + left[condition] : left[condition];
            if (best < 0 || uses < seen || random.nextInt(alike) < left[condition]) best = condition;
            seen = uses;
        }
        return best;
    }
}
