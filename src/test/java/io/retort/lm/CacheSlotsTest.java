package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CacheSlotsTest {
    private static final String NAME = "rows";

    /** A run and the numbers that were written to its rows. */
    private record Written(CacheSlots.Run run, List<Float> rows) {
        void extend(CacheSlots slots, float number) {
            slots.store(NAME, Tensor.of(new float[]{number}, 1, 1), List.of(run.extend()));
            rows.add(number);
        }

        Written fork() {
            return new Written(run.fork(), new ArrayList<>(rows));
        }

        /** Returns what lies in the slots of the run. */
        List<Float> read(CacheSlots slots) {
            List<Float> found = new ArrayList<>();
            float[] all = slots.tensors().get(NAME).toFloats();
            run.forEach((from, to, first) -> {
                assertEquals(found.size(), first);
                for (int slot = from; slot < to; slot++) found.add(all[slot]);
            });
            return found;
        }
    }

    @Property(tries = 60)
    void whateverIsForkedAndReleasedEachRunKeepsItsRowsInAscendingSlots(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int forks) {
        SplittableRandom random = new SplittableRandom(seed);
        try (CacheSlots slots = new CacheSlots(List.of(NAME), 1)) {
            List<Written> runs = new ArrayList<>();
            for (int step = 0; step < 400; step++) {
                int choice = random.nextInt(10 + forks);
                if (runs.isEmpty() || choice == 0) {
                    runs.add(new Written(new CacheSlots.Run(slots), new ArrayList<>()));
                } else if (choice < 8) {
                    runs.get(random.nextInt(runs.size())).extend(slots, step);
                } else if (choice < 10) {
                    Written gone = runs.remove(random.nextInt(runs.size()));
                    gone.run.release();
                } else {
                    runs.add(runs.get(random.nextInt(runs.size())).fork());
                }
            }
            for (Written each : runs) {
                assertEquals(each.rows, each.read(slots));
                assertEquals(each.rows.size(), each.run.length());
                int[] end = {-1};
                each.run.forEach((from, to, _) -> {
                    assertTrue(end[0] < from && from < to, "ranges ascend and do not touch");
                    end[0] = to;
                });
            }
        }
    }

    @Test
    void aBeamThatForksAtEveryTokenTakesHardlyMoreSlotsThanItHasTokens() {
        SplittableRandom random = new SplittableRandom(4);
        try (CacheSlots slots = new CacheSlots(List.of(NAME), 1)) {
            List<CacheSlots.Run> beam = new ArrayList<>(List.of(new CacheSlots.Run(slots)));
            for (int token = 0; token < 40; token++) {
                beam.forEach(CacheSlots.Run::extend);
                List<CacheSlots.Run> next = new ArrayList<>();
                while (next.size() < 10) next.add(beam.get(random.nextInt(beam.size())).fork());
                beam.forEach(CacheSlots.Run::release);
                beam = next;
            }
            assertTrue(slots.slots() <= 512, slots.slots() + " slots for 391 tokens");
        }
    }

    @Test
    void samplesThatGoOnAloneLieSideBySide() {
        try (CacheSlots slots = new CacheSlots(List.of(NAME), 1)) {
            CacheSlots.Run prompt = new CacheSlots.Run(slots);
            for (int t = 0; t < 20; t++) prompt.extend();
            List<CacheSlots.Run> samples = new ArrayList<>();
            for (int i = 0; i < 8; i++) samples.add(prompt.fork());
            for (int t = 0; t < 64; t++) samples.forEach(CacheSlots.Run::extend);
            for (CacheSlots.Run sample : samples) {
                int[] ranges = {0};
                sample.forEach((_, _, _) -> ranges[0]++);
                assertTrue(ranges[0] <= 2 + 5 + 64 / CacheSlots.BLOCK, ranges[0] + " ranges");
            }
        }
    }
}
