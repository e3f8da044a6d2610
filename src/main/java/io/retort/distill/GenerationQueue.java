package io.retort.distill;

import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.Teacher;
import io.retort.teacher.TeacherReplies;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Many {@link Item items} under way at once, so that the teacher's batches stay full. What one comes to depends
 * on itself alone. It runs once, on one thread.
 *
 * @param <R> the record that an item makes
 */
final class GenerationQueue<R> {
    /** Items that may wait for an earlier one to be complete, for the sake of memory. */
    private static final int MOST_OPEN = 1024;

    private final Teacher teacher;
    private final Decoding decoding;
    private final Constraints constraints;
    private final Iterator<? extends Item<R>> fresh;
    private final Map<ReplyRequest, Item<R>> requested = new IdentityHashMap<>();
    private final Queue<Item<R>> again = new ArrayDeque<>();
    private final Deque<Item<R>> open = new ArrayDeque<>();
    private double worth;

    /**
     * @param items taken one by one, as there is room
     * @throws io.retort.files.BadInput if the teacher does not generate
     */
    GenerationQueue(Teacher teacher, Decoding decoding, Constraints constraints,
            Iterator<? extends Item<R>> items) {
        teacher.requireGenerates();
        this.teacher = teacher;
        this.decoding = decoding;
        this.constraints = constraints;
        this.fresh = items;
    }

    /**
     * Asks the teacher, time and again, until all items are complete.
     *
     * @param effort told of tokens that have been generated, and of the parts of items that are done
     * @param done   told what each item made, in their order
     */
    void run(EffortListener effort, Consumer<GeneratedRecord<R>> done) {
        Iterator<ReplyRequest> requests = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !again.isEmpty() || open.size() < MOST_OPEN && fresh.hasNext();
            }

            @Override
            public ReplyRequest next() {
                return request(again.isEmpty() ? first() : again.remove());
            }
        };
        while (requests.hasNext()) {
            teacher.reply(decoding, constraints, requests, replies -> {
                effort.tokens(replies.tokens());
                take(replies);
                effort.worth(worth);
                while (!open.isEmpty() && open.peek().isComplete()) done.accept(open.remove().made());
            });
        }
    }

    private Item<R> first() {
        Item<R> item = fresh.next();
        open.add(item);
        return item;
    }

    private ReplyRequest request(Item<R> item) {
        ReplyRequest request = item.request();
        requested.put(request, item);
        return request;
    }

    private void take(TeacherReplies replies) {
        Item<R> item = requested.remove(replies.request());
        if (item == null) {
            throw new IllegalStateException(teacher.name() + " replied to a request that it was not given, or twice: "
                    + replies.request().id());
        }
        double before = item.part();
        item.take(replies);
        worth += item.part() - before;
        if (!item.isComplete()) again.add(item);
    }

    /**
     * An item of a job for which a teacher is asked for replies, time and again, until it is complete. For use by one
     * thread.
     *
     * @param <R> the record that it makes
     */
    interface Item<R> {
        /** The next request to the teacher: a new one each time, whose id names the item. */
        ReplyRequest request();

        /** Takes the replies that the last request brought. */
        void take(TeacherReplies replies);

        /** How much of the item is done, about: 1 once it is complete. */
        double part();

        /** Whether the item is done, so that the teacher need not be asked again. */
        boolean isComplete();

        /** The record that came of the item, once it is complete. */
        GeneratedRecord<R> made();
    }
}
