package io.retort.dialogue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;

/**
 * What a retrieval model may say: replies in the order in which they first came, one for each {@link NormalForm}. With
 * generated replies added it is the augmented response set of section 3.1 of the paper. One thread.
 */
public final class ResponseSet {
    private static final int ABSENT = -1;

    private final List<Reply> replies = new ArrayList<>();
    private final Object2IntOpenHashMap<String> places = new Object2IntOpenHashMap<>();

    public ResponseSet() {
        places.defaultReturnValue(ABSENT);
    }

    /**
     * Adds a reply, or counts it once more if it is known in any spelling.
     *
     * @return its place, from 0
     */
    public int add(String text, Origin origin) {
        String form = NormalForm.of(text);
        if (form.isEmpty()) throw new IllegalArgumentException("a reply without text");
        int place = places.putIfAbsent(form, replies.size());
        if (place != ABSENT) {
            replies.set(place, replies.get(place).again(origin));
            return place;
        }
        replies.add(new Reply(text, origin, 1));
        return replies.size() - 1;
    }

    /** The place of a reply, from 0, whichever of its spellings is asked for; empty if the set does not hold it. */
    public OptionalInt placeOf(String text) {
        int place = places.getInt(NormalForm.of(text));
        return place == ABSENT ? OptionalInt.empty() : OptionalInt.of(place);
    }

    /** Number of different replies. */
    public int size() {
        return replies.size();
    }

    /** The reply at a place. */
    public Reply get(int place) {
        return replies.get(place);
    }

    /** All replies in order, as a view. */
    public List<Reply> replies() {
        return Collections.unmodifiableList(replies);
    }
}
