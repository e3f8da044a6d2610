package io.retort.distill;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.files.BadInput;
import io.retort.settings.InvalidSetting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * People as whom a teacher replies, in turn: one who replies to everything is always of one mind and one way of talking.
 * Which of them reply to a context depends on its id alone. Immutable.
 *
 * @param sentences  who they are, as a persona is told to the teacher; none for replies by nobody in particular
 * @param perContext how many of them reply to a context, 1 or more; the first again where there are fewer
 */
public record Personas(List<String> sentences, int perContext) {
    /** The most personas that may reply to a context. */
    public static final int MOST_PER_CONTEXT = 100;

    /** @throws InvalidSetting if the number is out of its range */
    public Personas {
        sentences = List.copyOf(sentences);
        unless(perContext >= 1 && perContext <= MOST_PER_CONTEXT, "perContext", perContext,
                "use 1 to " + MOST_PER_CONTEXT);
    }

    /** Nobody in particular. */
    public static Personas none() {
        return new Personas(List.of(), 1);
    }

    /**
     * Reads personas from a file with one on each line; blank lines, and those that begin with {@code #}, are for people.
     *
     * @throws BadInput if the file has none or is no text
     */
    public static Personas read(Path file, int perContext) throws IOException {
        return new Personas(LineList.read(file), perContext);
    }

    /** How many of a number of replies each of those who reply to a context is asked for. */
    int share(int replies) {
        return (replies + voices() - 1) / voices();
    }

    /** How many different requests a context needs at least. */
    int voices() {
        return sentences.isEmpty() ? 1 : perContext;
    }

    /**
     * Who is asked, as the scene of a request.
     *
     * @param id   the context's
     * @param turn how often the teacher was asked before about this context
     */
    List<String> scene(String id, int turn) {
        if (sentences.isEmpty()) return List.of();
        int first = Math.floorMod(id.hashCode() * 31, sentences.size());
        return List.of(sentences.get((first + turn % perContext) % sentences.size()));
    }
}
