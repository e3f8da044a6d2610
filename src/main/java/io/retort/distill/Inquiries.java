package io.retort.distill;

import io.retort.files.JobEntry;
import io.retort.generate.Generation;
import io.retort.generate.GenerationRequest;
import io.retort.generate.Generator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Many {@link Inquiry inquiries} under way at once, so that the generator's batches stay full. What one comes to depends
 * on itself alone. One run; one thread.
 */
final class Inquiries {
    /** Inquiries that may wait for an earlier one to be complete, for the sake of memory. */
    private static final int MOST_OPEN = 1024;

    private final Generator generator;
    private final Iterator<? extends Inquiry> fresh;
    private final Map<GenerationRequest, Inquiry> requested = new IdentityHashMap<>();
    private final Queue<Inquiry> again = new ArrayDeque<>();
    private final Deque<Inquiry> open = new ArrayDeque<>();

    /** @param inquiries taken one by one, as there is room */
    Inquiries(Generator generator, Iterator<? extends Inquiry> inquiries) {
        this.generator = generator;
        this.fresh = inquiries;
    }

    /**
     * Asks until all are complete.
     *
     * @param tokens told of tokens that have been generated
     * @param done   told of each inquiry's entry, in their order
     */
    void run(LongConsumer tokens, Consumer<JobEntry> done) {
        Iterator<GenerationRequest> requests = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !again.isEmpty() || open.size() < MOST_OPEN && fresh.hasNext();
            }

            @Override
            public GenerationRequest next() {
                return request(again.isEmpty() ? first() : again.remove());
            }
        };
        while (requests.hasNext()) {
            generator.generate(requests, generation -> {
                tokens.accept(generation.tokens());
                take(generation);
                while (!open.isEmpty() && open.peek().isComplete()) done.accept(open.remove().entry());
            });
        }
    }

    private Inquiry first() {
        Inquiry inquiry = fresh.next();
        open.add(inquiry);
        return inquiry;
    }

    private GenerationRequest request(Inquiry inquiry) {
        GenerationRequest request = inquiry.request();
        requested.put(request, inquiry);
        return request;
    }

    private void take(Generation generation) {
        Inquiry inquiry = requested.remove(generation.request());
        inquiry.take(generation);
        if (!inquiry.isComplete()) again.add(inquiry);
    }
}
