package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import java.util.List;
import java.util.Optional;

/**
 * OpenAI's {@code {"messages": [{"role", "content"}…]}}. What a system is told is no turn, nor is what tools say; content
 * may come in parts.
 */
final class MessagesShape implements JsonShape {
    @Override
    public String name() {
        return "messages";
    }

    @Override
    public String title() {
        return "OpenAI messages";
    }

    @Override
    public Recognition recognise(ObjectNode record, ReadingSettings settings) {
        JsonNode first = record.path("messages").path(0);
        return first.hasNonNull("role") ? Recognition.certain("has `messages` with a `role`") : Recognition.NONE;
    }

    @Override
    public QuickJson quick(Source source) {
        return new QuickJson.Turns(source, List.of("messages"));
    }

    @Override
    public Dialogue read(JsonConversation conversation) {
        JsonNode messages = conversation.record().path("messages");
        if (!messages.isArray()) throw conversation.bad("has no list `messages`", "give it one");
        return conversation.dialogue(conversation.turns("messages", messages, Optional.empty()));
    }
}
