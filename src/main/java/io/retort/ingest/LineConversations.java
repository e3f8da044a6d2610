package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.TextLines;
import java.io.IOException;

/** The dialogues of a text in which each line may end one. One thread; close after use. */
abstract class LineConversations implements Conversations {
    final Source source;
    /** Where the lines come from; its {@code line()} is the number of the line that is read. */
    final TextLines lines;

    LineConversations(Source source) throws IOException {
        this.source = source;
        this.lines = source.lines();
    }

    /** Takes a line; the dialogue that ends with it or before it, null if none does. */
    abstract Dialogue read(String line);

    /** The dialogue that ends with the file; null if there is none. */
    abstract Dialogue rest();

    @Override
    public final Dialogue next() {
        while (lines.hasNext()) {
            Dialogue ended = read(lines.next());
            if (ended != null) return ended;
        }
        return rest();
    }

    @Override
    public final void close() {
        lines.close();
    }
}
