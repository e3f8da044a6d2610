package io.retort.jobs;

import io.retort.store.BotFolder;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A system that a study compares, as people name it: {@code NAME=WHAT}, or {@code WHAT} alone, of which the last part is
 * the name then. WHAT is {@value #HUMAN} (what people said in the data), a bot's folder, a student's name or folder
 * (which answers out of the replies that come with Retort), a response index (which its own model answers from), or a
 * JSONL file of replies that were made before.
 *
 * @param name of letters, digits, dots, dashes and underscores
 * @param what it is
 */
public record StudiedSystem(String name, String what) {
    /** Stands for what people said in the data. */
    public static final String HUMAN = "human";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");
    private static final Pattern ENDING = Pattern.compile("(\\.(jsonl|index|gz|json))+$");

    public StudiedSystem {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a system: use up to 40 letters, digits, "
                    + "dots, dashes and underscores, as in NAME=WHAT");
        }
        if (what.isEmpty()) throw new IllegalArgumentException("system " + name + " is nothing: say NAME=WHAT");
    }

    /** Reads a system as people name it. */
    public static StudiedSystem parse(String text) {
        int at = text.indexOf('=');
        if (at > 0) return new StudiedSystem(text.substring(0, at), text.substring(at + 1));
        Path last = text.isEmpty() ? null : Path.of(text).getFileName();
        return new StudiedSystem(last == null ? "" : ENDING.matcher(last.toString()).replaceFirst(""), text);
    }

    boolean isHuman() {
        return what.equals(HUMAN);
    }

    boolean isBot() {
        return BotFolder.is(Path.of(what));
    }

    @Override
    public String toString() {
        return name + "=" + what;
    }
}
