package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a pickle of plain values and tensors, which is a program for a small machine with a stack and a memo, without
 * running anything of Python's: opcodes and names outside a list are refused, and what the list's names stand for is
 * made by {@link PickledObjects}.
 *
 * <p>Values become Java's: dictionaries {@code LinkedHashMap}, lists {@code ArrayList}, tuples {@code Object[]}, None
 * null, strings, {@code byte[]}, {@code Boolean}, {@code Long} (or {@code BigInteger}) and {@code Double}, tensors
 * {@link TorchTensor}. They may hold themselves; whoever walks them must not recurse.
 */
final class PickleReader {
    /** The longest pickle that is read: a checkpoint's numbers lie outside of it. */
    static final int LONGEST = 64 << 20;
    /** The most operations; each may cost memory of a few dozen bytes. */
    private static final int MOST_OPERATIONS = 1 << 21;
    private static final int NEWEST_PROTOCOL = 5;
    private static final int LONGEST_NAME = 256;
    private static final int WIDEST_INTEGER = 16;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.BIG_ENDIAN);
    private static final String REMEDY = "in Python, load it where you trust it and save model.state_dict() alone";

    private final Path path;
    private final MemorySegment bytes;
    private final long fileOffset;
    private final PickledObjects objects = new PickledObjects();
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private int at;
    private int operation;

    /**
     * Prepares to read a pickle that starts where {@code bytes} start.
     *
     * @param bytes      of which no more are read than {@link #LONGEST}
     * @param fileOffset where they start in the file, for messages
     */
    PickleReader(Path path, MemorySegment bytes, long fileOffset) {
        this.path = path;
        this.bytes = bytes.asSlice(0, Math.min(bytes.byteSize(), LONGEST));
        this.fileOffset = fileOffset;
    }

    /**
     * Reads up to the end of the pickle.
     *
     * @return what it holds
     * @throws BadInput if it ends early, contradicts itself, or asks for something that is not read
     */
    Object read() {
        for (int operations = 0; operations < MOST_OPERATIONS; operations++) {
            operation = at;
            int opcode = next();
            if (opcode == '.') {
                Object value = pop();
                if (!stack.isEmpty()) throw bad("the pickle ends with " + stack.size() + " values left over");
                return value;
            }
            try {
                run(opcode);
            } catch (PickledObjects.Refused refused) {
                throw bad(refused.getMessage());
            }
        }
        throw bad("the pickle has more than " + MOST_OPERATIONS + " operations");
    }

    /** Returns the storages that were named so far, by key. */
    Map<String, TorchStorage> storages() {
        return objects.storages();
    }

    /** Returns how many bytes the pickle took. */
    int length() {
        return at;
    }

    private void run(int opcode) throws PickledObjects.Refused {
        switch (opcode) {
            case 0x80 -> protocol();
            case 0x95 -> skip(longLength(), "a frame");
            case '(' -> marks.add(stack.size());
            case 'N' -> push(null);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) next());
            case 'M' -> push((long) Short.toUnsignedInt(bytes.get(SHORT, advance(2))));
            case 'J' -> push((long) bytes.get(INT, advance(4)));
            case 0x8a -> push(integer(next()));
            case 'G' -> push(bytes.get(DOUBLE, advance(8)));
            case 'X' -> push(string(fourBytes()));
            case 0x8c -> push(string(next()));
            case 0x8d -> push(string(longLength()));
            case 'U' -> push(new String(slice(next()), StandardCharsets.ISO_8859_1));
            case 'T' -> push(new String(slice(fourBytes()), StandardCharsets.ISO_8859_1));
            case 'C' -> push(slice(next()));
            case 'B' -> push(slice(fourBytes()));
            case 0x8e -> push(slice(longLength()));
            case ']' -> push(new ArrayList<>(0));
            case '}' -> push(new LinkedHashMap<>());
            case ')' -> push(PickledObjects.NOTHING);
            case 't' -> push(sinceMark());
            case 0x85 -> push(last(1));
            case 0x86 -> push(last(2));
            case 0x87 -> push(last(3));
            case 'a' -> {
                Object item = pop();
                list(peek()).add(item);
            }
            case 'e' -> {
                Object[] items = sinceMark();
                list(peek()).addAll(Arrays.asList(items));
            }
            case 's' -> {
                Object[] item = last(2);
                objects.put(peek(), item);
            }
            case 'u' -> {
                Object[] items = sinceMark();
                objects.put(peek(), items);
            }
            case 'c' -> push(global(line(), line()));
            case 0x93 -> {
                Object[] names = last(2);
                push(global(text(names[0]), text(names[1])));
            }
            case 'R', 0x81 -> {
                Object[] call = last(2);
                push(objects.call(call[0], call[1]));
            }
            case 'b' -> {
                Object state = pop();
                objects.build(peek(), state);
            }
            case 'Q' -> push(objects.storage(pop()));
            case 'q' -> memo.put((long) next(), peek());
            case 'r' -> memo.put(Integer.toUnsignedLong(bytes.get(INT, advance(4))), peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'h' -> push(remembered(next()));
            case 'j' -> push(remembered(Integer.toUnsignedLong(bytes.get(INT, advance(4)))));
            default -> throw bad(opcodeName(opcode) + ", an operation that no tensors need");
        }
    }

    private static String opcodeName(int opcode) {
        return String.format(Locale.ROOT, "the pickle has opcode 0x%02x", opcode)
                + (opcode > ' ' && opcode < 127 ? " ('" + (char) opcode + "')" : "");
    }

    private void protocol() {
        int version = next();
        if (version > NEWEST_PROTOCOL) throw bad("the pickle has protocol " + version + ", the newest is 5");
    }

    private Object global(String module, String name) {
        Object known = PickledGlobal.of(module + "." + name);
        if (known != null) return known;
        throw bad("the pickle asks for " + Quoted.name(module + "." + name) + ", which is never run");
    }

    private Object integer(int width) {
        if (width == 0) return 0L;
        if (width > WIDEST_INTEGER) throw bad("an integer of " + width + " bytes");
        byte[] digits = slice(width);
        for (int i = 0, j = width - 1; i < j; i++, j--) {
            byte digit = digits[i];
            digits[i] = digits[j];
            digits[j] = digit;
        }
        BigInteger value = new BigInteger(digits);
        if (value.bitLength() < Long.SIZE) return value.longValue();
        return value;
    }

    private String string(long length) {
        return new String(slice(length), StandardCharsets.UTF_8);
    }

    private String line() {
        int end = at;
        while (end < bytes.byteSize() && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
            if (++end - at > LONGEST_NAME) throw bad("a name of more than " + LONGEST_NAME + " bytes");
        }
        String line = string(end - at);
        advance(1);
        return line;
    }

    private String text(Object value) {
        if (value instanceof String string && string.length() <= LONGEST_NAME) return string;
        throw bad("a name that is no short string");
    }

    private Object remembered(long key) {
        Object value = memo.get(key);
        if (value == null && !memo.containsKey(key)) throw bad("the pickle recalls value " + key + ", never kept");
        return value;
    }

    private List<Object> list(Object value) {
        if (!(value instanceof ArrayList<?>)) throw bad("something is appended to what is no list");
        @SuppressWarnings("unchecked") // Lists are made by this class alone, of objects.
        List<Object> list = (ArrayList<Object>) value;
        return list;
    }

    private Object[] sinceMark() {
        if (marks.isEmpty()) throw bad("the pickle ends a group that it did not begin");
        return last(stack.size() - marks.removeLast());
    }

    private Object[] last(int count) {
        if (available() < count) throw bad("the pickle takes more values than there are");
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        Object[] values = tail.toArray();
        tail.clear();
        return values;
    }

    /** Returns how many values lie above the last mark, below which no operation may reach. */
    private int available() {
        return stack.size() - (marks.isEmpty() ? 0 : marks.getLast());
    }

    private Object pop() {
        return last(1)[0];
    }

    private Object peek() {
        if (available() < 1) throw bad("the pickle works on a value that is not there");
        return stack.getLast();
    }

    private void push(Object value) {
        stack.add(value);
    }

    private int next() {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, advance(1)));
    }

    private long fourBytes() {
        return Integer.toUnsignedLong(bytes.get(INT, advance(4)));
    }

    private long longLength() {
        return bytes.get(LONG, advance(8));
    }

    private byte[] slice(long length) {
        int from = advance(length);
        return bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Checks the length of a frame, which says nothing else that must be known. */
    private void skip(long length, String what) {
        if (length < 0 || length > bytes.byteSize() - at) throw cut(length, what);
    }

    /** Passes over bytes, which must be there. */
    private int advance(long count) {
        if (count < 0 || count > bytes.byteSize() - at) throw cut(count, "a value");
        int from = at;
        at += (int) count;
        return from;
    }

    private BadInput cut(long count, String what) {
        return bad(what + " of " + Long.toUnsignedString(count) + " bytes where " + (bytes.byteSize() - at) + " follow"
                + (bytes.byteSize() == LONGEST ? " (pickles are read up to " + LONGEST + " bytes)" : ""));
    }

    private BadInput bad(String problem) {
        return BadInput.atOffset(path, fileOffset + operation, problem, REMEDY);
    }
}
