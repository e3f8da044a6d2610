package io.retort.ingest;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which columns of a table, or fields of a record, hold what; written as {@code speaker=author,text=body}. A name of
 * {@code -} says that there is none.
 *
 * @param names by what they hold
 */
public record Columns(Map<Role, String> names) {
    /** The name that stands for "there is none". */
    public static final String NONE = "-";

    /** What a column can hold. */
    public enum Role {
        /** Which conversation a row belongs to. */
        ID,
        /** The name or the role of the one who speaks. */
        SPEAKER,
        /** What is said. */
        TEXT,
        /** When it is said. */
        TIME,
        /** What was said before a response. */
        CONTEXT,
        /** The reply to the context in the same row. */
        RESPONSE;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Columns {
        names = names.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(names));
    }

    /**
     * Reads columns as {@link #toString} writes them.
     *
     * @throws IllegalArgumentException if it cannot be understood
     */
    public static Columns parse(String text) {
        Map<Role, String> names = new EnumMap<>(Role.class);
        for (String part : text.split(",")) {
            int sign = part.indexOf('=');
            if (sign < 1 || sign == part.length() - 1) {
                throw new IllegalArgumentException("'" + part + "' is not of the form WHAT=NAME: write text=body");
            }
            if (names.put(role(part.substring(0, sign).strip()), part.substring(sign + 1).strip()) != null) {
                throw new IllegalArgumentException("'" + text + "' says twice what one column is");
            }
        }
        return new Columns(names);
    }

    private static Role role(String key) {
        for (Role role : Role.values()) if (role.key().equalsIgnoreCase(key)) return role;
        throw new IllegalArgumentException("'" + key + "' is none of id, speaker, text, time, context, response");
    }

    /** The column that was named for something; {@link #NONE} if it was said that there is none. */
    public Optional<String> of(Role role) {
        return Optional.ofNullable(names.get(role));
    }

    @Override
    public String toString() {
        return names.entrySet().stream().map(entry -> entry.getKey().key() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
