package io.retort.study;

import io.retort.dialogue.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Studies of made-up systems, whose replies tell which system said them, as no judge would know. */
public final class Studies {
    private Studies() {}

    static List<StudyContext> contexts(String prefix, int count) {
        List<StudyContext> contexts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            contexts.add(new StudyContext(prefix + i, Context.of("hello there " + prefix + i, "how is number " + i),
                    List.of("it is going really well today, number " + i)));
        }
        return contexts;
    }

    static StudyPlanner.Planned planned(StudyForm form, StudyDesign design, int contexts, int checks, long seed,
            String... systems) {
        List<StudyContext> asked = contexts("c", contexts);
        SequencedMap<String, List<List<String>>> said = new LinkedHashMap<>();
        for (int system = 0; system < systems.length; system++) {
            List<List<String>> replies = new ArrayList<>();
            for (int i = 0; i < contexts; i++) {
                String reply = "reply of kind " + (char) ('K' + system) + " to " + i;
                replies.add(form.isOfChats() ? List.of(reply, "and then", reply + " again") : List.of(reply));
            }
            said.put(systems[system], replies);
        }
        return new StudyPlanner(form, form.question(), design, seed).plan(asked, said, contexts("k", checks),
                Map.of("seed", seed));
    }

    static StudyPlan plan(StudyForm form, StudyDesign design, int contexts, int checks, String... systems) {
        return planned(form, design, contexts, checks, 7, systems).plan();
    }

    static StudyItem item(StudyPlan plan, String id) {
        return plan.itemsById().get(id);
    }
}
