package io.retort.teacher.remote;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/** Requests of which many are under way at once, and whose answers are told in order, from the asker's thread. */
final class ConcurrentWork implements AutoCloseable {
    private final ExecutorService threads;

    /** @param most requests that are worked on at a time; earlier ones are begun first, so that they are told first */
    ConcurrentWork(int most) {
        threads = Executors.newFixedThreadPool(most, Thread.ofVirtual().factory());
    }

    /**
     * Works on all requests.
     *
     * @param window   requests that are begun before the first of them is answered, at most
     * @param requests taken from the calling thread, as there is room
     * @param work     done in threads of its own
     * @param done     told of each answer, in the order of the requests; what it throws ends the work
     */
    <Q, A> void run(int window, Iterator<Q> requests, Function<Q, A> work, Consumer<A> done) {
        Deque<Future<A>> open = new ArrayDeque<>();
        try {
            while (true) {
                while (open.size() < window && requests.hasNext()) {
                    Q request = requests.next();
                    open.add(threads.submit(() -> work.apply(request)));
                }
                if (open.isEmpty()) return;
                done.accept(answer(open.remove()));
            }
        } finally {
            open.forEach(left -> left.cancel(true));
        }
    }

    private static <A> A answer(Future<A> work) {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException fault) throw fault;
            if (e.getCause() instanceof Error error) throw error;
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            work.cancel(true);
            throw Endpoint.interrupted();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
