package io.retort.tensor;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.Collections;
import java.util.Optional;

/**
 * One tensor of a GGUF file: what it is and where it lies.
 *
 * @param info as it is read: F32 where it is stored as blocks
 * @param typeName ggml's name of the stored type
 * @param type the stored type; empty for one that Retort does not know
 * @param at where its description stands in the file, in bytes
 * @param start first byte, counted from the start of the data
 * @param bytes how many; 0 if the type is unknown
 */
record GgufEntry(TensorInfo info, String typeName, Optional<GgufType> type, long at, long start, long bytes) {
    /** The bytes that a description takes at least: those of a name, a rank, a type and an offset. */
    static final int LEAST_BYTES = GgufCursor.SHORTEST_TEXT + 2 * Integer.BYTES + Long.BYTES;

    /** Returns the first byte after the tensor, counted from the start of the data. */
    long end() {
        return start + bytes;
    }

    /** Returns whether Retort can read elements of the stored type. */
    boolean isReadable() {
        return type.filter(GgufType::isReadable).isPresent();
    }

    static GgufEntry read(GgufCursor cursor) {
        long at = cursor.position();
        String name = GgufHeader.name(cursor, "tensor");
        Shape shape = shape(cursor, name);
        long code = Integer.toUnsignedLong(cursor.int32());
        long start = cursor.int64();
        if (start < 0) throw cursor.refusal(at, "tensor " + Quoted.name(name) + " starts before or after any file");
        Optional<GgufType> type = GgufType.of(code);
        ElementType read = type.flatMap(GgufType::element).orElse(ElementType.F32);
        var info = new TensorInfo(name, read, shape);
        long bytes = type.map(known -> bytes(cursor, at, info, known)).orElse(0L);
        return new GgufEntry(info, type.map(Enum::name).orElse("type " + code), type, at, start, bytes);
    }

    /** Reads a tensor's shape, whose dimensions stand innermost first in the file. */
    private static Shape shape(GgufCursor cursor, String name) {
        long at = cursor.position();
        long rank = Integer.toUnsignedLong(cursor.int32());
        if (rank > TensorInfo.HIGHEST_RANK) {
            throw cursor.refusal(at, "tensor " + Quoted.name(name) + " of " + rank + " dimensions");
        }
        var dims = new LongArrayList((int) rank);
        for (int i = 0; i < rank; i++) dims.add(cursor.int64());
        Collections.reverse(dims);
        try {
            return TensorInfo.shapeOf(dims);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw impossible(cursor, at, name, e.getMessage()).causedBy(e);
        }
    }

    private static long bytes(GgufCursor cursor, long at, TensorInfo info, GgufType type) {
        int row = info.shape().rank() == 0 ? 1 : info.shape().dim(-1);
        if (row % type.blockSize() != 0) {
            throw impossible(cursor, at, info.name(),
                    type.name() + info.shape() + ", but rows must be whole blocks of " + type.blockSize());
        }
        try {
            return Math.multiplyExact(info.shape().size() / type.blockSize(), type.blockBytes());
        } catch (ArithmeticException e) {
            throw impossible(cursor, at, info.name(), "larger than any file").causedBy(e);
        }
    }

    private static BadInput impossible(GgufCursor cursor, long at, String name, String reason) {
        return cursor.refusal(at, "tensor " + Quoted.name(name) + " has an impossible shape (" + reason + ")");
    }
}
