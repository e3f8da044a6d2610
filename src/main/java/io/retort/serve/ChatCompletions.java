package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.reply.ChatReply;
import io.retort.reply.OwnWords;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReply;
import io.retort.reply.ReplyQuery;
import io.retort.safety.SafetyVerdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code POST /v1/chat/completions} as OpenAI's clients call it. A retrieval model finds a reply and writes none: fields
 * that steer writing are taken and change nothing, fields whose absence would break a client are refused.
 */
final class ChatCompletions {
    private static final Set<String> SPEAKERS = Set.of("user", "assistant");
    private static final Set<String> INSTRUCTIONS = Set.of("system", "developer");
    private static final int MOST_MESSAGES = 4096, MOST_CHOICES = 16;
    private static final Pattern PIECE = Pattern.compile("\\s*\\S+|\\s+$");

    private final Deployment deployment;
    private final ServeSettings settings;
    private final ServerMetrics metrics;

    ChatCompletions(Deployment deployment, ServeSettings settings, ServerMetrics metrics) {
        this.deployment = deployment;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * What a request asks.
     *
     * @param said   the newest turns of either side, oldest first
     * @param before all that was said before what the user said last, as replies are compared with it
     * @param newest what the user said last
     * @param own    what the bot itself has said, which it does not say again
     */
    private record Asked(List<Turn> said, OwnWords before, String newest, List<String> own, int n, boolean stream, boolean usage,
            String model) {
        List<String> turns() {
            return said.stream().map(Turn::text).toList();
        }

        /**
         * The turns that count as context: without those that were stopped before, which what was answered to them
         * tells, and without that.
         */
        Context context(SafetyGuard guard) {
            List<String> context = new ArrayList<>();
            boolean wasStopped = false;
            for (Turn each : said.reversed()) {
                if (each.isOwn) wasStopped = guard.says(each.text);
                if (!wasStopped) context.addFirst(each.text);
            }
            return context.isEmpty() ? Context.of(newest) : new Context(context);
        }
    }

    /** Something that was said, by the bot itself or by the user. */
    private record Turn(boolean isOwn, String text) {
    }

    /** What is answered, with the tokens that were read, and the categories of better replies that were withheld. */
    private record Answer(List<String> choices, int promptTokens, int replyTokens, List<String> kinds,
            List<String> withheld, List<ObjectNode> passedOver) {
    }

    void complete(Call call) throws IOException {
        Fields body = call.body();
        Generation now = deployment.lease();
        try {
            Asked asked = asked(body, now);
            Answer answer;
            try (Admission.Ticket _ = now.admission().enter(1)) {
                answer = answer(asked, now);
            }
            call.note("kinds", answer.kinds);
            if (!answer.withheld.isEmpty()) call.note("withheld", answer.withheld);
            if (settings.logTexts()) call.note("context", asked.turns()).note("replies", answer.choices);
            String id = "chatcmpl-" + call.id();
            long created = Instant.now().getEpochSecond();
            if (asked.stream) stream(call, asked, answer, id, created);
            else call.json(200, whole(asked, answer, id, created));
        } finally {
            now.release();
        }
    }

    private Asked asked(Fields body, Generation now) {
        String model = Fields.filled(body.requiredText("model", 256), "model");
        Models.require(model, now);
        refuse(body);
        List<Turn> turns = new ArrayList<>();
        List<String> own = new ArrayList<>();
        String user = null;
        int at = 0;
        for (JsonNode each : Fields.elements(body.required("messages"), "messages", MOST_MESSAGES)) {
            Fields message = Fields.of(each, "messages[" + at++ + "]");
            String role = message.requiredText("role", 64);
            if (INSTRUCTIONS.contains(role)) continue;
            if (!SPEAKERS.contains(role)) {
                throw Fault.field(message.path("role"), "is none of user, assistant, system and developer");
            }
            String text = content(message).strip();
            if (text.isEmpty()) continue;
            boolean isOwn = role.equals("assistant");
            turns.add(new Turn(isOwn, text));
            if (isOwn) own.add(text);
            else user = text;
        }
        if (user == null) throw Fault.field("messages", "hold no text of a user; send at least one message");
        int history = settings.history().orElse(now.responder().usualHistory());
        List<Turn> newest = turns.subList(Math.max(0, turns.size() - history), turns.size());
        int characters = newest.stream().mapToInt(each -> each.text.length()).sum();
        if (characters > settings.maxCharacters()) {
            throw Fault.field("messages", "have " + characters + " characters in the newest " + history
                    + "; send at most " + settings.maxCharacters());
        }
        boolean usage = body.find("stream_options")
                .map(json -> Fields.of(json, "stream_options").flag("include_usage", false)).orElse(false);
        return new Asked(newest, before(turns, settings.maxTurns()), user, own.subList(Math.max(0, own.size() - settings.maxTurns()), own.size()),
                body.integer("n", 1, 1, Math.min(MOST_CHOICES, settings.maxReplies())), body.flag("stream", false),
                usage, model);
    }

    /** What was said before the user spoke last, as far back as requests may go. */
    private static OwnWords before(List<Turn> turns, int most) {
        OwnWords before = new OwnWords();
        int end = turns.size() - 1;
        while (turns.get(end).isOwn) end--;
        for (Turn each : turns.subList(Math.max(0, end - most), end)) {
            if (each.isOwn) before.said(each.text);
            else before.heard(each.text);
        }
        for (Turn each : turns.subList(end + 1, turns.size())) before.said(each.text);
        return before;
    }

    private static void refuse(Fields body) {
        for (String list : List.of("tools", "functions")) {
            if (body.find(list).filter(json -> !json.isArray() || !json.isEmpty()).isPresent()) {
                throw Fault.unsupported(list, "a retrieval model calls none");
            }
        }
        if (body.flag("logprobs", false)) throw Fault.unsupported("logprobs", "replies are found, not generated");
        if (body.find("audio").isPresent()) throw Fault.unsupported("audio", "replies are texts");
        body.find("modalities").ifPresent(json -> {
            for (JsonNode each : Fields.elements(json, "modalities", 8)) {
                if (!each.asText().equals("text")) throw Fault.unsupported("modalities", "replies are texts");
            }
        });
        body.find("response_format").ifPresent(json -> {
            String type = Fields.of(json, "response_format").text("type").orElse("text");
            if (!type.equals("text")) throw Fault.unsupported("response_format", "replies are texts as they are");
        });
    }

    /** The text of a message: a string, or parts of which all are texts. */
    private static String content(Fields message) {
        Optional<JsonNode> content = message.find("content");
        if (content.isEmpty()) return "";
        if (content.get().isTextual()) return Fields.text(content.get(), message.path("content"));
        StringBuilder text = new StringBuilder();
        int at = 0;
        for (JsonNode each : Fields.elements(content.get(), message.path("content"), MOST_MESSAGES)) {
            Fields part = Fields.of(each, message.path("content") + "[" + at++ + "]");
            String type = part.requiredText("type", 64);
            if (!type.equals("text")) throw Fault.unsupported(part.path("type"), "only parts of type text are read");
            text.append(text.isEmpty() ? "" : " ").append(Fields.text(part.required("text"), part.path("text")));
        }
        return text.toString();
    }

    private Answer answer(Asked asked, Generation now) {
        long started = System.nanoTime();
        SafetyGuard.Look look = now.guard().look(asked.newest, asked.own.size());
        Optional<Answer> stopped = look.stopped().map(first -> stopped(asked, now, first));
        if (now.guard().isOn()) metrics.stage("safety", System.nanoTime() - started);
        if (stopped.isPresent()) return stopped.get();
        Optional<ChatReply> fixed = now.policy().answer(asked.said.getLast().text, asked.own.size());
        if (fixed.isPresent() && asked.n == 1) {
            String text = fixed.get().text();
            return new Answer(List.of(text), tokens(now, new Context(asked.turns())), tokens(now, text),
                    List.of("fixed"), List.of(), List.of());
        }
        Set<Integer> said = new HashSet<>();
        for (String own : asked.own) said.addAll(now.responses().rows(own));
        started = System.nanoTime();
        Context context = asked.context(now.guard());
        ReplyQuery query = look.known(now.responder().query(context, Math.min(asked.n, now.responder().size()),
                now.responses().allowed(), said));
        metrics.stage("tokenise", System.nanoTime() - started);
        Batcher.Answered<RankedReplies> answered = (now.policy().consistent()
                ? now.guard().find(List.of(query), List.of(asked.before))
                : now.guard().find(List.of(query))).getFirst();
        List<ObjectNode> passedOver = answered.found().passedOver().stream()
                .map(each -> ReplyEndpoints.passedOver(each, now)).toList();
        metrics.stage("queue", answered.queued());
        metrics.stage("encode", answered.found().times().encode());
        metrics.stage("search", answered.found().times().search());
        List<String> choices = new ArrayList<>(), kinds = new ArrayList<>();
        int tokens = 0;
        for (RankedReply reply : answered.found().ranked()) {
            ChatReply chosen = now.policy().judge(reply, now.responder().score(context, reply),
                    asked.own.size() + choices.size());
            choices.add(chosen.text());
            kinds.add(chosen instanceof ChatReply.Found ? "found" : "fallback");
            tokens += tokens(now, chosen.text());
        }
        for (int i = choices.size(); i < asked.n; i++) { // fewer replies than choices: everything was said
            String fallback = now.policy().fallbacks().get((asked.own.size() + i) % now.policy().fallbacks().size());
            choices.add(fallback);
            kinds.add("fallback");
            tokens += tokens(now, fallback);
        }
        return new Answer(choices, query.tokens().length, tokens, kinds, answered.found().withheld().stream()
                .map(each -> now.guard().verdict(each).category().orElseThrow().key()).toList(), passedOver);
    }

    /** What is said where what the user said last is stopped: nothing is looked for. */
    private static Answer stopped(Asked asked, Generation now, ChatReply.Guarded first) {
        SafetyVerdict verdict = first.verdict();
        List<String> choices = new ArrayList<>();
        for (int i = 0; i < asked.n; i++) choices.add(now.guard().answer(verdict, asked.own.size() + i));
        return new Answer(choices, tokens(now, new Context(asked.turns())),
                choices.stream().mapToInt(each -> tokens(now, each)).sum(),
                Collections.nCopies(asked.n, "safety:" + verdict.category().orElseThrow().key()), List.of(), List.of());
    }

    private static int tokens(Generation now, Context context) {
        try {
            return now.responder().model().inputs().context(context).length;
        } catch (BadInput e) {
            return 0; // of which the tokenizer leaves nothing
        }
    }

    static int tokens(Generation now, String text) {
        try {
            return now.responder().model().inputs().reply(text).length;
        } catch (BadInput e) {
            return 0; // of which the tokenizer leaves nothing
        }
    }

    private static ObjectNode head(Asked asked, String id, String kind, long created) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("object", kind).put("created", created)
                .put("model", asked.model);
    }

    private static ObjectNode usage(Answer answer) {
        return JsonNodeFactory.instance.objectNode().put("prompt_tokens", answer.promptTokens)
                .put("completion_tokens", answer.replyTokens)
                .put("total_tokens", answer.promptTokens + answer.replyTokens);
    }

    private static ObjectNode whole(Asked asked, Answer answer, String id, long created) {
        ObjectNode json = head(asked, id, "chat.completion", created);
        ArrayNode choices = json.putArray("choices");
        for (int i = 0; i < answer.choices.size(); i++) {
            ObjectNode choice = choices.addObject().put("index", i);
            choice.putObject("message").put("role", "assistant").put("content", answer.choices.get(i))
                    .putNull("refusal");
            choice.putNull("logprobs").put("finish_reason", "stop");
        }
        json.set("usage", usage(answer));
        why(json, answer);
        return json;
    }

    /** What kind of answer each choice is, and what was decided on the way; OpenAI's clients pass over it. */
    private static void why(ObjectNode json, Answer answer) {
        ObjectNode why = json.putObject("retort");
        answer.kinds.forEach(why.putArray("kinds")::add);
        answer.withheld.forEach(why.putArray("withheld")::add);
        answer.passedOver.forEach(why.putArray("passed_over")::add);
    }

    /** Sends the choices word by word, as clients expect who show a reply while it is written. */
    private static void stream(Call call, Asked asked, Answer answer, String id, long created) throws IOException {
        try (OutputStream out = call.events()) {
            for (int i = 0; i < answer.choices.size(); i++) {
                ObjectNode begin = JsonNodeFactory.instance.objectNode().put("role", "assistant").put("content", "");
                call.event(out, chunk(asked, id, created, i, begin, null));
                Matcher pieces = PIECE.matcher(answer.choices.get(i));
                while (pieces.find()) {
                    ObjectNode piece = JsonNodeFactory.instance.objectNode().put("content", pieces.group());
                    call.event(out, chunk(asked, id, created, i, piece, null));
                }
                call.event(out, chunk(asked, id, created, i, JsonNodeFactory.instance.objectNode(), "stop"));
            }
            if (asked.usage) {
                ObjectNode last = head(asked, id, "chat.completion.chunk", created);
                last.putArray("choices");
                last.set("usage", usage(answer));
                why(last, answer);
                call.event(out, last);
            }
            out.write("data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static ObjectNode chunk(Asked asked, String id, long created, int index, ObjectNode delta, String finish) {
        ObjectNode json = head(asked, id, "chat.completion.chunk", created);
        ObjectNode choice = json.putArray("choices").addObject().put("index", index);
        choice.set("delta", delta);
        choice.putNull("logprobs").put("finish_reason", finish);
        if (asked.usage) json.putNull("usage");
        return json;
    }
}
