package io.retort.study;

import io.retort.dialogue.Context;
import java.util.List;

/**
 * A context to which systems reply, or which opens their conversations.
 *
 * @param id      of it, unique in the study
 * @param context the turns
 * @param human   what people said next: one reply, or the rest of the conversation; empty if the data do not tell
 */
public record StudyContext(String id, Context context, List<String> human) {
    public StudyContext {
        human = List.copyOf(human);
    }
}
