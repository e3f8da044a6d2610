package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a mask {@code [rows, keys]} of attention says, found once for all layers that use it: which rows go together
 * ({@link RowGroup}), and which keys they see. Only these are ever computed.
 *
 * <p>One thread at a time scans; any number may then read.
 */
public final class RowGroups {
    /** What is added to the logit of a key that a row does not see is this or less. */
    public static final float UNSEEN = -1e8f;

    private final List<RowGroup> groups = new ArrayList<>();
    private final List<Integer> blind = new ArrayList<>();
    private boolean disjoint;

    /** Makes an object without groups, for {@link #scan} to fill. */
    public RowGroups() {
    }

    /** The groups that were found, in order of their rows. */
    List<RowGroup> groups() {
        return groups;
    }

    /** Number of groups that were found. */
    public int count() {
        return groups.size();
    }

    /** The rows that see no key, and so belong to no group. */
    public List<Integer> blind() {
        return blind;
    }

    /** Whether no key is seen by two groups. */
    public boolean disjoint() {
        return disjoint;
    }

    /** Finds the groups of a mask {@code [rows, keys]}, replacing what was found before. */
    public void scan(MemorySegment mask, int rows, int keys) {
        Extents.holds(mask, rows, Math.max(1, keys));
        groups.clear();
        blind.clear();
        Runs group = null, last = null;
        List<Integer> seen = new ArrayList<>();
        int from = 0;
        for (int row = 0; row < rows; row++) {
            Runs runs = Runs.of(mask, row, keys);
            if (group != null && (runs.total == 0 || !runs.extend(last))) {
                close(mask, keys, from, last, seen);
                group = null;
            }
            if (runs.total == 0) {
                blind.add(row);
                continue;
            }
            if (group == null) {
                group = runs;
                from = row;
            }
            seen.add(runs.total);
            last = runs;
        }
        if (group != null) close(mask, keys, from, last, seen);
        disjoint = areDisjoint(keys);
    }

    private void close(MemorySegment mask, int keys, int fromRow, Runs runs, List<Integer> seen) {
        int[] starts = Arrays.copyOf(runs.starts, runs.count), ends = Arrays.copyOf(runs.ends, runs.count);
        int[] counts = seen.stream().mapToInt(Integer::intValue).toArray();
        seen.clear();
        RowGroup group = new RowGroup(fromRow, starts, ends, counts, null);
        groups.add(new RowGroup(fromRow, starts, ends, counts, addends(mask, keys, group)));
    }

    /** The group's part of the mask, null if that is nothing but zeros. */
    private static MemorySegment addends(MemorySegment mask, int keys, RowGroup group) {
        boolean any = false;
        for (int i = 0; i < group.rows() && !any; i++)
            any = anyAddend(mask, (long) (group.fromRow() + i) * keys, group);
        if (!any) return null;
        MemorySegment addends = Arena.ofAuto().allocate(4L * group.rows() * group.keys(), 64);
        for (int i = 0; i < group.rows(); i++) {
            long row = (long) (group.fromRow() + i) * keys, to = 4L * i * group.keys();
            for (int run = 0; run < group.starts().length; run++) {
                long bytes = 4L * (group.ends()[run] - group.starts()[run]);
                MemorySegment.copy(mask, 4 * (row + group.starts()[run]), addends, to, bytes);
                to += bytes;
            }
        }
        return addends;
    }

    private static boolean anyAddend(MemorySegment mask, long row, RowGroup group) {
        for (int run = 0; run < group.starts().length; run++) {
            for (int key = group.starts()[run]; key < group.ends()[run]; key++) {
                float value = Floats.get(mask, row + key);
                if (value != 0 && !(value <= UNSEEN)) return true;
            }
        }
        return false;
    }

    private boolean areDisjoint(int keys) {
        boolean[] taken = new boolean[keys];
        for (RowGroup group : groups) {
            for (int run = 0; run < group.starts().length; run++) {
                for (int key = group.starts()[run]; key < group.ends()[run]; key++) {
                    if (taken[key]) return false;
                    taken[key] = true;
                }
            }
        }
        return true;
    }

    /** Runs of keys that one row sees. */
    private static final class Runs {
        int[] starts = new int[4];
        int[] ends = new int[4];
        int count;
        int total;

        static Runs of(MemorySegment mask, int row, int keys) {
            Runs runs = new Runs();
            long at = (long) row * keys;
            int start = -1;
            for (int key = 0; key < keys; key++) {
                boolean unseen = Floats.get(mask, at + key) <= UNSEEN;
                if (unseen == (start < 0)) continue;
                if (unseen) {
                    runs.add(start, key);
                    start = -1;
                } else {
                    start = key;
                }
            }
            if (start >= 0) runs.add(start, keys);
            return runs;
        }

        private void add(int start, int end) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
            }
            starts[count] = start;
            ends[count++] = end;
            total += end - start;
        }

        /** Whether these are the keys of a row and others after them. */
        boolean extend(Runs row) {
            int last = row.count - 1;
            if (count < row.count || starts[last] != row.starts[last] || ends[last] < row.ends[last]) return false;
            for (int i = 0; i < last; i++) if (starts[i] != row.starts[i] || ends[i] != row.ends[i]) return false;
            return true;
        }
    }
}
