package io.retort.cli;

import io.retort.files.WhiteSpace;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReply;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "reply", mixinStandardHelpOptions = true, description = "Prints the best replies to one context.")
final class ReplyCommand implements Callable<Integer> {
    @Mixin
    private AnswerOptions answers;
    @Mixin
    private Output output;

    @Option(names = {"-c", "--context"}, required = true, paramLabel = "TURN",
            description = "A turn of the context, oldest first; repeat it.")
    private List<String> turns;

    @Option(names = "-k", paramLabel = "N", defaultValue = "1",
            description = "How many replies. Default: ${DEFAULT-VALUE}.")
    private int k;

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
            if (output.json) {
                output.json(json(responder, replies, loaded - started));
            } else {
                for (RankedReply reply : replies.ranked()) {
                    output.line(String.format(Locale.ROOT, "%3d  %.4f  %s", reply.rank(), reply.score(), reply.text()));
                }
                if (replies.ranked().isEmpty()) System.err.println("retort: every reply only repeats the context");
            }
        }
        return 0;
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
