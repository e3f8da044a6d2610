package io.retort.dialogue;

import io.retort.files.JsonCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads lines of {@link DialogueFile} as Retort itself writes them, straight from their bytes. Whatever it is not sure
 * of, be it right or wrong, it leaves to the strict reader, which builds a tree and knows what to complain of: the two
 * give the same dialogue wherever this one gives any. One thread.
 */
final class DialogueScanner {
    private static final int MOST_DEPTH = 8;
    private static final int MOST_KEY = 200;

    private final JsonCursor cursor = new JsonCursor();
    private final DialogueLine.Draft draft = new DialogueLine.Draft();

    /** The dialogue of a line, whose bytes are copied; null where the strict reader must see it. */
    DialogueLine read(byte[] utf8, int length) {
        byte[] line = Arrays.copyOf(utf8, length);
        cursor.open(line, length);
        draft.begin(line);
        return dialogue();
    }

    private DialogueLine dialogue() {
        if (!cursor.take('{')) return null;
        String id = null;
        String source = null;
        String split = null;
        boolean hasTurns = false;
        Map<?, ?> meta = null;
        do {
            String key = cursor.familiarString();
            if (key == null || !cursor.take(':')) return null;
            switch (key) {
                case "id" -> {
                    if (id != null || (id = cursor.string()) == null) return null;
                }
                case "source" -> {
                    if (source != null || (source = cursor.familiarString()) == null) return null;
                }
                case "split" -> {
                    if (split != null || (split = cursor.familiarString()) == null) return null;
                }
                case "turns" -> {
                    if (hasTurns || !turns()) return null;
                    hasTurns = true;
                }
                case "meta" -> {
                    if (meta != null || !(value(0) instanceof Map<?, ?> values)) return null;
                    meta = values;
                }
                default -> {
                    return null;
                }
            }
        } while (cursor.take(','));
        if (!cursor.take('}') || cursor.peek() != -1 || id == null || !hasTurns) return null;
        return draft.end(id, source == null ? "" : source, split == null ? "" : split,
                meta == null ? Map.of() : PlainValues.copyOf(named(meta)));
    }

    @SuppressWarnings("unchecked") // object() makes maps by texts
    private static Map<String, Object> named(Map<?, ?> values) {
        return (Map<String, Object>) values;
    }

    /** A value of free form; null for one that takes a closer look, as null itself and fractions do. */
    private Object value(int depth) {
        return switch (cursor.peek()) {
            case '"' -> cursor.string();
            case '{' -> depth < MOST_DEPTH ? object(depth) : null;
            case '[' -> depth < MOST_DEPTH ? list(depth) : null;
            case 't' -> cursor.takeWord("true") ? true : null;
            case 'f' -> cursor.takeWord("false") ? false : null;
            default -> cursor.number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        cursor.take('{');
        if (cursor.take('}')) return object;
        do {
            String key = cursor.string();
            if (key == null || key.length() > MOST_KEY || !cursor.take(':')) return null;
            Object value = value(depth + 1);
            if (value == null || object.put(key, value) != null) return null;
        } while (cursor.take(','));
        return cursor.take('}') ? object : null;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        cursor.take('[');
        if (cursor.take(']')) return list;
        do {
            Object value = value(depth + 1);
            if (value == null) return null;
            list.add(value);
        } while (cursor.take(','));
        return cursor.take(']') ? list : null;
    }

    private boolean turns() {
        if (!cursor.take('[')) return false;
        do {
            if (!turn()) return false;
        } while (cursor.take(','));
        return cursor.take(']');
    }

    /** A turn of a speaker and a text, in this order or the other. */
    private boolean turn() {
        if (!cursor.take('{')) return false;
        if (cursor.takeString("s")) {
            if (!cursor.take(':')) return false;
            String speaker = cursor.familiarString();
            boolean isText = speaker != null && cursor.take(',') && cursor.takeString("t") && cursor.take(':')
                    && cursor.takeString() && addTurn(speaker);
            return isText && cursor.take('}');
        }
        boolean isText = cursor.takeString("t") && cursor.take(':') && cursor.takeString() && addTurn("");
        if (!isText || !cursor.take(',') || !cursor.takeString("s") || !cursor.take(':')) return false;
        String speaker = cursor.familiarString();
        if (speaker == null) return false;
        draft.speaker(draft.turns() - 1, speaker);
        return cursor.take('}');
    }

    /** Takes the string that was passed last as a turn's text; false if it is blank. */
    private boolean addTurn(String speaker) {
        return cursor.isPlain()
                ? draft.add(speaker, cursor.from(), cursor.to())
                : draft.add(speaker, cursor.taken());
    }
}
