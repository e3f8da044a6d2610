package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.util.List;

import io.retort.files.BadInput;

/**
 * What was said before a reply: c in the paper.
 *
 * @param turns oldest first, at least one, none blank
 */
public record Context(List<String> turns) {
    /**
     * Copies the turns, so that the context cannot change afterwards.
     *
     * @throws BadInput if there is no turn, or a blank one
     */
    public Context {
        turns = List.copyOf(turns);
        if (turns.isEmpty()) throw BadInput.of("a context of zero turns", "give at least one turn to reply to");
        if (turns.stream().anyMatch(WhiteSpace::isBlank)) {
            throw BadInput.of("a context with a blank turn", "give every turn a text");
        }
    }

    /** A context of these turns, oldest first. */
    public static Context of(String... turns) {
        return new Context(List.of(turns));
    }

    /** The newest turn, to which a reply is sought. */
    public String newest() {
        return turns.getLast();
    }

    /**
     * The context cut to its newest {@code count} turns; all of them where there are fewer.
     *
     * @throws BadInput if count is below 1
     */
    public Context latest(int count) {
        if (count < 1) throw BadInput.of("a history of " + count + " turns", "keep at least 1");
        return count >= turns.size() ? this : new Context(turns.subList(turns.size() - count, turns.size()));
    }
}
