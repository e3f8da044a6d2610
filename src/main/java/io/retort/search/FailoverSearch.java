package io.retort.search;

import io.retort.gpu.GpuException;
import io.retort.gpu.NoGpu;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * A search on a card that the CPU takes over from when the card fails, be it at the beginning or in the middle: with one
 * warning, for good, and with the same hits.
 */
final class FailoverSearch implements ResponseSearch {
    private final Supplier<ResponseSearch> onCpu;
    private volatile ResponseSearch current;
    private boolean closed;

    /**
     * @param onCard makes the search on the card, now
     * @param onCpu  makes the one that takes over, if it must
     */
    FailoverSearch(Supplier<ResponseSearch> onCard, Supplier<ResponseSearch> onCpu) {
        this.onCpu = onCpu;
        ResponseSearch first;
        try {
            first = onCard.get();
        } catch (GpuException | NoGpu e) {
            first = instead(e);
        }
        this.current = first;
    }

    private ResponseSearch instead(RuntimeException e) {
        LoggerFactory.getLogger(FailoverSearch.class).warn("searching on the CPU from now on: {}", e.getMessage());
        return onCpu.get();
    }

    ResponseSearch current() {
        return current;
    }

    @Override
    public int count() {
        return current.count();
    }

    @Override
    public int dims() {
        return current.dims();
    }

    @Override
    public Exactness exactness() {
        return current.exactness();
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        ResponseSearch now = current;
        try {
            return now.search(queries, k, allowed);
        } catch (GpuException e) {
            takeOver(now, e);
        } catch (IllegalStateException e) {
            // Closed because another thread's search failed; or really closed.
            if (current == now) throw e;
        }
        return current.search(queries, k, allowed);
    }

    private void takeOver(ResponseSearch card, GpuException e) {
        synchronized (this) {
            if (current != card) return;
            if (closed) throw new IllegalStateException("this search is closed", e);
            current = instead(e);
        }
        try {
            card.close();
        } catch (GpuException again) {
            // The driver does not even free what a broken card holds; the end of the process does.
            e.addSuppressed(again);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        current.close();
    }
}
