package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One object of a file with where it stands, and how turns are found in it.
 *
 * @param record the object
 * @param line   on which it begins, from 1
 * @param number of the object in the file, from 1
 */
record JsonConversation(Source source, ObjectNode record, long line, long number) {
    static final List<String> IDS = List.of("id", "conversation_id", "dialogue_id", "dialog_id", "conv_id",
            "conversationId", "dialogueId", "session_id", "thread_id", "uuid");
    static final List<String> SPEAKERS = List.of("s", "speaker", "role", "from", "author", "sender", "user", "name",
            "speaker_id", "agent");
    static final List<String> TEXTS = List.of("t", "text", "content", "value", "utterance", "message", "body");
    /** Fields in which a `system` is who instructs the model, and not one of two speakers. */
    static final Set<String> ROLE_FIELDS = Set.of("role", "from");
    static final Set<String> INSTRUCTIONS = Set.of("system", "developer");
    static final Set<String> TOOLS = Set.of("tool", "tools", "function", "function_call", "tool_call",
            "tool_calls", "tool_response", "observation", "ipython");

    /** Makes the error that reports this object. */
    BadRecord bad(String problem, String remedy) {
        String where = number == line ? "" : "record " + number + ": ";
        return source.bad(line, where + problem, remedy);
    }

    /** The id that the object has as a text or a number, or one made of file and place. */
    String id() {
        Optional<String> named = source.settings().columns().flatMap(columns -> columns.of(Columns.Role.ID));
        if (named.isPresent() && named.get().equals(Columns.NONE)) return source.idAt(number);
        for (String field : named.map(List::of).orElse(IDS)) {
            JsonNode id = record.path(field);
            if (id.isTextual() && !WhiteSpace.isBlank(id.textValue()) || id.isNumber())
                return wellFormed(id.asText(), field);
        }
        return source.idAt(number);
    }

    /** The dialogue of these turns; null, and counted, if there are none. */
    Dialogue dialogue(List<Turn> turns) {
        if (turns.isEmpty()) {
            source.leaveOut("conversations without a turn", 1);
            return null;
        }
        return new Dialogue(id(), record.path("source").asText(""), turns);
    }

    /**
     * Reads a list of turns: texts, whose speakers take turns, or objects with a speaker and a text.
     *
     * @param last who says the last of them, where they are bare texts; empty for A and B in turn from the first
     */
    List<Turn> turns(String field, JsonNode list, Optional<String> last) {
        List<Turn> turns = new ArrayList<>();
        boolean hasAssistant = hasAssistant(list);
        for (int i = 0; i < list.size(); i++) {
            JsonNode element = list.get(i);
            String place = field + "[" + i + "]";
            if (element.isTextual()) {
                String text = wellFormed(element.textValue(), place);
                add(turns, alternating(i, list.size(), last), text);
            } else if (element instanceof ObjectNode turn) {
                add(turns, turn, place, hasAssistant, i);
            } else {
                throw bad("field `" + place + "` is neither a text nor an object", "give every turn a text");
            }
        }
        return turns;
    }

    private static String alternating(int place, int count, Optional<String> last) {
        if (last.isEmpty()) return place % 2 == 0 ? "A" : "B";
        boolean isLasts = (count - 1 - place) % 2 == 0;
        return isLasts ? last.get() : last.get().equals("user") ? "assistant" : "user";
    }

    private void add(List<Turn> turns, ObjectNode turn, String place, boolean hasAssistant, int number) {
        String speakerField = present(turn, Columns.Role.SPEAKER, SPEAKERS);
        String speaker = speakerField == null ? null : speaker(turn.get(speakerField), place + "." + speakerField);
        if (speaker != null && ROLE_FIELDS.contains(speakerField)) {
            String role = speaker.toLowerCase(Locale.ROOT);
            if (INSTRUCTIONS.contains(role) && hasAssistant) {
                source.leaveOut("system messages", 1);
                return;
            }
            if (TOOLS.contains(role)) {
                source.leaveOut("tool messages", 1);
                return;
            }
        }
        String textField = present(turn, Columns.Role.TEXT, TEXTS);
        if (textField == null) {
            boolean isKnown = speaker != null && TEXTS.stream().anyMatch(turn::has) || turn.has("tool_calls");
            if (!isKnown) throw bad("field `" + place + "` has no text", "set \"columns\" to text=NAME of its field");
            source.leaveOut("turns without a text", 1);
            return;
        }
        if (speaker == null && !source.settings().columns().flatMap(c -> c.of(Columns.Role.SPEAKER)).isPresent()) {
            boolean bare = SPEAKERS.stream().noneMatch(turn::has);
            if (!bare || number > 0 && turns.stream().anyMatch(each -> !each.speaker().equals("A")
                    && !each.speaker().equals("B"))) {
                throw bad("field `" + place + "` has no speaker", "set \"columns\" to speaker=NAME of its field");
            }
        }
        if (speaker == null) speaker = number % 2 == 0 ? "A" : "B";
        add(turns, speaker, text(turn.get(textField), place + "." + textField));
    }

    /** The field of an object that holds something: the one that a setting names, or the first that is known. */
    private String present(ObjectNode turn, Columns.Role role, List<String> known) {
        Optional<String> named = source.settings().columns().flatMap(columns -> columns.of(role));
        for (String field : named.map(List::of).orElse(known)) if (turn.hasNonNull(field)) return field;
        return null;
    }

    private String speaker(JsonNode value, String place) {
        JsonNode name = value instanceof ObjectNode author
                ? author.hasNonNull("role") ? author.get("role") : author.path("name")
                : value;
        if (!name.isTextual() && !name.isNumber()) {
            throw bad("field `" + place + "` is no speaker's name", "set \"columns\" to speaker=NAME of the field");
        }
        return wellFormed(name.asText(), place);
    }

    private void add(List<Turn> turns, String speaker, String text) {
        if (WhiteSpace.isBlank(text)) source.leaveOut("turns without a text", 1);
        else turns.add(new Turn(speaker, text));
    }

    /** A text, or the texts of a list of parts of which some may be pictures and the like. */
    String text(JsonNode value, String place) {
        if (value.isTextual()) return wellFormed(value.textValue(), place);
        if (value.isNumber()) return value.asText();
        if (!value.isArray()) throw bad("field `" + place + "` is no text", "make it one");
        List<String> texts = new ArrayList<>();
        for (JsonNode part : value) {
            JsonNode text = part.isTextual() ? part : part.path("text");
            if (text.isTextual()) texts.add(wellFormed(text.textValue(), place));
            else source.leaveOut("parts of messages that are no text", 1);
        }
        return String.join("\n", texts);
    }

    private static boolean hasAssistant(JsonNode list) {
        for (JsonNode turn : list) {
            for (String field : ROLE_FIELDS) {
                String role = turn.path(field).asText("");
                if (ReplySpeakers.isAssistant(role) && !INSTRUCTIONS.contains(role.toLowerCase(Locale.ROOT)))
                    return true;
            }
        }
        return false;
    }

    /** JSON can escape halves of surrogate pairs, which no UTF-8 file can hold. */
    private String wellFormed(String text, String place) {
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (!Character.isSurrogate(each)) continue;
            boolean isPair = Character.isHighSurrogate(each) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!isPair) throw bad("field `" + place + "` holds half of a surrogate pair", "correct the \\u escape");
            i++;
        }
        return text;
    }
}
