package io.retort.ingest;

import java.io.IOException;

/**
 * A shape in which other people keep conversations. It has no state; any thread may use it.
 *
 * <p>A new format is one class and one line in {@link ConversationFormats#KNOWN}.
 */
public interface ConversationFormat {
    /** The name by which a setting chooses the format, in lower case: {@code sharegpt}. */
    String name();

    /** What people are told that the file was taken for, as it stands after "read as": {@code ShareGPT conversations}. */
    String title();

    /** Whether it holds replies without contexts: its dialogues have one turn each then. */
    default boolean holdsReplies() {
        return false;
    }

    /** Judges by the beginning of a file's content whether the file is of this format. It never throws. */
    Recognition recognise(Sample sample);

    /**
     * Opens a file to be read from its start.
     *
     * @throws Undecided          if the settings must say something that the file does not tell
     * @throws io.retort.files.BadInput if the file cannot be of this format
     */
    Conversations open(Source source) throws IOException;
}
