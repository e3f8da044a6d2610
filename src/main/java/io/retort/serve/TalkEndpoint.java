package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.reply.ChatReply;
import io.retort.reply.OwnWords;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReply;
import io.retort.reply.ReplyQuery;
import io.retort.safety.SafetyVerdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * {@code POST /v1/talk}: what the bot says next in a talk, as it would in a chat completion, and why: every decision on the
 * way, in the order in which it was made, and the candidates.
 */
final class TalkEndpoint {
    private static final int MOST_TURNS = 4096, MOST_EXCLUDED = 1000, USUALLY_SHOWN = 5;

    private final Deployment deployment;
    private final ServeSettings settings;
    private final ServerMetrics metrics;

    TalkEndpoint(Deployment deployment, ServeSettings settings, ServerMetrics metrics) {
        this.deployment = deployment;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Something that was said. */
    private record Turn(boolean isBot, String text) {
    }

    /**
     * A talk so far, and what is wanted of the next turn.
     *
     * @param newest  turns that may be context
     * @param own     everything that the bot has said
     * @param before  all that was said before the newest turn, as replies are compared with it
     * @param exclude responses that are not to be said, by id or text
     */
    private record Talk(List<Turn> newest, List<String> own, OwnWords before, List<String> exclude, int shown) {
        /** The turns that count: without those that the safety screen stopped, and what was said to them. */
        List<String> context(SafetyGuard guard) {
            List<String> context = new ArrayList<>();
            boolean wasStopped = false;
            for (Turn each : newest.reversed()) {
                if (each.isBot) wasStopped = guard.says(each.text);
                if (!wasStopped) context.addFirst(each.text);
            }
            return context;
        }

        String asked() {
            return newest.getLast().text;
        }
    }

    /** The answer while it is put together: what is said, and each decision on the way. */
    private static final class Told {
        private final ObjectNode json = JsonNodeFactory.instance.objectNode();
        private final ObjectNode said = json.putObject("said");
        private final ArrayNode decisions = json.putArray("decisions");

        void decide(String about, String what) {
            decisions.addObject().put("about", about).put("what", what);
        }

        ObjectNode say(String kind, String text) {
            return said.put("kind", kind).put("text", text);
        }
    }

    void talk(Call call) {
        Fields body = call.body().only(Set.of("turns", "exclude", "k", "session"));
        Generation now = deployment.lease();
        try {
            Talk talk = talk(body, now);
            Told told = new Told();
            try (Admission.Ticket _ = now.admission().enter(1)) {
                answer(talk, now, told);
            }
            call.note("kinds", List.of(told.said.path("kind").asText()));
            if (settings.logTexts()) {
                call.note("context", talk.newest.stream().map(Turn::text).toList());
                call.note("replies", List.of(told.said.path("text").asText()));
            }
            told.json.putObject("model").put("name", now.name()).put("fingerprint", now.modelFingerprint());
            told.json.putObject("index").put("fingerprint", now.indexFingerprint())
                    .put("responses", now.responder().size()).put("generated", generated(now));
            call.json(200, told.json.put("request_id", call.id()));
        } finally {
            now.release();
        }
    }

    /** How many of the index's replies only a teacher gave; null where nobody knows. */
    private static Integer generated(Generation now) {
        JsonNode count = now.responder().index().spec().metadata().path("generated");
        return count.isInt() ? count.intValue() : null;
    }

    private Talk talk(Fields body, Generation now) {
        List<Turn> turns = new ArrayList<>();
        List<String> own = new ArrayList<>();
        for (JsonNode each : Fields.elements(body.required("turns"), "turns", MOST_TURNS)) {
            Fields turn = Fields.of(each, "turns[" + turns.size() + "]").only(Set.of("by", "text"));
            String by = turn.requiredText("by", 16);
            if (!Set.of("user", "bot").contains(by)) throw Fault.field(turn.path("by"), "is neither user nor bot");
            String text = Fields.filled(turn.requiredText("text", settings.maxCharacters()), turn.path("text"));
            turns.add(new Turn(by.equals("bot"), text));
            if (by.equals("bot")) own.add(text);
        }
        if (turns.isEmpty() || turns.getLast().isBot) {
            throw Fault.field("turns", "do not end with a turn of the user; send what is to be answered");
        }
        int history = settings.history().orElse(now.responder().usualHistory());
        List<Turn> newest = turns.subList(Math.max(0, turns.size() - history), turns.size());
        if (newest.stream().mapToInt(each -> each.text.length()).sum() > settings.maxCharacters()) {
            throw Fault.field("turns", "have more than " + settings.maxCharacters() + " characters in the newest "
                    + history + "; send shorter ones");
        }
        List<String> exclude = new ArrayList<>();
        for (JsonNode each : body.list("exclude", MOST_EXCLUDED)) {
            exclude.add(Fields.text(each, "exclude[" + exclude.size() + "]"));
        }
        body.text("session");
        int shown = body.integer("k", Math.min(USUALLY_SHOWN, settings.maxReplies()), 1, settings.maxReplies());
        return new Talk(newest, own.subList(Math.max(0, own.size() - settings.maxTurns()), own.size()),
                before(turns.subList(Math.max(0, turns.size() - 1 - settings.maxTurns()), turns.size() - 1)), exclude,
                shown);
    }

    private static OwnWords before(List<Turn> turns) {
        OwnWords before = new OwnWords();
        for (Turn each : turns) {
            if (each.isBot) before.said(each.text);
            else before.heard(each.text);
        }
        return before;
    }

    private void answer(Talk talk, Generation now, Told told) {
        long started = System.nanoTime();
        SafetyGuard.Look look = now.guard().look(talk.asked(), talk.own.size());
        Optional<ChatReply.Guarded> stopped = look.stopped();
        long looking = System.nanoTime() - started;
        ObjectNode times = told.json.putObject("times_ms").put("safety", ReplyEndpoints.millis(looking));
        if (now.guard().isOn()) metrics.stage("safety", looking);
        if (stopped.isPresent()) {
            SafetyVerdict verdict = stopped.get().verdict();
            told.decide("safety", "What you said was stopped (" + verdict.category().orElseThrow().key() + "): "
                    + verdict.reason() + ". Nothing was looked for.");
            told.say("guarded", stopped.get().text()).put("category", verdict.category().orElseThrow().key());
            return;
        }
        told.decide("safety",
                now.guard().isOn() ? "What you said passed the safety screen." : "No safety screen is on.");
        Optional<ChatReply> fixed = now.policy().answer(talk.asked(), talk.own.size())
                .filter(each -> !talk.exclude.contains(each.text()));
        if (fixed.isPresent() && fixed.get() instanceof ChatReply.Fixed answer) {
            told.decide("fixed answer", "It was a phrasing (\"" + answer.phrasing() + "\") of the fixed answer \""
                    + answer.name() + "\". Nothing was looked for.");
            told.say("fixed", answer.text());
            return;
        }
        found(talk, now, told, times, look);
    }

    private void found(Talk talk, Generation now, Told told, ObjectNode times, SafetyGuard.Look look) {
        Set<Integer> without = new HashSet<>();
        for (String each : talk.own) without.addAll(now.responses().rows(each));
        int saidBefore = without.size();
        for (String each : talk.exclude) without.addAll(now.responses().rows(each));
        long started = System.nanoTime();
        List<String> turns = talk.context(now.guard());
        Context context = new Context(turns);
        ReplyQuery query = look.known(now.responder().query(context, Math.min(talk.shown, now.responder().size()),
                now.responses().allowed(), without));
        long tokenising = System.nanoTime() - started;
        Batcher.Answered<RankedReplies> answered = (now.policy().consistent()
                ? now.guard().find(List.of(query), List.of(talk.before))
                : now.guard().find(List.of(query))).getFirst();
        RankedReplies found = answered.found();
        metrics.stage("tokenise", tokenising);
        metrics.stage("queue", answered.queued());
        metrics.stage("encode", found.times().encode());
        metrics.stage("search", found.times().search());
        times.put("tokenise", ReplyEndpoints.millis(tokenising)).put("queue", ReplyEndpoints.millis(answered.queued()))
                .put("encode", ReplyEndpoints.millis(found.times().encode()))
                .put("search", ReplyEndpoints.millis(found.times().search()));
        turns.forEach(told.json.putArray("context")::add);
        told.json.put("tokens", found.tokens()).put("together", answered.together());
        if (saidBefore > 0) told.decide("repeats", "What the bot said before in this talk was left out.");
        if (without.size() > saidBefore)
            told.decide("excluded", (without.size() - saidBefore)
                    + " of the replies were left out as you wished.");
        if (!found.withheld().isEmpty())
            told.decide("safety", found.withheld().size() + " better "
                    + (found.withheld().size() == 1 ? "reply was" : "replies were")
                    + " withheld by the safety screen.");
        if (!found.echoes().isEmpty())
            told.decide("echoes", found.echoes().size() + " better "
                    + (found.echoes().size() == 1 ? "reply" : "replies") + " only repeated what was said.");
        if (!found.passedOver().isEmpty())
            told.decide("consistency", found.passedOver().size() + " better "
                    + (found.passedOver().size() == 1 ? "reply was" : "replies were") + " passed over: the best one "
                    + found.passedOver().getFirst().reason() + ".");
        lists(found, now, told);
        say(talk, now, told, context, found);
    }

    private static void lists(RankedReplies found, Generation now, Told told) {
        ArrayNode candidates = told.json.putArray("candidates");
        found.ranked().forEach(each -> candidates.add(ReplyEndpoints.json(each, now)));
        ArrayNode echoes = told.json.putArray("echoes");
        found.echoes().forEach(each -> echoes.add(ReplyEndpoints.json(each, now)));
        ArrayNode withheld = told.json.putArray("withheld");
        found.withheld().forEach(each -> withheld.add(ReplyEndpoints.json(each, now)));
        ArrayNode passedOver = told.json.putArray("passed_over");
        found.passedOver().forEach(each -> passedOver.add(ReplyEndpoints.passedOver(each, now)));
    }

    private static void say(Talk talk, Generation now, Told told, Context context, RankedReplies found) {
        if (found.ranked().isEmpty()) {
            List<String> fallbacks = now.policy().fallbacks();
            told.decide("fallback", "No reply was left to give.");
            told.say("fallback", fallbacks.get(talk.own.size() % fallbacks.size()));
            return;
        }
        RankedReply best = found.best();
        ChatReply chosen = now.policy().judge(best, now.responder().score(context, best), talk.own.size());
        String floor = now.policy().minScore().isPresent()
                ? String.format(Locale.ROOT, "the floor of %.3f", now.policy().minScore().getAsDouble())
                : "";
        switch (chosen) {
            case ChatReply.Fallback fallback -> {
                told.decide("fallback", String.format(Locale.ROOT,
                        "The best reply scored %.3f, below %s, so a fallback was said.", fallback.instead().score(),
                        floor));
                told.say("fallback", fallback.text()).put("score", fallback.instead().score());
                fallback.instead().confidence().ifPresent(share -> told.said.put("confidence", share));
            }
            case ChatReply.Found one -> {
                told.decide("score", String.format(Locale.ROOT, "The best reply scored %.3f%s.", one.score(),
                        floor.isEmpty() ? "; this model has no floor" : ", not below " + floor));
                told.say("found", one.text()).put("id", now.responses().id(best.row())).put("score", one.score());
                one.confidence().ifPresent(share -> told.said.put("confidence", share));
            }
            default -> throw new IllegalStateException("a judgement of a reply gave " + chosen);
        }
    }
}
