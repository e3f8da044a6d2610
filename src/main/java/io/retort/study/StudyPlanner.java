package io.retort.study;

import io.retort.dialogue.NormalForm;
import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Makes the plan of a study out of what systems said. Equal seed, equal plan.
 *
 * <p>Where two systems that are compared say the same, there is nothing to choose: such contexts are left out and
 * counted.
 */
public final class StudyPlanner {
    private static final int ID_CHARACTERS = 10;
    private static final String ALPHABET = "23456789bcdfghjkmnpqrstvwxz";

    private final StudyForm form;
    private final String question;
    private final IntFunction<StudyDesign> designs;
    private final SplittableRandom random;
    private final Set<String> ids = new HashSet<>();

    /**
     * Prepares a plan.
     *
     * @param question what judges are asked
     * @param seed     draws which context is shown with which systems, sides, ids and the order for each judge
     */
    public StudyPlanner(StudyForm form, String question, StudyDesign design, long seed) {
        this(form, question, _ -> design, seed);
    }

    /**
     * Prepares a plan whose design depends on how much there is to judge.
     *
     * @param designs for the number of contexts, or of pairings, that can be used
     */
    public StudyPlanner(StudyForm form, String question, IntFunction<StudyDesign> designs, long seed) {
        this.form = form;
        this.question = question;
        this.designs = designs;
        this.random = new SplittableRandom(seed);
    }

    /** Whether people said enough after a context for it to serve as a hidden check. */
    public static boolean canBeCheck(StudyContext context) {
        return HiddenChecks.canBeDisordered(context);
    }

    /**
     * A plan, and what it could not use.
     *
     * @param alike contexts that were left out, since systems that are compared say the same to them
     */
    public record Planned(StudyPlan plan, int alike) {
    }

    /**
     * Plans a study.
     *
     * @param contexts in the order of the data
     * @param said     by the name of each system what it said, context by context
     * @param checks   contexts of their own with what people said next, for hidden checks
     * @param origin   kept in the plan
     * @throws BadInput if there are fewer contexts that tell systems apart than a judge is to get
     */
    public Planned plan(List<StudyContext> contexts, SequencedMap<String, List<List<String>>> said,
            List<StudyContext> checks, Map<String, Object> origin) {
        List<String> systems = List.copyOf(said.keySet());
        requireComparable(systems);
        List<List<Integer>> conditions = conditions(systems.size());
        List<Integer> usable = new ArrayList<>();
        for (int i = 0; i < contexts.size(); i++) if (isTold(i, said)) usable.add(i);
        StudyDesign design = designs.apply(usable.size());
        if (usable.size() < design.items()) {
            throw BadInput.of("only " + usable.size() + " of " + contexts.size()
                    + " contexts are answered differently by the systems, and each judge is to get " + design.items(),
                    "set \"contexts\" to more, or \"items\" to less");
        }
        List<List<StudyDesign.Cell>> groups = design.cells(usable.size(), conditions.size(), random);
        SequencedMap<StudyDesign.Cell, StudyItem> made = new LinkedHashMap<>();
        List<List<StudyDesign.Cell>> byCondition = new ArrayList<>();
        conditions.forEach(_ -> byCondition.add(new ArrayList<>()));
        groups.stream().flatMap(List::stream).distinct().forEach(cell -> byCondition.get(cell.condition()).add(cell));
        for (List<StudyDesign.Cell> cells : byCondition) {
            Collections.shuffle(cells, random);
            int first = random.nextInt(2); // which side begins; from there they take turns
            for (StudyDesign.Cell cell : cells) {
                int place = usable.get(cell.context());
                List<StudyItem.Shown> shown = new ArrayList<>();
                for (int system : conditions.get(cell.condition())) {
                    String name = systems.get(system);
                    shown.add(new StudyItem.Shown(name, said(contexts.get(place), said.get(name).get(place))));
                }
                made.put(cell, item(contexts.get(place), first++ % 2 == 0 ? shown : shown.reversed(), List.of()));
            }
        }
        List<StudyItem> hidden = new HiddenChecks(form, random).of(checks, this::said).stream()
                .map(check -> item(check.context(), check.shown(), check.expected())).toList();
        List<StudyItem> all = new ArrayList<>(made.values());
        all.addAll(hidden);
        List<List<String>> places = places(design, groups.stream().map(cells -> {
            List<StudyItem> seen = new ArrayList<>(cells.stream().map(made::get).toList());
            seen.addAll(hidden);
            return seen;
        }).toList());
        return new Planned(new StudyPlan(form, question, systems, all, places, origin),
                contexts.size() - usable.size());
    }

    /**
     * Plans a study of pairings that somebody else made, of which each judge gets some, and all checks.
     *
     * @throws BadInput if there are fewer than a judge is to get
     */
    public StudyPlan plan(List<AcutePairings.Pairing> pairings, Map<String, Object> origin) {
        Set<String> systems = new LinkedHashSet<>();
        List<StudyItem> given = new ArrayList<>();
        Map<Set<String>, Integer> flips = new HashMap<>();
        for (AcutePairings.Pairing pairing : pairings) {
            if (pairing.correct().isEmpty()) systems.addAll(pairing.speakers());
            List<StudyItem.Shown> shown = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                shown.add(new StudyItem.Shown(pairing.speakers().get(i), pairing.dialogues().get(i)));
            }
            // Each system of a pair is on the left in turns, whichever the file names first.
            shown.sort(Comparator.comparing(StudyItem.Shown::system));
            int flip = flips.merge(Set.copyOf(pairing.speakers()), random.nextInt(2), (count, _) -> count + 1);
            List<StudyItem.Shown> sided = flip % 2 == 0 ? shown : shown.reversed();
            List<String> expected = pairing.correct().stream().map(correct -> sided.getFirst().system().equals(correct)
                    ? StudyForm.LEFT
                    : StudyForm.RIGHT).toList();
            given.add(new StudyItem(id(), pairing.context(), List.of(), sided, expected));
        }
        requireComparable(List.copyOf(systems));
        List<StudyItem> items = inTurns(given.stream().filter(item -> !item.isCheck()).toList());
        List<StudyItem> hidden = given.stream().filter(StudyItem::isCheck).toList();
        StudyDesign design = designs.apply(items.size());
        if (items.size() < design.items()) {
            throw BadInput.of("there are only " + items.size() + " items, and each judge is to get " + design.items(),
                    "set \"items\" to less");
        }
        List<List<StudyItem>> groups = new ArrayList<>();
        for (int group = 0; group < design.groups(); group++) {
            List<StudyItem> seen = new ArrayList<>();
            for (int i = 0; i < design.items(); i++) {
                seen.add(items.get((group * design.items() + i) % items.size()));
            }
            seen.addAll(hidden);
            groups.add(seen);
        }
        return new StudyPlan(form, question, List.copyOf(systems), given, places(design, groups), origin);
    }

    /** Items of every pair in turns, so that any stretch of them has each pair equally often as long as they last. */
    private List<StudyItem> inTurns(List<StudyItem> given) {
        Map<List<String>, List<StudyItem>> byPair = new LinkedHashMap<>();
        for (StudyItem item : given) {
            byPair.computeIfAbsent(item.systems().stream().sorted().toList(), _ -> new ArrayList<>()).add(item);
        }
        byPair.values().forEach(list -> Collections.shuffle(list, random));
        List<StudyItem> turns = new ArrayList<>();
        for (int i = 0; turns.size() < given.size(); i++) {
            for (List<StudyItem> list : byPair.values()) if (i < list.size()) turns.add(list.get(i));
        }
        return turns;
    }

    private void requireComparable(List<String> systems) {
        if (systems.size() < form.sides()) {
            throw BadInput.of("a comparison of " + systems.size() + " system", "name two systems or more");
        }
    }

    /** All pairs of systems, or every system by itself, by their places. */
    private List<List<Integer>> conditions(int systems) {
        List<List<Integer>> conditions = new ArrayList<>();
        for (int a = 0; a < systems; a++) {
            if (!form.isPaired()) conditions.add(List.of(a));
            else for (int b = a + 1; b < systems; b++) conditions.add(List.of(a, b));
        }
        return conditions;
    }

    private boolean isTold(int context, Map<String, List<List<String>>> said) {
        if (!form.isPaired()) return true;
        Set<List<String>> different = new HashSet<>();
        for (List<List<String>> each : said.values()) {
            different.add(each.get(context).stream().map(NormalForm::of).toList());
        }
        return different.size() == said.size();
    }

    private StudyItem item(StudyContext context, List<StudyItem.Shown> shown, List<String> expected) {
        return new StudyItem(id(), context.id(), form.isOfChats() ? List.of() : before(context.context().turns()),
                shown, expected);
    }

    /** What a judge reads of a system: its reply, or the opening and what follows it. */
    private List<Said> said(StudyContext context, List<String> texts) {
        if (!form.isOfChats()) return List.of(new Said(true, texts.getLast()));
        List<Said> turns = new ArrayList<>(before(context.context().turns()));
        for (int i = 0; i < texts.size(); i++) turns.add(new Said(i % 2 == 0, texts.get(i)));
        return turns;
    }

    /** Speakers take turns, and the last turn before a reply is the other one's. */
    private static List<Said> before(List<String> turns) {
        List<Said> before = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) before.add(new Said((turns.size() - i) % 2 == 0, turns.get(i)));
        return before;
    }

    private List<List<String>> places(StudyDesign design, List<List<StudyItem>> groups) {
        List<List<String>> places = new ArrayList<>();
        for (int judge = 0; judge < design.judges(); judge++) {
            List<String> place = new ArrayList<>(
                    groups.get(judge / design.overlap()).stream().map(StudyItem::id).toList());
            Collections.shuffle(place, random);
            places.add(place);
        }
        return places;
    }

    /** An id of no meaning, without vowels, so that it is no word. */
    private String id() {
        StringBuilder id = new StringBuilder();
        while (id.length() < ID_CHARACTERS) id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        return ids.add(id.toString()) ? id.toString() : id();
    }
}
