package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * A dialogue in the making, message by message, of bounded size: what has no end is cut into several dialogues. One
 * thread.
 */
final class Talk {
    /** Turns after which a dialogue ends whether its talk does or not. */
    private static final int MOST_TURNS = 10_000;
    /** Characters of one turn, and of all turns together, beyond which the same holds. */
    private static final int MOST_CHARACTERS = 4 << 20;

    private final Source source;
    private final List<Turn> turns = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private String speaker;
    private long firstLine;
    private long messageLine;
    private long characters;

    Talk(Source source) {
        this.source = source;
    }

    boolean isEmpty() {
        return turns.isEmpty() && speaker == null;
    }

    /** Whether it is as long as a dialogue may be, so that the next message begins another. */
    boolean isFull() {
        return turns.size() >= MOST_TURNS || characters > MOST_CHARACTERS;
    }

    /** Begins what somebody says at a line of the file. */
    void say(String name, String first, long line) {
        close();
        if (turns.isEmpty()) firstLine = line;
        speaker = name;
        messageLine = line;
        text.append(first);
    }

    /** Goes on with what is being said, on a new line. */
    void goOn(String more) {
        if (text.length() + more.length() > MOST_CHARACTERS) {
            throw source.bad(messageLine, "what " + speaker + " says there is longer than " + MOST_CHARACTERS
                    + " characters", "check whether the file is what it was taken for");
        }
        text.append('\n').append(more);
    }

    private void close() {
        if (speaker == null) return;
        String said = WhiteSpace.strip(text.toString());
        text.setLength(0);
        if (WhiteSpace.isBlank(said)) {
            source.leaveOut("turns without a text", 1);
        } else {
            characters += said.length();
            turns.add(new Turn(speaker, said));
        }
        speaker = null;
    }

    /** The dialogue of all that was said since the last one, after which another begins; null if nothing was. */
    Dialogue take() {
        close();
        characters = 0;
        if (turns.isEmpty()) return null;
        Dialogue dialogue = new Dialogue(source.idAt(firstLine), "", turns);
        turns.clear();
        return dialogue;
    }
}
