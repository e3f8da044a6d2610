package io.retort.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonLinesWriter;
import io.retort.files.JsonRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The file of a plan, JSONL: a head {@code {"format": "retort-study", "version": 1, "form", "question", "systems": […],
 * "items": N, "places": N, "origin": {…}}}, then every item {@code {"item", "context", "before": [{"s": "judged|other",
 * "t"}…], "shown": [{"system", "said": […]}…], "expected"?: […]}}, then every place {@code {"place": [id…]}}.
 */
public final class StudyPlanFile {
    static final String FORMAT = "retort-study";
    static final int VERSION = 1;
    private static final String JUDGED = "judged", OTHER = "other";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private StudyPlanFile() {}

    /** Writes a plan, which appears whole or not at all. */
    public static void write(Path file, StudyPlan plan) throws IOException {
        try (JsonLinesWriter writer = JsonLinesWriter.create(file)) {
            for (ObjectNode line : lines(plan)) writer.write(line);
            writer.commit();
        }
    }

    static List<ObjectNode> lines(StudyPlan plan) {
        List<ObjectNode> lines = new ArrayList<>();
        ObjectNode head = object().put("format", FORMAT).put("version", VERSION).put("form", plan.form().label())
                .put("question", plan.question());
        plan.systems().forEach(head.putArray("systems")::add);
        head.put("items", plan.items().size()).put("places", plan.places().size());
        head.set("origin", MAPPER.valueToTree(plan.origin()));
        lines.add(head);
        for (StudyItem item : plan.items()) lines.add(line(item));
        for (List<String> place : plan.places()) {
            ObjectNode line = object();
            place.forEach(line.putArray("place")::add);
            lines.add(line);
        }
        return lines;
    }

    private static ObjectNode line(StudyItem item) {
        ObjectNode line = object().put("item", item.id()).put("context", item.context());
        put(line.putArray("before"), item.before());
        ArrayNode shown = line.putArray("shown");
        for (StudyItem.Shown each : item.shown()) {
            put(shown.addObject().put("system", each.system()).putArray("said"), each.said());
        }
        if (item.isCheck()) item.expected().forEach(line.putArray("expected")::add);
        return line;
    }

    private static void put(ArrayNode array, List<Said> turns) {
        for (Said turn : turns) array.addObject().put("s", turn.judged() ? JUDGED : OTHER).put("t", turn.text());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * Reads a plan.
     *
     * @throws BadInput naming the line if it is none, was cut, or does not fit together
     */
    public static StudyPlan read(Path file) throws IOException {
        try (JsonLines lines = JsonLines.open(file)) {
            if (!lines.hasNext()) throw notAPlan(file);
            return new Reading(file, lines).plan(lines.next());
        }
    }

    private static BadInput notAPlan(Path file) {
        return BadInput.in(file, "is no plan of a study", "make one with `retort study plan`");
    }

    /** One reading of a plan, whose items must have different ids, which places name. */
    private record Reading(Path file, JsonLines lines, Map<String, Long> ids) {
        Reading(Path file, JsonLines lines) {
            this(file, lines, new HashMap<>());
        }

        StudyPlan plan(JsonRecord head) {
            if (!head.optionalText("format").orElse("").equals(FORMAT)) throw notAPlan(file);
            if (count(head, "version") != VERSION) {
                throw head.fault("version", "is not " + VERSION, "use the version of Retort that wrote the file");
            }
            String label = head.text("form");
            StudyForm form = StudyForm.labelled(label).orElseThrow(
                    () -> head.fault("form", "is \"" + label + "\", which is unknown", "correct the line"));
            List<String> systems = head.texts("systems");
            if (systems.isEmpty() || new HashSet<>(systems).size() < systems.size()) {
                throw head.fault("systems", "names none, or one twice", "correct the line");
            }
            int items = count(head, "items"), places = count(head, "places");
            List<StudyItem> read = new ArrayList<>();
            for (int i = 0; i < items; i++) read.add(item(next(items - i, "items"), form, systems));
            List<List<String>> assigned = new ArrayList<>();
            for (int i = 0; i < places; i++) assigned.add(place(next(places - i, "places")));
            if (lines.hasNext()) {
                throw BadInput.atLine(file, lines.next().line(), "stands behind the last line of the plan",
                        "remove it, or make the plan again");
            }
            return new StudyPlan(form, head.filledText("question"), systems, read, assigned,
                    head.optionalValues("origin"));
        }

        private JsonRecord next(int missing, String what) {
            if (lines.hasNext()) return lines.next();
            throw BadInput.in(file, "was cut: " + missing + " of its " + what + " are missing",
                    "make the plan again, with the same settings");
        }

        private StudyItem item(JsonRecord line, StudyForm form, List<String> systems) {
            String id = line.filledText("item");
            Long before = ids.putIfAbsent(id, line.line());
            if (before != null) throw line.fault("item", "is that of line " + before, "remove one of them");
            List<StudyItem.Shown> shown = new ArrayList<>();
            List<String> expected = line.optionalTexts("expected");
            for (JsonRecord each : line.records("shown")) {
                String system = each.filledText("system");
                if (expected.isEmpty() && !systems.contains(system)) {
                    throw each.fault("system", "is \"" + system + "\", which the head does not name",
                            "correct the line");
                }
                List<Said> said = turns(each, "said");
                if (said.isEmpty()) throw each.fault("said", "is empty", "correct the line");
                shown.add(new StudyItem.Shown(system, said));
            }
            if (shown.size() != form.sides()) {
                throw line.fault("shown", "has " + shown.size() + " entries, not " + form.sides(), "correct the line");
            }
            if (!expected.stream().allMatch(form::takes)) {
                throw line.fault("expected", "holds what is no answer of this form", "correct the line");
            }
            return new StudyItem(id, line.text("context"), turns(line, "before"), shown, expected);
        }

        private List<String> place(JsonRecord line) {
            List<String> place = line.texts("place");
            Set<String> seen = new HashSet<>();
            for (String id : place) {
                if (!ids.containsKey(id)) throw line.fault("place", "names " + id + ", which is no item", "correct it");
                if (!seen.add(id)) throw line.fault("place", "names " + id + " twice", "remove one of them");
            }
            return place;
        }
    }

    private static List<Said> turns(JsonRecord line, String field) {
        List<Said> turns = new ArrayList<>();
        for (JsonRecord turn : line.records(field)) {
            boolean judged = switch (turn.text("s")) {
                case JUDGED -> true;
                case OTHER -> false;
                default -> throw turn.fault("s", "is neither `judged` nor `other`", "correct the line");
            };
            turns.add(new Said(judged, turn.filledText("t")));
        }
        return turns;
    }

    /** A whole number that is not negative. */
    static int count(JsonRecord line, String field) {
        OptionalDouble number = line.optionalNumber(field);
        if (number.isEmpty()) throw line.fault(field, "is missing", "add it");
        double value = number.getAsDouble();
        if (value < 0 || value > Integer.MAX_VALUE || value != Math.rint(value)) {
            throw line.fault(field, "is no whole number from 0 on", "correct the line");
        }
        return (int) value;
    }
}
