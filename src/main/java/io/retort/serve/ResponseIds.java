package io.retort.serve;

import io.retort.dialogue.NormalForm;
import io.retort.files.Sha256;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * Names of responses that stay the same whatever row they are in: the first 64 bits of the SHA-256 of a text's normal
 * form, in hex. So replicas, and an index that is made anew, call a response alike, and its spelling does not matter.
 * Any thread.
 */
final class ResponseIds {
    private static final int NONE = -1;
    private static final int DIGITS = 16;

    private final Long2IntOpenHashMap rows;
    private long[] ids;
    private int count;

    /** The names of as many texts, the rows from 0 on. */
    ResponseIds(int count, IntFunction<String> texts) {
        this.rows = new Long2IntOpenHashMap(count);
        rows.defaultReturnValue(NONE);
        this.ids = new long[Math.max(16, count)];
        for (int row = 0; row < count; row++) add(texts.apply(row));
    }

    /** Names the next row. */
    synchronized String add(String text) {
        long id = number(text);
        if (count == ids.length) ids = Arrays.copyOf(ids, 2 * count);
        ids[count] = id;
        rows.putIfAbsent(id, count++);
        return hex(id);
    }

    /** The name of a text, whether or not it is a response. */
    static String of(String text) {
        return hex(number(text));
    }

    private static long number(String text) {
        String digest = new Sha256().update(NormalForm.of(text).getBytes(StandardCharsets.UTF_8)).hex();
        return HexFormat.fromHexDigitsToLong(digest, 0, DIGITS);
    }

    private static String hex(long id) {
        return HexFormat.of().toHexDigits(id);
    }

    /** Whether a text could be a name. */
    static boolean isId(String text) {
        return text.length() == DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    /** The name of a row. */
    synchronized String id(int row) {
        if (row >= count) throw new IndexOutOfBoundsException("row " + row + " of " + count);
        return hex(ids[row]);
    }

    /** The first row of a name; an index may hold the same reply in several, if it is keyed by contexts. */
    synchronized OptionalInt row(String id) {
        if (!isId(id)) return OptionalInt.empty();
        int row = rows.get(HexFormat.fromHexDigitsToLong(id));
        return row == NONE ? OptionalInt.empty() : OptionalInt.of(row);
    }

    /** All rows that bear the name of one. */
    synchronized int[] same(int row) {
        long id = ids[row];
        int found = 0;
        int[] all = new int[1];
        for (int each = rows.get(id); each < count; each++) {
            if (ids[each] != id) continue;
            if (found == all.length) all = Arrays.copyOf(all, 2 * found);
            all[found++] = each;
        }
        return Arrays.copyOf(all, found);
    }
}
