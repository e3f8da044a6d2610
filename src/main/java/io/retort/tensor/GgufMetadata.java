package io.retort.tensor;

import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Predicate;

/**
 * What a GGUF file says of its model: typed values by key, such as {@code llama.block_count}. Values are decoded out of
 * the mapping at each call, so that large arrays (a vocabulary) cost nothing until they are asked for, and can be read
 * while the file is open, from any thread.
 *
 * <p>Each accessor is empty where the key is absent and throws {@link BadInput} where the value is of another kind.
 */
public final class GgufMetadata {
    static final String ARCHITECTURE = "general.architecture";
    private static final String REMEDY = "the file was not written as its architecture asks: convert the model again";

    private final MappedFile file;
    private final SequencedMap<String, GgufValue> values;

    GgufMetadata(MappedFile file, SequencedMap<String, GgufValue> values) {
        this.file = file;
        this.values = values;
    }

    /** Returns all keys in the file's order; unmodifiable. */
    public SequencedSet<String> keys() {
        return Collections.unmodifiableSequencedMap(values).sequencedKeySet();
    }

    /**
     * Returns the family of models whose keys and tensor names the file uses, such as {@code llama} or {@code gpt2}.
     *
     * @throws BadInput if the file does not say
     */
    public String architecture() {
        return string(ARCHITECTURE).orElseThrow(() -> missing(ARCHITECTURE));
    }

    /** Returns a key with the prefix of this architecture: {@code llama.block_count} for {@code block_count}. */
    public String key(String suffix) {
        return architecture() + "." + suffix;
    }

    /** Makes the refusal, for the caller to throw, of a file that lacks a key which the model needs. */
    public BadInput missing(String key) {
        return BadInput.in(file.path(), "no metadata " + Quoted.name(key), REMEDY);
    }

    /** Returns an integer, stored in any width. */
    public OptionalLong integer(String key) {
        GgufValue value = single(key, "an integer", GgufValueType::isInteger);
        if (value == null) return OptionalLong.empty();
        return OptionalLong.of(integer(key, value.type(), cursor(value)));
    }

    /** Returns a real number; an integer counts as one. */
    public OptionalDouble real(String key) {
        GgufValue value = single(key, "a number", type -> type.isReal() || type.isInteger());
        if (value == null) return OptionalDouble.empty();
        GgufCursor cursor = cursor(value);
        return OptionalDouble.of(value.type().isReal()
                ? real(value.type(), cursor)
                : integer(key, value.type(), cursor));
    }

    public Optional<String> string(String key) {
        GgufValue value = single(key, "a string", type -> type == GgufValueType.STRING);
        return value == null ? Optional.empty() : Optional.of(cursor(value).text());
    }

    public Optional<Boolean> bool(String key) {
        GgufValue value = single(key, "a boolean", type -> type == GgufValueType.BOOL);
        return value == null ? Optional.empty() : Optional.of(cursor(value).int8() == 1);
    }

    /**
     * Returns an integer that holds for all layers; files give it once, or as an array with an element for each layer.
     *
     * @throws BadInput if the value is of another kind, layers differ (which is another model), or the array is of
     *     another count of layers
     */
    public OptionalLong ofAllLayers(String key) {
        GgufValue value = values.get(key);
        if (value == null || !value.array()) return integer(key);
        int[] each = integers(key).orElseThrow();
        long layers = integer(key("block_count")).orElse(0);
        if (each.length == 0 || each.length != layers) {
            throw refusal(value.offset(), key, "is of " + each.length + " layers, the model has " + layers);
        }
        for (int layer = 1; layer < layers; layer++) {
            if (each[layer] == each[0]) continue;
            throw BadInput.atOffset(file.path(), value.offset(), "metadata " + Quoted.name(key) + " is " + each[layer]
                    + " in layer " + layer + " and " + each[0] + " in layer 0",
                    "only models whose layers are alike are supported");
        }
        return OptionalLong.of(each[0]);
    }

    /** Returns an array of strings. */
    public Optional<List<String>> strings(String key) {
        GgufValue value = array(key, "an array of strings", type -> type == GgufValueType.STRING);
        if (value == null) return Optional.empty();
        GgufCursor cursor = cursor(value);
        int count = length(key, value);
        var strings = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) strings.add(cursor.text());
        return Optional.of(Collections.unmodifiableList(strings));
    }

    /**
     * Returns an array of integers, stored in any width.
     *
     * @throws BadInput if the value is of another kind, or an integer does not fit 32 bits
     */
    public Optional<int[]> integers(String key) {
        GgufValue value = array(key, "an array of integers", GgufValueType::isInteger);
        if (value == null) return Optional.empty();
        GgufCursor cursor = cursor(value);
        int[] integers = new int[length(key, value)];
        for (int i = 0; i < integers.length; i++) {
            long at = cursor.position();
            long integer = integer(key, value.type(), cursor);
            if (integer != (int) integer) {
                throw refusal(at, key, "holds " + integer + ", more than 32 bits");
            }
            integers[i] = (int) integer;
        }
        return Optional.of(integers);
    }

    /** Returns an array of real numbers; 64-bit ones are rounded to floats. */
    public Optional<float[]> reals(String key) {
        GgufValue value = array(key, "an array of real numbers", GgufValueType::isReal);
        if (value == null) return Optional.empty();
        GgufCursor cursor = cursor(value);
        float[] reals = new float[length(key, value)];
        for (int i = 0; i < reals.length; i++) reals[i] = (float) real(value.type(), cursor);
        return Optional.of(reals);
    }

    /**
     * Returns the value in a few words for people, with long texts and arrays abbreviated; empty if the key is absent.
     */
    public Optional<String> summary(String key) {
        return Optional.ofNullable(values.get(key)).map(value -> GgufSummary.of(value, cursor(value)));
    }

    private GgufCursor cursor(GgufValue value) {
        return new GgufCursor(file, value.offset());
    }

    private GgufValue single(String key, String wanted, Predicate<GgufValueType> fits) {
        return expect(key, wanted, false, fits);
    }

    private GgufValue array(String key, String wanted, Predicate<GgufValueType> fits) {
        return expect(key, wanted, true, fits);
    }

    /** Returns the value of a key after checking its kind; null if the key is absent. */
    private GgufValue expect(String key, String wanted, boolean array, Predicate<GgufValueType> fits) {
        GgufValue value = values.get(key);
        if (value == null || value.array() == array && fits.test(value.type())) return value;
        throw refusal(value.offset(), key, "is " + value.kind() + ", not " + wanted);
    }

    private long integer(String key, GgufValueType type, GgufCursor cursor) {
        long at = cursor.position();
        return switch (type) {
            case UINT8 -> Byte.toUnsignedInt(cursor.int8());
            case INT8 -> cursor.int8();
            case UINT16 -> Short.toUnsignedInt(cursor.int16());
            case INT16 -> cursor.int16();
            case UINT32 -> Integer.toUnsignedLong(cursor.int32());
            case INT32 -> cursor.int32();
            default -> {
                long integer = cursor.int64();
                if (type == GgufValueType.UINT64 && integer < 0) {
                    throw refusal(at, key, "is " + Long.toUnsignedString(integer) + ", more than 63 bits");
                }
                yield integer;
            }
        };
    }

    private static double real(GgufValueType type, GgufCursor cursor) {
        return type == GgufValueType.FLOAT32
                ? Float.intBitsToFloat(cursor.int32())
                : Double.longBitsToDouble(cursor.int64());
    }

    private int length(String key, GgufValue value) {
        if (value.count() > Integer.MAX_VALUE - 8) throw refusal(value.offset(), key, "is longer than an array");
        return (int) value.count();
    }

    private BadInput refusal(long offset, String key, String problem) {
        return BadInput.atOffset(file.path(), offset, "metadata " + Quoted.name(key) + " " + problem, REMEDY);
    }
}
