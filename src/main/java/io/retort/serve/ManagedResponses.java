package io.retort.serve;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.reply.ModelResponder;
import io.retort.search.MetadataColumns;
import io.retort.search.MetadataFilter;
import io.retort.serve.ResponseJournal.Change;
import io.retort.serve.ResponseJournal.Entry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.HashSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responses of a generation as they were changed while it ran: names, additions, which of them may be given, and
 * filters over their metadata. Any thread; changes are made one at a time, and what is asked meanwhile sees all of a
 * change or nothing.
 */
final class ManagedResponses {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedResponses.class);
    private static final int MOST_ADDED = 100_000;
    private static final int FILTERS = 64;

    private final ModelResponder responder;
    private final ResponseJournal journal;
    private final ResponseIds ids;
    private final MetadataColumns columns;
    private final int indexed;
    private final Map<String, BitSet> filters = new LinkedHashMap<>(16, .75f, true);
    private final BitSet disabled = new BitSet();
    private int replayed;
    private volatile BitSet allowed;

    /** The responses of a responder, with all changes of a journal. */
    ManagedResponses(ModelResponder responder, ResponseJournal journal) {
        this.responder = responder;
        this.journal = journal;
        this.indexed = responder.size();
        this.ids = new ResponseIds(indexed, responder::text);
        this.columns = new MetadataColumns(responder.index());
        replay();
    }

    /** Makes the changes of the journal that were not made yet. */
    synchronized void replay() {
        List<Entry> entries = journal.from(replayed);
        replayed += entries.size();
        List<Entry> adding = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Entry entry : entries) {
            if (entry.change() == Change.ADD && ids.row(entry.id()).isEmpty() && seen.add(entry.id()))
                adding.add(entry);
        }
        publish(adding);
        for (Entry entry : entries) mark(entry);
        refresh();
    }

    private void publish(List<Entry> adding) {
        if (adding.isEmpty()) return;
        try {
            responder.add(adding.stream().map(Entry::text).toList(),
                    adding.stream().map(entry -> entry.metadata().map(ManagedResponses::map)).toList());
            for (Entry entry : adding) ids.add(entry.text());
        } catch (BadInput e) {
            if (adding.size() == 1) {
                LOG.warn("a response that was added cannot be served with this model and index: {}", e.getMessage());
                return;
            }
            adding.forEach(entry -> publish(List.of(entry)));
        }
    }

    private void mark(Entry entry) {
        OptionalInt row = ids.row(entry.id());
        if (row.isEmpty()) return;
        for (int each : ids.same(row.getAsInt())) disabled.set(each, entry.change() == Change.DISABLE);
    }

    private void refresh() {
        BitSet enabled = null;
        if (!disabled.isEmpty()) {
            enabled = new BitSet(responder.size());
            enabled.set(0, responder.size());
            enabled.andNot(disabled);
        }
        synchronized (filters) {
            filters.clear();
            allowed = enabled;
        }
    }

    private static Map<String, Object> map(ObjectNode json) {
        return Fields.JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
    }

    /**
     * What became of responses that were to be added: their names, and whether each was new.
     *
     * @param added {@code added}, {@code enabled} (it was disabled), or {@code exists}
     */
    record Outcome(String id, String added) {
    }

    /**
     * Adds responses; one that was disabled is enabled again. They are kept when this returns.
     *
     * @param metadata of each, empty for none
     */
    synchronized List<Outcome> add(List<String> texts, List<Optional<ObjectNode>> metadata) {
        List<Entry> changes = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        List<String> fresh = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String id = ResponseIds.of(texts.get(i));
            OptionalInt row = ids.row(id);
            boolean known = !seen.add(id) || row.isPresent() && !disabled.get(row.getAsInt());
            outcomes.add(new Outcome(id, known ? "exists" : row.isPresent() ? "enabled" : "added"));
            if (known) continue;
            changes.add(row.isPresent() ? Entry.of(Change.ENABLE, id) : Entry.added(texts.get(i), metadata.get(i)));
            if (row.isEmpty()) fresh.add(texts.get(i));
        }
        if (responder.size() - indexed + fresh.size() > MOST_ADDED) {
            throw Fault.of(409, "too_many_added",
                    "more than " + MOST_ADDED + " responses were added; put them into the "
                            + "index, and reload it");
        }
        // Encoded before they are written down, so that the journal holds nothing that cannot be served.
        if (!fresh.isEmpty()) {
            responder.requireGrowth();
            responder.model().encodeReplies(fresh, Progress.NONE);
        }
        if (!changes.isEmpty()) apply(changes);
        return outcomes;
    }

    private void apply(List<Entry> changes) {
        journal.append(changes);
        replay();
    }

    /** Has a response not be given any more; false if there is none of that name. */
    synchronized boolean disable(String id) {
        OptionalInt row = ids.row(id);
        if (row.isEmpty()) return false;
        if (!disabled.get(row.getAsInt())) apply(List.of(Entry.of(Change.DISABLE, id)));
        return true;
    }

    /** The name of the response in a row. */
    String id(int row) {
        return ids.id(row);
    }

    /** The rows that a text names: by the name of a response, or by what it says. */
    Set<Integer> rows(String idOrText) {
        OptionalInt row = ids.row(idOrText);
        if (row.isEmpty()) row = ids.row(ResponseIds.of(idOrText));
        if (row.isEmpty()) return Set.of();
        Set<Integer> rows = new HashSet<>();
        for (int each : ids.same(row.getAsInt())) rows.add(each);
        return rows;
    }

    /** The row of a name. */
    OptionalInt row(String id) {
        return ids.row(id);
    }

    synchronized boolean isDisabled(int row) {
        return disabled.get(row);
    }

    /** Whether a response was added while the server ran. */
    boolean isAdded(int row) {
        return row >= indexed;
    }

    int added() {
        return responder.size() - indexed;
    }

    synchronized int disabledCount() {
        return disabled.cardinality();
    }

    /** The rows that may be given; null for all. */
    BitSet allowed() {
        return allowed;
    }

    /** The rows that may be given and whose metadata fulfil a filter; the same object for the same filter. */
    BitSet allowed(JsonNode filter) {
        String key = filter.toString();
        BitSet enabled;
        synchronized (filters) {
            BitSet known = filters.get(key);
            if (known != null) return known;
            enabled = allowed;
        }
        MetadataFilter read = MetadataFilter.of(filter);
        int size = responder.size();
        BitSet rows = columns.rowsWhere(read, indexed);
        rows.clear(indexed, Math.max(indexed, rows.length()));
        for (int row = indexed; row < size; row++) {
            if (read.test(responder.metadata(row).orElse(Map.of()))) rows.set(row);
        }
        if (enabled != null) rows.and(enabled);
        synchronized (filters) {
            if (allowed != enabled || responder.size() != size) return rows; // changed meanwhile: right, but not kept
            filters.put(key, rows);
            if (filters.size() > FILTERS) filters.remove(filters.keySet().iterator().next());
        }
        return rows;
    }
}
