package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.retrieval.RetrievalModel;
import io.retort.simd.Kernels;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Encodes made-up contexts in a thread of its own while somebody reads a greeting or opens other things: plans of the
 * usual lengths get compiled, and the JVM compiles the kernels. Answers that are asked for meanwhile are computed in plain
 * loops, and go first; later ones by what was compiled. It ends by itself, when it has done enough or its time is over,
 * and when it is closed.
 */
final class WarmUp implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(8);
    private static final int ROUNDS = 12;
    /** Rounds for plain loops, which the JVM has compiled soon. */
    private static final int PLAIN_ROUNDS = 1;
    /** How long it lets an answer that is under way have the processor. */
    private static final Duration PAUSE = Duration.ofMillis(2);
    /** Lengths of contexts in tokens, of those that conversations begin with. */
    private static final int[] LENGTHS = {8, 12, 16, 24, 32, 48, 64};

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /**
     * Begins to warm up a model, which must stay open until this is closed.
     *
     * @param busy whether an answer is under way
     */
    static WarmUp of(RetrievalModel model, BooleanSupplier busy) {
        return new WarmUp(Thread.ofPlatform().daemon().name("retort-warm-up").start(() -> run(model, busy)));
    }

    private static void run(RetrievalModel model, BooleanSupplier busy) {
        long until = System.nanoTime() + LONGEST.toNanos();
        try {
            int[] word = model.inputs().context(Context.of("hello"));
            int rounds = Kernels.arePlain() ? PLAIN_ROUNDS : ROUNDS;
            for (int round = 0; round < rounds; round++) {
                for (int length : LENGTHS) {
                    if (length > model.config().text().maxContextTokens()) break;
                    int[] tokens = new int[length];
                    Arrays.setAll(tokens, i -> word[i % word.length]);
                    while (busy.getAsBoolean() && System.nanoTime() < until) Thread.sleep(PAUSE);
                    if (Thread.currentThread().isInterrupted()) return;
                    if (System.nanoTime() > until) break;
                    model.rehearse(tokens);
                }
            }
            model.rehearsed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (BadInput | IllegalStateException e) {
            return; // a tokenizer without that word, or the runtime was closed: nobody needs warmth then
        }
    }

    @Override
    public void close() {
        SearchSetup.end(thread);
    }
}
