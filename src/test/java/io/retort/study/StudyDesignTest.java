package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StudyDesignTest {
    @Property(tries = 300)
    void conditionsComeEquallyOftenAndNoGroupGetsAContextTwice(@ForAll @IntRange(min = 1, max = 12) int judges,
            @ForAll @IntRange(min = 1, max = 40) int items, @ForAll @IntRange(min = 1, max = 5) int overlap,
            @ForAll @IntRange(min = 0, max = 30) int more, @ForAll @IntRange(min = 1, max = 10) int conditions,
            @ForAll long seed) {
        StudyDesign design = new StudyDesign(judges, items, overlap);
        List<List<StudyDesign.Cell>> groups = design.cells(items + more, conditions, new SplittableRandom(seed));
        assertEquals((judges + overlap - 1) / overlap, groups.size());
        for (List<StudyDesign.Cell> group : groups) {
            assertEquals(items, new HashSet<>(group.stream().map(StudyDesign.Cell::context).toList()).size());
            assertBalanced(group, conditions);
        }
        List<StudyDesign.Cell> all = groups.stream().flatMap(List::stream).toList();
        assertBalanced(all, conditions);
        int[] uses = new int[items + more];
        for (StudyDesign.Cell cell : all) uses[cell.context()]++;
        assertTrue(IntStream.of(uses).max().getAsInt() - IntStream.of(uses).min().getAsInt() <= 1);
    }

    private static void assertBalanced(List<StudyDesign.Cell> cells, int conditions) {
        int[] counts = new int[conditions];
        for (StudyDesign.Cell cell : cells) counts[cell.condition()]++;
        assertTrue(IntStream.of(counts).max().getAsInt() - IntStream.of(counts).min().getAsInt() <= 1,
                () -> java.util.Arrays.toString(counts));
    }

    @Property(tries = 50)
    void equalSeedsGiveEqualDesigns(@ForAll long seed) {
        StudyDesign design = new StudyDesign(6, 20, 2);
        assertEquals(design.cells(30, 3, new SplittableRandom(seed)),
                design.cells(30, 3, new SplittableRandom(seed)));
    }
}
