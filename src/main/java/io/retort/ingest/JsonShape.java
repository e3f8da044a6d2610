package io.retort.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;

/** How one JSON object holds one conversation, wherever the object stands. Without state; any thread. */
interface JsonShape {
    /** As {@link ConversationFormat#name()}. */
    String name();

    /** As {@link ConversationFormat#title()}. */
    String title();

    /** Whether an object has the shape; it never throws. */
    Recognition recognise(ObjectNode record, ReadingSettings settings);

    /** What reads the plainest lines of a source from their bytes, for one thread; null where there is nothing of the kind. */
    default QuickJson quick(Source source) {
        return null;
    }

    /**
     * Reads a conversation; null if it has no turn, which is counted then.
     *
     * @throws BadRecord if the object has not the shape
     * @throws Undecided if a setting must say what its fields are
     */
    Dialogue read(JsonConversation conversation);
}
