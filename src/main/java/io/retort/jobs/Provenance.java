package io.retort.jobs;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.generate.Decoding;
import io.retort.teacher.Teacher;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns settings into plain values, for the provenance of what was made by them. */
final class Provenance {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TypeReference<LinkedHashMap<String, Object>> VALUES = new TypeReference<>() {};

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

    /** The components of a record as plain values by name. */
    static Map<String, Object> of(Record settings) {
        return MAPPER.convertValue(settings, VALUES);
    }
}
