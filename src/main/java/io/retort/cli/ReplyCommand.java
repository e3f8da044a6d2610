package io.retort.cli;

import io.retort.files.WhiteSpace;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.reply.ChatReply;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReply;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponsePolicy;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "reply", mixinStandardHelpOptions = true, description = "Prints the best replies to one context.")
final class ReplyCommand implements Callable<Integer> {
    @Mixin
    private final AnswerOptions answers;
    @Mixin
    private final PolicyOptions policy = new PolicyOptions();
    @Mixin
    private final Output output;

    @Option(names = {"-c", "--context"}, required = true, paramLabel = "TURN",
            description = "A turn of the context, oldest first; repeat it.")
    private List<String> turns;

    @Option(names = "-k", paramLabel = "N", defaultValue = "1",
            description = "How many replies. Default: ${DEFAULT-VALUE}.")
    private int k;

    /** The command before its options are read. */
    ReplyCommand() {
        this(new AnswerOptions(), null, 1, false);
    }

    /**
     * The command with the options that are given most.
     *
     * @param turns of the context, oldest first
     * @param k     how many replies
     * @param json  whether they are printed as JSON
     */
    ReplyCommand(AnswerOptions answers, List<String> turns, int k, boolean json) {
        this.answers = answers;
        this.output = new Output(json);
        this.turns = turns;
        this.k = k;
    }

    @Override
    public Integer call() throws IOException {
        if (turns.stream().anyMatch(WhiteSpace::isBlank))
            throw BadInput.of("a turn of the context is empty", "give it words or leave it out");
        long started = System.nanoTime();
        try (Responder responder = answers.open(Searches.ONE)) {
            long loaded = System.nanoTime();
            if (k < 1 || k > responder.size()) {
                throw BadInput.of("k is " + k, "ask for 1 to " + responder.size() + " replies");
            }
            RankedReplies replies = responder.reply(new Context(turns), k);
            Optional<ChatReply> said = said(responder, replies);
            if (output.json) {
                Map<String, Object> facts = json(responder, replies, loaded - started);
                said.ifPresent(reply -> facts.put("said", json(reply)));
                output.json(facts);
            } else if (said.isPresent() && !(said.get() instanceof ChatReply.Found)) {
                output.line(said.get().text());
            } else {
                for (RankedReply reply : replies.ranked()) {
                    output.line(String.format(Locale.ROOT, "%3d  %.4f  %s", reply.rank(), reply.score(), reply.text()));
                }
                if (replies.ranked().isEmpty()) System.err.println("retort: every reply only repeats the context");
            }
        }
        return 0;
    }

    /** What a chat would say, if options ask for its manners; replies that are found are shown as they are otherwise. */
    private Optional<ChatReply> said(Responder responder, RankedReplies replies) throws IOException {
        if (!policy.areGiven()) return Optional.empty();
        ResponsePolicy chosen = answers.policy(policy);
        Optional<ChatReply> fixed = chosen.answer(turns.getLast(), 0);
        return fixed.isPresent() || replies.ranked().isEmpty()
                ? fixed
                : Optional.of(chosen.judge(replies.best(), responder.score(new Context(turns), replies.best()), 0));
    }

    private static Map<String, Object> json(ChatReply said) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("text", said.text());
        switch (said) {
            case ChatReply.Fixed fixed -> json.put("fixed", fixed.name());
            case ChatReply.Guarded guarded -> json.put("stopped", guarded.verdict().category().orElseThrow().key());
            case ChatReply.Fallback fallback -> {
                json.put("score", fallback.instead().score());
                json.put("min_score", fallback.floor());
            }
            case ChatReply.Found found -> {
                json.put("score", found.score());
                found.confidence().ifPresent(confidence -> json.put("confidence", confidence));
            }
        }
        return json;
    }

    private static Map<String, Object> json(Responder responder, RankedReplies replies, long loading) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("replies", replies.ranked().stream().map(reply -> json(responder, reply)).toList());
        if (!replies.echoes().isEmpty()) {
            result.put("echoes", replies.echoes().stream().map(reply -> json(responder, reply)).toList());
        }
        Map<String, Object> times = new LinkedHashMap<>();
        times.put("load", millis(loading));
        times.put("tokenise", millis(replies.times().tokenise()));
        times.put("encode", millis(replies.times().encode()));
        times.put("search", millis(replies.times().search()));
        times.put("total", millis(replies.times().total()));
        result.put("time_ms", times);
        result.put("context_tokens", replies.tokens());
        return result;
    }

    private static Map<String, Object> json(Responder responder, RankedReply reply) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rank", reply.rank());
        json.put("score", reply.score());
        json.put("text", reply.text());
        json.put("row", reply.row());
        responder.metadata(reply.row()).ifPresent(metadata -> json.put("metadata", metadata));
        return json;
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
