package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A context and its response in one object: {@code context}/{@code response}, prompt and completion, instruction (with
 * input) and output, question and answer. The context may be a text or a list of turns.
 */
final class PairShape implements JsonShape {
    static final String USER = "user";
    static final String ASSISTANT = "assistant";

    /** Two fields that belong together. */
    record Pair(String context, String response) {
        boolean isIn(ObjectNode record) {
            return holdsText(record.path(context)) && holdsText(record.path(response));
        }

        private static boolean holdsText(JsonNode value) {
            return value.isTextual() || value.isArray() && (value.isEmpty() || value.get(0).isTextual()
                    || value.get(0).isObject());
        }

        /** What is told of a file of such pairs. */
        String told() {
            return "`" + context + "` answered by `" + response + "`";
        }

        @Override
        public String toString() {
            return "context=" + context + ",response=" + response;
        }
    }

    static final List<Pair> PAIRS = List.of(new Pair("context", "response"), new Pair("context", "reply"),
            new Pair("prompt", "completion"), new Pair("prompt", "response"), new Pair("prompt", "chosen"),
            new Pair("instruction", "output"), new Pair("instruction", "response"), new Pair("question", "answer"),
            new Pair("question", "response"), new Pair("query", "response"), new Pair("query", "answer"),
            new Pair("query", "reply"), new Pair("input", "output"), new Pair("input", "response"),
            new Pair("input", "target"), new Pair("message", "reply"), new Pair("message", "response"),
            new Pair("post", "reply"), new Pair("post", "response"), new Pair("user", "assistant"),
            new Pair("user", "bot"), new Pair("human", "assistant"), new Pair("human", "bot"),
            new Pair("source", "target"), new Pair("text", "response"), new Pair("text", "reply"));

    @Override
    public String name() {
        return "pairs";
    }

    @Override
    public String title() {
        return "JSON pairs of a context and its response";
    }

    @Override
    public Recognition recognise(ObjectNode record, ReadingSettings settings) {
        if (!record.path("candidates").isMissingNode() || record.path("positive").isArray()) return Recognition.NONE;
        List<Pair> found = pairs(record, settings);
        return found.isEmpty()
                ? Recognition.NONE
                : Recognition.likely("has `" + found.getFirst().context + "` and `" + found.getFirst().response + "`");
    }

    /** The pairs of fields that an object has, of which there should be one. */
    private static List<Pair> pairs(ObjectNode record, ReadingSettings settings) {
        Optional<String> context = settings.columns().flatMap(columns -> columns.of(Columns.Role.CONTEXT));
        Optional<String> response = settings.columns().flatMap(columns -> columns.of(Columns.Role.RESPONSE));
        if (context.isPresent() && response.isPresent()) {
            Pair named = new Pair(context.get(), response.get());
            return record.has(named.context) || record.has(named.response) ? List.of(named) : List.of();
        }
        List<Pair> found = PAIRS.stream().filter(pair -> pair.isIn(record)).toList();
        // `input` goes with `instruction` where both are there: Alpaca's form.
        return found.stream().anyMatch(pair -> pair.context.equals("instruction"))
                ? found.stream().filter(pair -> !pair.context.equals("input")).toList()
                : found;
    }

    @Override
    public QuickJson quick(Source source) {
        return new QuickJson.Pairs(source);
    }

    @Override
    public Dialogue read(JsonConversation conversation) {
        Source source = conversation.source();
        ObjectNode record = conversation.record();
        List<Pair> found = pairs(record, source.settings());
        if (found.isEmpty()) {
            throw conversation.bad("has no context with a response",
                    "set \"columns\" to context=NAME,response=NAME of its fields");
        }
        if (found.size() > 1) {
            throw new Undecided(source.file(), "columns", "more than one pair of fields could be context and response "
                    + "(line " + conversation.line() + ")",
                    found.stream().map(Pair::toString).collect(Collectors.toList()));
        }
        Pair pair = found.getFirst();
        source.detail(pair.told());
        if (record.hasNonNull("rejected")) source.leaveOut("rejected replies", 1);
        if (!record.path("system").asText("").isEmpty()) source.leaveOut("system messages", 1);
        List<Turn> turns = new ArrayList<>(history(conversation));
        turns.addAll(context(conversation, pair));
        List<Turn> replies = part(conversation, pair.response, ASSISTANT);
        if (turns.isEmpty() || replies.isEmpty()) {
            source.leaveOut("records whose context or response is empty", 1);
            return conversation.dialogue(replies.isEmpty() ? turns : replies);
        }
        turns.addAll(replies);
        return conversation.dialogue(turns);
    }

    private static List<Turn> context(JsonConversation conversation, Pair pair) {
        ObjectNode record = conversation.record();
        String input = pair.context.equals("instruction") ? record.path("input").asText("") : "";
        if (WhiteSpace.isBlank(input)) return part(conversation, pair.context, USER);
        String instruction = conversation.text(record.get("instruction"), "instruction");
        conversation.text(record.get("input"), "input");
        return List.of(new Turn(USER, instruction + "\n" + input));
    }

    private static List<Turn> part(JsonConversation conversation, String field, String speaker) {
        JsonNode value = conversation.record().path(field);
        if (value.isArray()) return conversation.turns(field, value, Optional.of(speaker));
        if (value.isMissingNode() || value.isNull()) {
            throw conversation.bad("field `" + field + "` is missing", "add it, or leave the record out");
        }
        String text = conversation.text(value, field);
        return WhiteSpace.isBlank(text) ? List.of() : List.of(new Turn(speaker, text));
    }

    /** Earlier exchanges, as a list of pairs of texts. */
    private static List<Turn> history(JsonConversation conversation) {
        JsonNode history = conversation.record().path("history");
        if (!history.isArray()) return List.of();
        List<Turn> turns = new ArrayList<>();
        for (JsonNode exchange : history) {
            if (!exchange.isArray() || exchange.size() != 2) {
                throw conversation.bad("field `history` holds something else than pairs of texts",
                        "leave it out, or give [question, answer] each");
            }
            String asked = conversation.text(exchange.get(0), "history");
            String answered = conversation.text(exchange.get(1), "history");
            if (!WhiteSpace.isBlank(asked)) turns.add(new Turn(USER, asked));
            if (!WhiteSpace.isBlank(answered)) turns.add(new Turn(ASSISTANT, answered));
        }
        return turns;
    }
}
