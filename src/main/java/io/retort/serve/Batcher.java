package io.retort.serve;

import io.retort.simd.ThreadEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Answers queries together that arrive together. One thread takes whatever waits as soon as it is free: a query by itself
 * never waits for company, and the busier the server, the larger the batches. The queue is bounded, and what does not fit
 * is refused at once.
 *
 * @param <Q> a query, such as a context
 * @param <A> what is found for it
 */
final class Batcher<Q, A> implements AutoCloseable {
    /** Seconds after which nobody waits for an answer any more. */
    private static final int LONGEST = 30;

    private final Function<List<Q>, List<A>> work;
    private final int capacity;
    private final int most;
    private final IntConsumer queued;
    private final IntConsumer batched;
    private final ArrayDeque<Waiting<Q, A>> queue = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    /** A query in the queue. */
    private static final class Waiting<Q, A> {
        private final Q query;
        private final long since = System.nanoTime();
        private final CompletableFuture<Answered<A>> answer = new CompletableFuture<>();

        Waiting(Q query) {
            this.query = query;
        }
    }

    /**
     * What was found for a query.
     *
     * @param queued   nanoseconds that it waited for the thread
     * @param together queries that were answered in one go with it, itself included
     */
    record Answered<A>(A found, long queued, int together) {
    }

    /**
     * @param name     of the thread
     * @param work     answers queries, each in its place
     * @param capacity queries that may wait
     * @param most     queries of a batch
     * @param queued   is told how many wait whenever that changes
     * @param batched  is told how many were answered together
     */
    Batcher(String name, Function<List<Q>, List<A>> work, int capacity, int most, IntConsumer queued,
            IntConsumer batched) {
        this.work = work;
        this.capacity = capacity;
        this.most = most;
        this.queued = queued;
        this.batched = batched;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /**
     * Answers one query.
     *
     * @throws Fault if too many wait already
     */
    Answered<A> answer(Q query) {
        return answer(List.of(query)).getFirst();
    }

    /**
     * Answers several queries of one request, in their order.
     *
     * @throws Fault if too many wait already
     */
    List<Answered<A>> answer(List<Q> queries) {
        List<Waiting<Q, A>> waiting = queries.stream().map(Waiting<Q, A>::new).toList();
        synchronized (queue) {
            if (closed) throw Fault.unavailable("the server is closing; try another");
            if (!queue.isEmpty() && queue.size() + waiting.size() > capacity) {
                throw Fault.busy("too many contexts wait for an answer; try again in a second");
            }
            queue.addAll(waiting);
            queued.accept(queue.size());
            queue.notifyAll();
        }
        List<Answered<A>> answers = new ArrayList<>(queries.size());
        for (Waiting<Q, A> each : waiting) answers.add(awaited(each));
        return answers;
    }

    private static <A> Answered<A> awaited(Waiting<?, A> waiting) {
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
        for (List<Waiting<Q, A>> batch = next(); !batch.isEmpty(); batch = next()) {
            try {
                complete(batch);
            } catch (Throwable e) {
                if (batch.size() == 1) batch.getFirst().answer.completeExceptionally(e);
                else batch.forEach(this::alone);
            }
        }
    }

    /** Answers one query of a batch that failed, so that only the one that is to blame fails. */
    private void alone(Waiting<Q, A> waiting) {
        try {
            if (!waiting.answer.isDone()) complete(List.of(waiting));
        } catch (Throwable e) {
            waiting.answer.completeExceptionally(e);
        }
    }

    private void complete(List<Waiting<Q, A>> batch) {
        long begun = System.nanoTime();
        List<A> found = work.apply(batch.stream().map(each -> each.query).toList());
        batched.accept(batch.size());
        for (int i = 0; i < found.size(); i++) {
            Waiting<Q, A> each = batch.get(i);
            each.answer.complete(new Answered<>(found.get(i), begun - each.since, batch.size()));
        }
    }

    /** Waits for queries; empty when there are none and there will be none. */
    private List<Waiting<Q, A>> next() {
        synchronized (queue) {
            while (queue.isEmpty() && !closed) {
                try {
                    queue.wait();
                } catch (InterruptedException e) {
                    closed = true; // nobody but a dying process interrupts this thread
                }
            }
            List<Waiting<Q, A>> batch = new ArrayList<>();
            while (!queue.isEmpty() && batch.size() < most) batch.add(queue.removeFirst());
            queued.accept(queue.size());
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
        ThreadEnd.await(thread);
    }
}
