package io.retort.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A study before anybody has judged: every item with its systems and sides, and who gets which items in which order.
 * It is kept from judges, who see {@link JudgeItem}s. {@link StudyPlanFile} reads and writes it.
 *
 * @param form     what judges see and are asked
 * @param question that they are asked
 * @param systems  names of what is compared, in the order of reports
 * @param items    in the order of the data
 * @param places   for each judge the ids of the items, in the order in which they are shown
 * @param origin   what the plan was made of: settings, and digests of files; its names start with letters
 */
public record StudyPlan(StudyForm form, String question, List<String> systems, List<StudyItem> items,
        List<List<String>> places, Map<String, Object> origin) {
    public StudyPlan {
        systems = List.copyOf(systems);
        items = List.copyOf(items);
        places = places.stream().map(List::copyOf).toList();
        if (systems.isEmpty() || new HashSet<>(systems).size() < systems.size()) {
            throw new IllegalArgumentException("systems is " + systems + ", which are none, or not all different");
        }
        Set<String> ids = new HashSet<>();
        for (StudyItem item : items) {
            if (!ids.add(item.id())) throw new IllegalArgumentException("two items have the id " + item.id());
            if (item.shown().size() != form.sides()) {
                throw new IllegalArgumentException("item " + item.id() + " shows " + item.shown().size());
            }
        }
        for (List<String> place : places) {
            if (!ids.containsAll(place) || new HashSet<>(place).size() < place.size()) {
                throw new IllegalArgumentException("a place has an item that is not there, or one twice");
            }
        }
    }

    /** The items by their ids. */
    Map<String, StudyItem> itemsById() {
        Map<String, StudyItem> byId = LinkedHashMap.newLinkedHashMap(items.size());
        for (StudyItem item : items) byId.put(item.id(), item);
        return byId;
    }

    /** SHA-256 of all that the plan holds, by which votes know the plan that they belong to. */
    public String fingerprint() {
        Sha256 hash = new Sha256();
        for (ObjectNode line : StudyPlanFile.lines(this)) {
            hash.update((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return hash.hex();
    }
}
