package io.retort.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * The metadata of many rows by field, so that a filter is decided once for each different value and not for each row.
 * A field's column is made when the first filter asks for it. Any thread.
 */
public final class MetadataColumns {
    /** The most fields of which columns are kept; others are read again each time. */
    private static final int MOST = 32;

    private final int rows;
    private final IntFunction<Optional<Map<String, Object>>> metadata;
    private final Map<String, Column> columns = new ConcurrentHashMap<>();

    /** Reads metadata by the functions of an index, which must stay open. */
    public MetadataColumns(ResponseIndex index) {
        this(index.hasReplyMetadata() ? index.count() : 0, index::metadata);
    }

    MetadataColumns(int rows, IntFunction<Optional<Map<String, Object>>> metadata) {
        this.rows = rows;
        this.metadata = metadata;
    }

    /** The different values of a field, and which of them each row has; -1 for none. */
    private record Column(List<Object> values, int[] codes) {
        BitSet where(MetadataFilter.Field filter) {
            BitSet fulfilled = new BitSet(values.size());
            for (int i = 0; i < values.size(); i++) fulfilled.set(i, filter.matches(values.get(i)));
            BitSet found = new BitSet(codes.length);
            for (int row = 0; row < codes.length; row++) {
                if (codes[row] >= 0 && fulfilled.get(codes[row])) found.set(row);
            }
            return found;
        }
    }

    /**
     * The rows whose metadata fulfil a filter; rows without metadata fulfil those filters that hold of nothing.
     *
     * @param count number of rows that there are, with or without metadata
     */
    public BitSet rowsWhere(MetadataFilter filter, int count) {
        return switch (filter) {
            case MetadataFilter.Field field -> column(field.field()).where(field);
            case MetadataFilter.Not not -> {
                BitSet rest = rowsWhere(not.filter(), count);
                rest.flip(0, count);
                yield rest;
            }
            case MetadataFilter.And and -> {
                BitSet all = new BitSet(count);
                all.set(0, count);
                for (MetadataFilter each : and.all()) all.and(rowsWhere(each, count));
                yield all;
            }
            case MetadataFilter.Or or -> {
                BitSet any = new BitSet(count);
                for (MetadataFilter each : or.any()) any.or(rowsWhere(each, count));
                yield any;
            }
        };
    }

    private Column column(String field) {
        Column known = columns.get(field);
        if (known != null) return known;
        Column made = read(field);
        if (columns.size() < MOST) columns.putIfAbsent(field, made);
        return made;
    }

    private Column read(String field) {
        int[] codes = new int[rows];
        Arrays.fill(codes, -1);
        Map<Object, Integer> known = new HashMap<>();
        List<Object> values = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            Object value = metadata.apply(row).map(its -> MetadataFilter.value(its, field)).orElse(null);
            if (value == null) continue;
            int at = row;
            codes[at] = known.computeIfAbsent(value, _ -> {
                values.add(value);
                return values.size() - 1;
            });
        }
        return new Column(values, codes);
    }
}
