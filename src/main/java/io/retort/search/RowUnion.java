package io.retort.search;

import io.retort.dialogue.NormalForm;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of several indexes in their order, each reply once: where it comes again, in whatever spelling, the first
 * row counts, and gets the first metadata that any of them has. The indexes stay open for as long as this is used.
 */
final class RowUnion {
    /** Number of rows whose vectors are copied at a time. */
    private static final int CHUNK = 1024;
    private static final int ABSENT = -1;

    private final List<ResponseIndex> sources = new ArrayList<>();
    /** For each row that is kept the number of its source, and its row there. */
    private final IntArrayList sourceOf = new IntArrayList(), rowOf = new IntArrayList();
    private final Object2IntOpenHashMap<String> places = new Object2IntOpenHashMap<>();
    /** Metadata by place in the union: those of a later spelling, where the first had none. */
    private final Int2ObjectOpenHashMap<byte[]> lent = new Int2ObjectOpenHashMap<>();
    private long duplicates;

    RowUnion() {
        places.defaultReturnValue(ABSENT);
    }

    /**
     * Adds the rows of an index, but for replies that are there already.
     *
     * @throws BadInput if it is not of the kind of those before it, telling in what they differ
     */
    void add(ResponseIndex index) {
        if (!sources.isEmpty()) requireSameKind(sources.getFirst(), index);
        sources.add(index);
        for (int row = 0; row < index.count(); row++) {
            if (claim(index.reply(row), index.metadataBytes(row), size())) keep(row);
        }
    }

    /** Adds all rows of an index that is to be appended to: its rows keep their numbers. */
    void addAll(ResponseIndex index) {
        sources.add(index);
        for (int row = 0; row < index.count(); row++) {
            places.putIfAbsent(NormalForm.of(index.reply(row)), row);
            keep(row);
        }
    }

    private void keep(int row) {
        sourceOf.add(sources.size() - 1);
        rowOf.add(row);
    }

    /**
     * Says whether a reply is new, and takes it for known from now on.
     *
     * @param metadata lent to the reply if it is known and has none
     * @param place    the row that it has if it is new
     */
    boolean claim(String text, byte[] metadata, int place) {
        int known = places.putIfAbsent(NormalForm.of(text), place);
        if (known == ABSENT) return true;
        duplicates++;
        if (metadata.length > 0 && known < size() && metadata(known).length == 0) lent.put(known, metadata);
        return false;
    }

    private static void requireSameKind(ResponseIndex first, ResponseIndex next) {
        IndexSpec a = first.spec(), b = next.spec();
        if (!a.model().equals(b.model())) {
            next.requireModel(a.model(), a.metadata().path("model").asText("the model of " + first.file()));
        }
        requireSame(first, next, "metrics", name(a.metric()), name(b.metric()));
        requireSame(first, next, "dims", String.valueOf(a.dims()), String.valueOf(b.dims()));
        requireSame(first, next, "rows", name(first.format()), name(next.format()));
        requireSame(first, next, "keys", IndexMetadata.keyedBy(first).label(), IndexMetadata.keyedBy(next).label());
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private static void requireSame(ResponseIndex first, ResponseIndex next, String what, String a, String b) {
        if (a.equals(b)) return;
        throw BadInput.in(next.file(), "has other " + what + " than " + first.file() + ": " + b + ", not " + a,
                "make one of them anew like the other with `retort index`");
    }

    /** Number of rows of all indexes that are kept. */
    int size() {
        return rowOf.size();
    }

    /** Number of times that a reply came that was there already. */
    long duplicates() {
        return duplicates;
    }

    /** Whether a reply without metadata gets those of a later spelling. */
    boolean lendsMetadata() {
        return !lent.isEmpty();
    }

    String text(int place) {
        return sources.get(sourceOf.getInt(place)).reply(rowOf.getInt(place));
    }

    byte[] metadata(int place) {
        byte[] its = lent.get(place);
        return its != null ? its : sources.get(sourceOf.getInt(place)).metadataBytes(rowOf.getInt(place));
    }

    byte[] contexts(int place) {
        return sources.get(sourceOf.getInt(place)).contextBytes(rowOf.getInt(place));
    }

    /** Gives a writer the vectors of these rows, from the row on that it needs next. */
    void writeVectors(IndexWriter writer, int total, Progress progress) throws IOException {
        while (writer.nextRow() < size()) {
            int from = writer.nextRow(), source = sourceOf.getInt(from), to = from + 1;
            while (to < size() && to - from < CHUNK && sourceOf.getInt(to) == source) to++;
            progress.update(from, total);
            writer.appendStored(sources.get(source).vectors(), rowOf.subList(from, to).toIntArray());
        }
    }
}
