package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import java.util.List;
import java.util.Optional;

/** ShareGPT's {@code {"conversations": [{"from", "value"}…]}}, and what has grown out of it. */
final class ShareGptShape implements JsonShape {
    private static final List<String> LISTS = List.of("conversations", "conversation");

    @Override
    public String name() {
        return "sharegpt";
    }

    @Override
    public String title() {
        return "ShareGPT conversations";
    }

    @Override
    public Recognition recognise(ObjectNode record, ReadingSettings settings) {
        for (String list : LISTS) {
            JsonNode first = record.path(list).path(0);
            if (first.hasNonNull("from") && first.has("value") || first.hasNonNull("role") && first.has("content")) {
                return Recognition.certain("has a list `" + list + "` of turns with their roles");
            }
        }
        return Recognition.NONE;
    }

    @Override
    public QuickJson quick(Source source) {
        return new QuickJson.Turns(source, LISTS);
    }

    @Override
    public Dialogue read(JsonConversation conversation) {
        for (String list : LISTS) {
            JsonNode turns = conversation.record().path(list);
            if (turns.isArray()) return conversation.dialogue(conversation.turns(list, turns, Optional.empty()));
        }
        throw conversation.bad("has no list `conversations`", "give it one");
    }
}
