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
import io.retort.reply.RankedReplies.StageTimes;
import io.retort.reply.RankedReply;
import io.retort.reply.ReplyQuery;
import io.retort.safety.SafetyVerdict;
import io.retort.serve.Batcher.Answered;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** {@code POST /v1/reply} and {@code /v1/replies}: contexts in, ranked replies out, with all there is to know of them. */
final class ReplyEndpoints {
    private static final Set<String> WISHES = Set.of("k", "exclude", "filter", "min_score", "session",
            "consistent");
    private static final Set<String> TURN = Set.of("speaker", "text");
    private static final int LONGEST_SESSION = 128, MOST_EXCLUDED = 1000;

    private final Deployment deployment;
    private final ServeSettings settings;
    private final ServerMetrics metrics;

    ReplyEndpoints(Deployment deployment, ServeSettings settings, ServerMetrics metrics) {
        this.deployment = deployment;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * What is wanted of the replies to a context.
     *
     * @param filter  the rows that may be given; null for all
     * @param without rows that are passed over
     * @param consistent whether replies are passed over that contradict or nearly repeat what was said before
     */
    private record Wishes(int k, BitSet filter, Set<Integer> without, OptionalDouble minScore, String session,
            boolean consistent) {
    }

    /** Answers one context. */
    void reply(Call call) {
        Fields body = call.body().only(with(WISHES, "context"));
        Generation now = deployment.lease();
        try {
            List<String> turns = turns(body.required("context"), body.path("context"), settings);
            List<OwnWords> said = List.of(said(body.required("context"), turns));
            call.json(200, answers(call, now, List.of(turns), said, wishes(body, now)).getFirst());
        } finally {
            now.release();
        }
    }

    /** Answers several contexts. */
    void replies(Call call) {
        Fields body = call.body().only(with(WISHES, "contexts"));
        Generation now = deployment.lease();
        try {
            List<JsonNode> given = Fields.elements(body.required("contexts"), "contexts", settings.maxContexts());
            if (given.isEmpty()) throw Fault.field("contexts", "is empty; send at least one");
            List<List<String>> contexts = new ArrayList<>();
            List<OwnWords> said = new ArrayList<>();
            for (JsonNode each : given) {
                contexts.add(turns(each, "contexts[" + contexts.size() + "]", settings));
                said.add(said(each, contexts.getLast()));
            }
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            ArrayNode answers = all.putArray("answers");
            answers(call, now, contexts, said, wishes(body, now)).forEach(answers::add);
            call.json(200, all.put("request_id", call.id()));
        } finally {
            now.release();
        }
    }

    private static Set<String> with(Set<String> names, String one) {
        Set<String> all = new HashSet<>(names);
        all.add(one);
        return all;
    }

    private Wishes wishes(Fields body, Generation now) {
        int k = body.integer("k", 1, 1, settings.maxReplies());
        Set<Integer> without = new HashSet<>();
        int number = 0;
        for (JsonNode each : body.list("exclude", MOST_EXCLUDED)) {
            without.addAll(now.responses().rows(Fields.text(each, "exclude[" + number++ + "]")));
        }
        BitSet filter = body.find("filter").map(json -> filter(json, now)).orElseGet(now.responses()::allowed);
        String session = body.text("session").map(text -> Fields.limited(text, LONGEST_SESSION, "session"))
                .orElse(null);
        return new Wishes(k, filter, without, body.number("min_score"), session,
                body.flag("consistent", now.policy().consistent()));
    }

    static BitSet filter(JsonNode json, Generation now) {
        try {
            return now.responses().allowed(json);
        } catch (BadInput e) {
            throw Fault.field("filter", "is not understood: " + e.getMessage());
        }
    }

    /** The turns of a context: texts, or objects that say who spoke, too. */
    static List<String> turns(JsonNode json, String at, ServeSettings settings) {
        List<JsonNode> given = Fields.elements(json, at, settings.maxTurns());
        if (given.isEmpty()) throw Fault.field(at, "is empty; send at least one turn");
        List<String> turns = new ArrayList<>();
        int left = settings.maxCharacters();
        for (JsonNode each : given) {
            String where = at + "[" + turns.size() + "]";
            String text;
            if (each.isObject()) {
                Fields turn = Fields.of(each, where).only(TURN);
                turn.text("speaker");
                text = Fields.text(turn.required("text"), turn.path("text"));
            } else {
                text = Fields.text(each, where);
            }
            turns.add(Fields.filled(text, where));
            left -= text.length();
            if (left < 0) {
                throw Fault.field(at, "has more than " + settings.maxCharacters() + " characters; send fewer turns");
            }
        }
        return turns;
    }

    /**
     * What was said before the newest turn of a context. Whoever speaks differently from the newest speaker is the bot;
     * where nobody says who spoke, they take turns.
     */
    private static OwnWords said(JsonNode context, List<String> turns) {
        OwnWords said = new OwnWords();
        int last = turns.size() - 1;
        String person = context.get(last).path("speaker").asText(null);
        for (int i = 0; i < last; i++) {
            String speaker = context.get(i).path("speaker").asText(null);
            boolean isOwn = person != null && speaker != null ? !speaker.equals(person) : (last - i) % 2 == 1;
            if (isOwn) said.said(turns.get(i));
            else said.heard(turns.get(i));
        }
        return said;
    }

    /**
     * What became of a context.
     *
     * @param stopped what is said to its newest turn where that is stopped, and nothing was looked for
     */
    private record Outcome(Optional<ChatReply.Guarded> stopped, Answered<RankedReplies> answered, long looking,
            long tokenising) {
        /** Of a context to which nothing may be given. */
        static Answered<RankedReplies> nothing(int tokens, int together) {
            return new Answered<>(new RankedReplies(List.of(), tokens, new StageTimes(0, 0, 0)), 0, together);
        }
    }

    private List<ObjectNode> answers(Call call, Generation now, List<List<String>> contexts,
            List<OwnWords> said, Wishes wishes) {
        try (Admission.Ticket _ = now.admission().enter(contexts.size())) {
            return admitted(call, now, contexts, said, wishes);
        }
    }

    private List<ObjectNode> admitted(Call call, Generation now, List<List<String>> contexts,
            List<OwnWords> said, Wishes wishes) {
        long started = System.nanoTime();
        List<SafetyGuard.Look> looks = now.guard().look(contexts);
        List<Optional<ChatReply.Guarded>> stopped = looks.stream().map(SafetyGuard.Look::stopped).toList();
        long looking = (System.nanoTime() - started) / contexts.size();
        List<ReplyQuery> queries = new ArrayList<>();
        List<OwnWords> before = new ArrayList<>();
        List<Long> tokenising = new ArrayList<>();
        int k = Math.min(wishes.k, now.responder().size());
        for (int i = 0; i < contexts.size(); i++) {
            if (stopped.get(i).isPresent()) continue;
            started = System.nanoTime();
            queries.add(looks.get(i).known(
                    now.responder().query(new Context(contexts.get(i)), k, wishes.filter, wishes.without)));
            before.add(said.get(i));
            tokenising.add(System.nanoTime() - started);
        }
        boolean isNothingAllowed = wishes.filter != null && wishes.filter.isEmpty();
        List<Answered<RankedReplies>> found = isNothingAllowed
                ? queries.stream().map(query -> Outcome.nothing(query.tokens().length, 1)).toList()
                : queries.isEmpty()
                        ? List.of()
                        : wishes.consistent ? now.guard().find(queries, before) : now.guard().find(queries);
        List<Outcome> outcomes = new ArrayList<>();
        int place = 0;
        for (Optional<ChatReply.Guarded> each : stopped) {
            outcomes.add(each.isPresent()
                    ? new Outcome(each, Outcome.nothing(0, 0), looking, 0)
                    : new Outcome(each, found.get(place), looking, isNothingAllowed ? 0 : tokenising.get(place)));
            if (each.isEmpty()) place++;
        }
        List<ObjectNode> answers = outcomes.stream().map(each -> json(call, now, wishes, each)).toList();
        note(call, now, contexts, outcomes, answers);
        return answers;
    }

    private void note(Call call, Generation now, List<List<String>> contexts, List<Outcome> outcomes,
            List<ObjectNode> answers) {
        call.note("contexts", contexts.size());
        List<String> stopped = outcomes.stream().flatMap(each -> each.stopped.stream())
                .map(each -> each.verdict().category().orElseThrow().key()).toList();
        if (!stopped.isEmpty()) call.note("stopped", stopped);
        List<String> withheld = outcomes.stream().flatMap(each -> each.answered.found().withheld().stream())
                .map(each -> now.guard().verdict(each).category().orElseThrow().key()).toList();
        if (!withheld.isEmpty()) call.note("withheld", withheld);
        if (!settings.logTexts()) return;
        call.note("context", contexts);
        call.note("replies", answers.stream().map(each -> each.path("replies").path(0).path("text").asText()).toList());
    }

    private ObjectNode json(Call call, Generation now, Wishes wishes, Outcome outcome) {
        RankedReplies found = outcome.answered.found();
        StageTimes times = found.times();
        if (now.guard().isOn()) metrics.stage("safety", outcome.looking);
        if (outcome.stopped.isEmpty()) {
            metrics.stage("tokenise", outcome.tokenising);
            metrics.stage("queue", outcome.answered.queued());
            metrics.stage("encode", times.encode());
            metrics.stage("search", times.search());
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode replies = json.putArray("replies");
        for (RankedReply reply : found.ranked()) {
            boolean isEnough = wishes.minScore.isEmpty() || reply.score() >= wishes.minScore.getAsDouble();
            if (isEnough) replies.add(json(reply, now));
        }
        ArrayNode echoes = json.putArray("echoes");
        found.echoes().forEach(echo -> echoes.add(json(echo, now)));
        ArrayNode withheld = json.putArray("withheld");
        found.withheld().forEach(each -> withheld.add(json(each, now)));
        ArrayNode passedOver = json.putArray("passed_over");
        found.passedOver().forEach(each -> passedOver.add(passedOver(each, now)));
        outcome.stopped.ifPresent(said -> {
            ObjectNode safety = json.putObject("safety");
            safety.set("turn", json(said.verdict()));
            safety.put("answer", said.text());
        });
        if (replies.isEmpty()) {
            json.put("fallback", outcome.stopped.map(ChatReply.Guarded::text).orElse(
                    now.policy().fallbacks().getFirst()));
        }
        json.put("tokens", found.tokens());
        json.putObject("times_ms").put("safety", millis(outcome.looking)).put("tokenise", millis(outcome.tokenising))
                .put("queue", millis(outcome.answered.queued())).put("encode", millis(times.encode()))
                .put("search", millis(times.search()));
        json.put("together", outcome.answered.together());
        json.putObject("model").put("name", now.name()).put("fingerprint", now.modelFingerprint());
        json.putObject("index").put("fingerprint", now.indexFingerprint()).put("responses", now.responder().size());
        if (wishes.session != null) json.put("session", wishes.session);
        return json.put("request_id", call.id());
    }

    private static ObjectNode json(SafetyVerdict verdict) {
        return JsonNodeFactory.instance.objectNode().put("category", verdict.category().orElseThrow().key())
                .put("reason", verdict.reason());
    }

    /** A reply that was stopped, without what it says, lest somebody shows it. */
    static ObjectNode json(RankedReplies.Withheld withheld, Generation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", now.responses().id(withheld.reply().row())).put("score", withheld.reply().score());
        return json.setAll(json(now.guard().verdict(withheld)));
    }

    /** A reply that contradicts or nearly repeats what was said, and why it was not given. */
    static ObjectNode passedOver(RankedReplies.Withheld each, Generation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        return json.put("id", now.responses().id(each.reply().row())).put("text", each.reply().text())
                .put("score", each.reply().score()).put("reason", each.reason());
    }

    static ObjectNode json(RankedReply reply, Generation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rank", reply.rank()).put("id", now.responses().id(reply.row())).put("text", reply.text())
                .put("score", reply.score()).put("source", now.responses().isAdded(reply.row()) ? "added" : "index");
        now.responder().metadata(reply.row()).ifPresent(its -> json.set("metadata", Fields.JSON.valueToTree(its)));
        return json;
    }

    static double millis(long nanos) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3f", nanos / 1e6));
    }
}
