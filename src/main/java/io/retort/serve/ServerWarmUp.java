package io.retort.serve;

import io.retort.dialogue.Context;
import io.retort.reply.ModelResponder;
import io.retort.reply.ReplyQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Answers made-up contexts, alone and together, until the JVM has compiled what answering needs: the first client
 * should not be the one who waits for that. The words are replies of the index itself, so that lengths are real ones.
 */
final class ServerWarmUp {
    private static final int ROUNDS = 40;

    private ServerWarmUp() {}

    /**
     * Warms up.
     *
     * @param batch   most contexts that are answered together
     * @param looking looks at what is said, as is done before it is answered
     */
    static void run(ModelResponder responder, int batch, Duration longest, Consumer<String> looking) {
        long until = System.nanoTime() + longest.toNanos();
        for (int round = 0; round < ROUNDS && System.nanoTime() < until; round++) {
            looking.accept(responder.text(Math.floorMod(round * 7919, responder.size())));
            responder.replyToEach(List.of(query(responder, round)));
            if (round % 8 != 7) continue;
            List<ReplyQuery> together = new ArrayList<>();
            for (int i = 0; i < Math.min(batch, 2 << (round / 8)); i++) together.add(query(responder, round + i));
            responder.replyToEach(together);
        }
    }

    private static ReplyQuery query(ModelResponder responder, int number) {
        List<String> turns = new ArrayList<>();
        for (int turn = 0; turn <= number % 3; turn++) {
            turns.add(responder.text(Math.floorMod(number * 7919 + turn * 104_729, responder.size())));
        }
        return responder.query(new Context(turns), 1, null, Set.of());
    }
}
