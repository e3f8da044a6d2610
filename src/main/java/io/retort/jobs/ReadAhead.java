package io.retort.jobs;

import io.retort.simd.ThreadEnd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.ToLongFunction;

/**
 * Takes items from a source in a thread of its own while another works on those before, in their order. How many wait is
 * bounded, by number and by weight. One thread takes them, and closes this before what the source reads from.
 */
final class ReadAhead<T> implements AutoCloseable {
    private static final int BATCHES = 4;
    private static final int MOST_OF_A_BATCH = 64;
    private static final long HEAVY = 1 << 17;

    private final BlockingQueue<Batch<T>> batches = new ArrayBlockingQueue<>(BATCHES);
    private final Thread thread;
    private Iterator<T> items = List.<T>of().iterator();
    private Batch<T> taken;

    /** Where items come from. */
    interface Source<T> {
        /** The next one; null at the end. */
        T next() throws IOException;
    }

    /**
     * Items that come together.
     *
     * @param failure what kept the source from giving more; null for nothing
     */
    private record Batch<T>(List<T> items, boolean isLast, Throwable failure) {
    }

    /**
     * Begins to take items.
     *
     * @param weight of an item, in characters or the like
     */
    ReadAhead(Source<T> source, ToLongFunction<T> weight) {
        this.thread = Thread.ofPlatform().daemon().name("retort-ahead").start(() -> run(source, weight));
    }

    private void run(Source<T> source, ToLongFunction<T> weight) {
        try {
            for (boolean more = true; more;) {
                Batch<T> batch = batch(source, weight);
                batches.put(batch);
                more = !batch.isLast;
            }
        } catch (InterruptedException e) {
            return; // closed: nobody wants more
        }
    }

    private Batch<T> batch(Source<T> source, ToLongFunction<T> weight) {
        List<T> items = new ArrayList<>(MOST_OF_A_BATCH);
        try {
            for (long heavy = 0; items.size() < MOST_OF_A_BATCH && heavy < HEAVY;) {
                T item = source.next();
                if (item == null) return new Batch<>(items, true, null);
                items.add(item);
                heavy += weight.applyAsLong(item);
            }
            return new Batch<>(items, false, null);
        } catch (IOException | RuntimeException | Error e) {
            return new Batch<>(items, true, e);
        }
    }

    /** The next item, or what the source failed with after the items before; null at the end. */
    T next() throws IOException {
        while (!items.hasNext()) {
            if (taken != null && taken.isLast) return end(taken.failure);
            try {
                taken = batches.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            items = taken.items.iterator();
        }
        return items.next();
    }

    private T end(Throwable failure) throws IOException {
        switch (failure) {
            case null -> {
                return null;
            }
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    /** Ends the thread and waits for its end. */
    @Override
    public void close() {
        thread.interrupt();
        ThreadEnd.await(thread);
    }
}
