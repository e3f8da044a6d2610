package io.retort.study;

import java.util.List;
import java.util.Optional;

/**
 * One thing to judge, as only the plan knows it: with the names of the systems, and with what is expected where the
 * answer is known.
 *
 * @param id       opaque: it tells neither system nor context
 * @param context  id of the context, or of the opening of a conversation, in the data; no judge gets one twice
 * @param before   what was said before, for judges to read; empty where whole conversations are judged
 * @param shown    what is judged: one system's, or two systems', the left one first
 * @param expected answers of which one is right, if the item is a hidden check; else empty
 */
public record StudyItem(String id, String context, List<Said> before, List<Shown> shown, List<String> expected) {
    public StudyItem {
        if (id.isBlank()) throw new IllegalArgumentException("id is blank");
        before = List.copyOf(before);
        shown = List.copyOf(shown);
        expected = List.copyOf(expected);
        if (shown.isEmpty() || shown.size() > 2) throw new IllegalArgumentException("shown has " + shown.size());
    }

    /**
     * What one system said.
     *
     * @param system its name
     * @param said   its reply, or the whole conversation; at least one turn
     */
    public record Shown(String system, List<Said> said) {
        public Shown {
            said = List.copyOf(said);
            if (said.isEmpty()) throw new IllegalArgumentException("said is empty");
        }
    }

    /** Whether the item is a hidden check, whose answer is known. */
    public boolean isCheck() {
        return !expected.isEmpty();
    }

    /** The system that an answer prefers; empty for a tie, and where one system is judged by itself. */
    public Optional<String> preferred(String answer) {
        return switch (answer) {
            case StudyForm.LEFT -> Optional.of(shown.getFirst().system());
            case StudyForm.RIGHT -> Optional.of(shown.getLast().system());
            default -> Optional.empty();
        };
    }

    /** Names of the systems that are shown, the left one first. */
    List<String> systems() {
        return shown.stream().map(Shown::system).toList();
    }
}
