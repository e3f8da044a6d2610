package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import java.util.List;
import java.util.Optional;

/** ParlAI's conversations: {@code {"dialog": [[{"id", "text"}, {"id", "text"}], …]}}, exchanges of two turns each. */
final class ParlaiShape implements JsonShape {
    private static final List<String> LISTS = List.of("dialog", "dialogue");

    @Override
    public String name() {
        return "parlai-json";
    }

    @Override
    public String title() {
        return "ParlAI's conversations in JSON";
    }

    @Override
    public Recognition recognise(ObjectNode record, ReadingSettings settings) {
        String field = list(record);
        return field == null
                ? Recognition.NONE
                : Recognition.certain("has a list `" + field + "` of lists of turns");
    }

    private static String list(ObjectNode record) {
        for (String field : LISTS) {
            JsonNode first = record.path(field).path(0);
            if (first.isArray() && first.path(0).isObject()) return field;
        }
        return null;
    }

    @Override
    public Dialogue read(JsonConversation conversation) {
        String field = list(conversation.record());
        if (field == null) {
            throw conversation.bad("has no list `dialog` of lists of turns", "give it one, or leave the record out");
        }
        ArrayNode turns = JsonNodeFactory.instance.arrayNode();
        for (JsonNode exchange : conversation.record().get(field)) {
            if (!exchange.isArray()) {
                throw conversation.bad("field `" + field + "` holds something else than lists of turns",
                        "put the turns of each exchange into a list");
            }
            for (JsonNode turn : exchange) turns.add(named(turn));
        }
        return conversation.dialogue(conversation.turns(field, turns, Optional.empty()));
    }

    /** ParlAI names who speaks `id`. */
    private static JsonNode named(JsonNode turn) {
        if (!(turn instanceof ObjectNode object) || object.has("speaker") || !object.hasNonNull("id")) return turn;
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        named.set("speaker", object.get("id"));
        named.set("text", object.path("text"));
        return named;
    }
}
