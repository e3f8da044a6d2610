package io.retort.serve;

import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReplies;
import io.retort.reply.ReplyQuery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers contexts together that arrive together. One thread takes whatever waits as soon as the engine is free: a
 * context by itself never waits for company, and the busier the server, the larger the batches. The queue is bounded,
 * and what does not fit is refused at once.
 */
final class ReplyBatcher implements AutoCloseable {
    /** Seconds after which nobody waits for an answer any more. */
    private static final int LONGEST = 30;

    private final ModelResponder responder;
    private final int capacity;
    private final int most;
    private final ServerMetrics metrics;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    /** A context in the queue. */
    private static final class Waiting {
        private final ReplyQuery query;
        private final long since = System.nanoTime();
        private final CompletableFuture<Answered> answer = new CompletableFuture<>();

        Waiting(ReplyQuery query) {
            this.query = query;
        }
    }

    /**
     * What was found for a context.
     *
     * @param queued   nanoseconds that it waited for the engine
     * @param together contexts that were answered in one go with it, itself included
     */
    record Answered(RankedReplies found, long queued, int together) {
    }

    /**
     * @param capacity contexts that may wait
     * @param most     contexts of a batch
     */
    ReplyBatcher(ModelResponder responder, int capacity, int most, ServerMetrics metrics) {
        this.responder = responder;
        this.capacity = capacity;
        this.most = most;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().daemon().name("retort-batches").start(this::run);
    }

    /**
     * Answers one context.
     *
     * @throws Fault if too many wait already
     */
    Answered answer(ReplyQuery query) {
        return answer(List.of(query)).getFirst();
    }

    /**
     * Answers several contexts of one request, in their order.
     *
     * @throws Fault if too many wait already
     */
    List<Answered> answer(List<ReplyQuery> queries) {
        List<Waiting> waiting = queries.stream().map(Waiting::new).toList();
        synchronized (queue) {
            if (closed) throw Fault.unavailable("the server is closing; try another");
            if (!queue.isEmpty() && queue.size() + waiting.size() > capacity) {
                throw Fault.busy("too many contexts wait for an answer; try again in a second");
            }
            queue.addAll(waiting);
            metrics.queued(queue.size());
            queue.notifyAll();
        }
        List<Answered> answers = new ArrayList<>(queries.size());
        for (Waiting each : waiting) answers.add(awaited(each));
        return answers;
    }

    private static Answered awaited(Waiting waiting) {
        try {
            return waiting.answer.get(LONGEST, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw Fault.busy("no answer within " + LONGEST + " seconds; try again later");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.unavailable("the server is closing; try another");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failed) throw failed;
            throw new IllegalStateException(e.getCause());
        }
    }

    private void run() {
        for (List<Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
            try {
                complete(batch);
            } catch (Throwable e) {
                if (batch.size() == 1) batch.getFirst().answer.completeExceptionally(e);
                else batch.forEach(this::alone);
            }
        }
    }

    /** Answers one context of a batch that failed, so that only the one that is to blame fails. */
    private void alone(Waiting waiting) {
        try {
            if (!waiting.answer.isDone()) complete(List.of(waiting));
        } catch (Throwable e) {
            waiting.answer.completeExceptionally(e);
        }
    }

    private void complete(List<Waiting> batch) {
        long begun = System.nanoTime();
        List<RankedReplies> found = responder.replyToEach(batch.stream().map(each -> each.query).toList());
        metrics.batch(batch.size());
        for (int i = 0; i < found.size(); i++) {
            Waiting each = batch.get(i);
            each.answer.complete(new Answered(found.get(i), begun - each.since, batch.size()));
        }
    }

    /** Waits for contexts; empty when there are none and there will be none. */
    private List<Waiting> next() {
        synchronized (queue) {
            while (queue.isEmpty() && !closed) {
                try {
                    queue.wait();
                } catch (InterruptedException e) {
                    closed = true; // nobody but a dying process interrupts this thread
                }
            }
            List<Waiting> batch = new ArrayList<>();
            while (!queue.isEmpty() && batch.size() < most) batch.add(queue.removeFirst());
            metrics.queued(queue.size());
            return batch;
        }
    }

    /** Answers what waits, takes nothing more, and waits for the end. */
    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
            queue.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
