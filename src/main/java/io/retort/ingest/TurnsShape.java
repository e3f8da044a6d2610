package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import java.util.List;
import java.util.Optional;

/** {@code {"turns": [text…]}}, or turns with a speaker and a text by any of their usual names; ids may be missing. */
final class TurnsShape implements JsonShape {
    private static final List<String> LISTS = List.of("turns", "utterances", "dialogue", "dialog", "dialogs");

    @Override
    public String name() {
        return "turns";
    }

    @Override
    public String title() {
        return "JSON dialogues with a list of turns";
    }

    @Override
    public Recognition recognise(ObjectNode record, ReadingSettings settings) {
        String field = list(record);
        if (field == null) return Recognition.NONE;
        JsonNode first = record.get(field).get(0);
        boolean isTurn = first.isTextual()
                || first.isObject() && JsonConversation.TEXTS.stream().anyMatch(first::has)
                || first.isObject() && settings.columns().isPresent();
        return isTurn ? Recognition.likely("has a list `" + field + "` of turns") : Recognition.NONE;
    }

    private static String list(ObjectNode record) {
        for (String field : LISTS) if (record.path(field).isArray() && !record.get(field).isEmpty()) return field;
        return null;
    }

    @Override
    public QuickJson quick(Source source) {
        return new QuickJson.Turns(source, LISTS);
    }

    @Override
    public Dialogue read(JsonConversation conversation) {
        String field = list(conversation.record());
        if (field == null) {
            for (String name : LISTS) {
                if (conversation.record().path(name).isArray()) return conversation.dialogue(List.of());
            }
            throw conversation.bad("has no list `turns`", "give it one, or leave the record out");
        }
        return conversation.dialogue(conversation.turns(field, conversation.record().get(field), Optional.empty()));
    }
}
