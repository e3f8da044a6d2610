package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Storage.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PlanTest {
    private static final Step.Binding NOTHING = workspace -> () -> {
    };

    @Property(tries = 200)
    void buffersThatLiveAtTheSameTimeDoNotOverlap(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int steps) {
        List<Step> made = random(new Random(seed), steps);
        Plan plan = Plan.of(List.of(), made, List.of(), 0);
        List<Buffer> buffers = buffers(made);
        for (Buffer a : buffers) {
            assertEquals(0, a.offset % Plan.ALIGNMENT);
            assertTrue(a.offset + a.elements <= plan.elements());
            for (Buffer b : buffers) {
                boolean together = a != b && a.first <= b.last && b.first <= a.last;
                boolean apart = a.offset + a.elements <= b.offset || b.offset + b.elements <= a.offset;
                assertTrue(!together || apart, () -> "at " + a.offset + " and " + b.offset);
            }
        }
    }

    @Property(tries = 100)
    void theArenaIsNoLargerThanAllBuffersAndNoSmallerThanThoseOfAStep(@ForAll long seed) {
        List<Step> made = random(new Random(seed), 40);
        Plan plan = Plan.of(List.of(), made, List.of(), 0);
        long all = buffers(made).stream().mapToLong(b -> b.elements + Plan.ALIGNMENT).sum();
        assertTrue(plan.elements() <= all);
        for (int i = 0; i < made.size(); i++) {
            int step = i;
            long alive = buffers(made).stream().filter(b -> b.first <= step && step <= b.last)
                    .mapToLong(b -> b.elements).sum();
            assertTrue(plan.elements() >= alive);
        }
    }

    /** Each step writes a buffer and reads a few of the last. */
    private static List<Step> random(Random random, int count) {
        List<Buffer> made = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Buffer out = new Buffer(random.nextInt(1000));
            List<Buffer> touched = new ArrayList<>(List.of(out));
            for (int r = 0; r < 3 && !made.isEmpty(); r++) {
                touched.add(made.get(Math.max(0, made.size() - 1 - random.nextInt(6))));
            }
            made.add(out);
            steps.add(new Step(new Operation.Reshape(), touched, NOTHING));
        }
        return steps;
    }

    private static List<Buffer> buffers(List<Step> steps) {
        Set<Buffer> all = Collections.newSetFromMap(new IdentityHashMap<>());
        steps.forEach(step -> all.addAll(step.touched()));
        return List.copyOf(all);
    }
}
