package io.retort.jobs;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.generate.Decoding;
import io.retort.generate.ReplyCleaning;
import io.retort.teacher.Teacher;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns settings into plain values, for the provenance of what was made by them. */
final class Provenance {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TypeReference<LinkedHashMap<String, Object>> VALUES = new TypeReference<>() {};

    private static final String EDITION = "edition", DROP_ASSISTANT_TALK = "dropAssistantTalk";

    private Provenance() {}

    /** What a teacher tells of itself, its fingerprint among it in any case. */
    static Map<String, Object> of(Teacher teacher) {
        Map<String, Object> facts = new LinkedHashMap<>(teacher.provenance());
        if (!facts.containsValue(teacher.fingerprint())) facts.put("fingerprint", teacher.fingerprint());
        return facts;
    }

    /** A way of decoding as plain values, its name among them. */
    static Map<String, Object> of(Decoding decoding) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("kind", switch (decoding) {
            case Decoding.Greedy _ -> "greedy";
            case Decoding.Beam _ -> "beam";
            case Decoding.Sampling _ -> "sampling";
        });
        values.putAll(of((Record) decoding));
        return values;
    }

    /** Cleaning as plain values; its first edition, which had no number, without one, and what is not asked unsaid. */
    static Map<String, Object> of(ReplyCleaning cleaning) {
        Map<String, Object> values = of((Record) cleaning);
        if (cleaning.edition() == 1) values.remove(EDITION);
        if (!cleaning.dropAssistantTalk()) values.remove(DROP_ASSISTANT_TALK);
        return values;
    }

    /** The cleaning that a run was begun with, out of what it tells of it. */
    static ReplyCleaning cleaning(JsonNode told) {
        int edition = told.path(EDITION).asInt(1);
        return ReplyCleaning.standard().withEdition(Math.clamp(edition, 1, ReplyCleaning.NEWEST_EDITION))
                .withoutAssistantTalk(told.path(DROP_ASSISTANT_TALK).asBoolean(false));
    }

    /** The components of a record as plain values by name. */
    static Map<String, Object> of(Record settings) {
        return MAPPER.convertValue(settings, VALUES);
    }
}
