package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.files.BadInput;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StudyPlannerTest {
    private static final String[] NAMES = {"aardvark", "beluga", "cassowary", "dugong"};

    @Property(tries = 60)
    void everyPairComesEquallyOftenOnEitherSideAndNobodyGetsAContextTwice(@ForAll @IntRange(min = 2, max = 4) int count,
            @ForAll @IntRange(min = 1, max = 8) int judges, @ForAll @IntRange(min = 1, max = 3) int overlap,
            @ForAll long seed) {
        StudyPlan plan = Studies.planned(StudyForm.SIDE_BY_SIDE, new StudyDesign(judges, 18, overlap), 24, 2, seed,
                Arrays.copyOf(NAMES, count)).plan();
        assertEquals(judges, plan.places().size());
        for (List<String> place : plan.places()) {
            assertEquals(20, place.size());
            List<StudyItem> items = place.stream().map(id -> Studies.item(plan, id)).toList();
            assertEquals(20, items.stream().map(StudyItem::context).distinct().count());
            assertEquals(2, items.stream().filter(StudyItem::isCheck).count());
            assertSpread(1, items.stream().filter(item -> !item.isCheck())
                    .map(item -> new TreeSet<>(item.systems()).toString()).toList(), count * (count - 1) / 2);
        }
        Map<Set<String>, List<String>> left = plan.items().stream().filter(item -> !item.isCheck())
                .collect(Collectors.groupingBy(item -> Set.copyOf(item.systems()),
                        Collectors.mapping(item -> item.systems().getFirst(), Collectors.toList())));
        left.values().forEach(sides -> assertSpread(1, sides, sides.size() > 1 ? 2 : 1));
    }

    private static void assertSpread(int most, List<String> values, int different) {
        Map<String, Integer> counts = new HashMap<>();
        values.forEach(value -> counts.merge(value, 1, Integer::sum));
        assertEquals(different, counts.size(), counts.toString());
        int max = counts.values().stream().max(Integer::compare).orElseThrow();
        int min = counts.values().stream().min(Integer::compare).orElseThrow();
        assertTrue(max - min <= most, counts.toString());
    }

    @Test
    void nothingThatAJudgeSeesNamesASystemOrTellsACheck() throws Exception {
        JsonMapper json = new JsonMapper();
        for (StudyForm form : StudyForm.values()) {
            StudyPlan plan = Studies.plan(form, new StudyDesign(4, 10, 2), 12, 2, NAMES);
            Set<String> shapes = new HashSet<>();
            for (StudyItem item : plan.items()) {
                String seen = json.writeValueAsString(JudgeItem.of(item, plan, 0, 12))
                        + JudgeItem.of(item, plan, 0, 12);
                for (String name : NAMES) assertFalse(seen.contains(name), seen);
                assertFalse(seen.contains("check") || seen.contains("expected") || seen.contains("\"" + item.context()),
                        seen);
                assertTrue(item.id().matches("[2-9b-z]{10}"), item.id());
                shapes.add(item.before().size() + " " + item.shown().stream().map(each -> each.said().size()).toList());
            }
            if (!form.isOfChats()) assertEquals(1, shapes.size(), shapes.toString());
        }
    }

    @Test
    void aCheckShowsWhatPeopleSaidBesideTheSameWordsInDisorder() {
        StudyPlan plan = Studies.plan(StudyForm.SIDE_BY_SIDE, new StudyDesign(1, 5, 1), 5, 4, "a", "b");
        List<StudyItem> checks = plan.items().stream().filter(StudyItem::isCheck).toList();
        assertEquals(4, checks.size());
        for (StudyItem check : checks) {
            int right = check.expected().equals(List.of("left")) ? 0 : 1;
            String good = check.shown().get(right).said().getFirst().text();
            String wrong = check.shown().get(1 - right).said().getFirst().text();
            assertTrue(good.startsWith("it is going really well today"), good);
            assertFalse(wrong.startsWith("it is going really well today"), wrong);
            assertEquals(8, wrong.split(" ").length);
        }
        assertTrue(plan.places().stream().allMatch(place -> place.containsAll(checks.stream().map(StudyItem::id)
                .toList())));
    }

    @Test
    void contextsToWhichComparedSystemsSayTheSameAreLeftOut() {
        List<StudyContext> contexts = Studies.contexts("c", 3);
        var said = new LinkedHashMap<String, List<List<String>>>();
        said.put("a", List.of(List.of("Hello!"), List.of("yes"), List.of("one")));
        said.put("b", List.of(List.of("hello !"), List.of("no"), List.of("two")));
        StudyPlanner planner = new StudyPlanner(StudyForm.SIDE_BY_SIDE, "?", new StudyDesign(1, 2, 1), 1);
        StudyPlanner.Planned planned = planner.plan(contexts, said, List.of(), Map.of());
        assertEquals(1, planned.alike());
        assertEquals(Set.of("c1", "c2"), planned.plan().items().stream().map(StudyItem::context)
                .collect(Collectors.toSet()));
        StudyPlanner three = new StudyPlanner(StudyForm.SIDE_BY_SIDE, "?", new StudyDesign(1, 3, 1), 1);
        BadInput refused = assertThrows(BadInput.class, () -> three.plan(contexts, said, List.of(), Map.of()));
        assertTrue(refused.getMessage().contains("only 2 of 3"), refused.getMessage());
    }

    @Test
    void equalSeedsGiveEqualPlansAndOthersOthers() {
        StudyDesign design = new StudyDesign(3, 8, 1);
        StudyPlan one = Studies.planned(StudyForm.LIKERT, design, 10, 1, 5, "a", "b").plan();
        assertEquals(one, Studies.planned(StudyForm.LIKERT, design, 10, 1, 5, "a", "b").plan());
        assertNotEquals(one.fingerprint(),
                Studies.planned(StudyForm.LIKERT, design, 10, 1, 6, "a", "b").plan().fingerprint());
    }
}
