package io.retort.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a status line says, in parts that have shorter forms: where there is little room, those of little importance are
 * shortened or left out first.
 */
final class StatusText {
    private final List<Part> parts = new ArrayList<>();

    /** What a part tells, the least important first. */
    enum Importance {
        DETAIL, SPEED, QUALITY, AMOUNT, STAGE, TIME
    }

    /**
     * A part of the text.
     *
     * @param forms the longest first
     */
    private record Part(Importance importance, List<String> forms) {
        boolean isShortenable() {
            return forms.size() > 1;
        }

        Part shortened() {
            return new Part(importance, forms.subList(1, forms.size()));
        }
    }

    /**
     * Adds a part, separators included, after those that are there.
     *
     * @param forms of it, the longest first; an empty one where it may be left out
     */
    StatusText add(Importance importance, String... forms) {
        parts.add(new Part(importance, Arrays.stream(forms).map(Columns::printable).toList()));
        return this;
    }

    /** Adds a text after the parts that are there, which stays as it is. */
    StatusText add(String text) {
        return add(Importance.TIME, text);
    }

    /** Adds all parts of another text. */
    StatusText add(StatusText other) {
        parts.addAll(other.parts);
        return this;
    }

    /** The text in so many columns or fewer. */
    String within(int columns) {
        List<Part> left = new ArrayList<>(parts);
        while (Columns.of(joined(left)) > columns) {
            Optional<Part> least = left.stream().filter(Part::isShortenable)
                    .min(Comparator.comparing(Part::importance));
            if (least.isEmpty()) return Columns.cut(joined(left), columns);
            left.replaceAll(part -> part == least.get() ? part.shortened() : part);
        }
        return joined(left);
    }

    private static String joined(List<Part> parts) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.forms.getFirst()));
        return text.toString();
    }
}
