package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import java.io.Closeable;
import java.io.IOException;

/** The dialogues of a file of some format, in order and in bounded memory. One thread; close after use. */
public interface Conversations extends Closeable {
    /**
     * Reads the next dialogue; null at the end of the file.
     *
     * @throws BadRecord if one record is broken; the next call goes on with the record after it
     * @throws io.retort.files.BadInput if nothing more can be read from the file
     */
    Dialogue next() throws IOException;

    /** As {@link #next}, with texts that may still be bytes, where a format can read it so. */
    default DialogueLine nextLine() throws IOException {
        Dialogue dialogue = next();
        return dialogue == null ? null : DialogueLine.of(dialogue);
    }
}
