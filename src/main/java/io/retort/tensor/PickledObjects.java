package io.retort.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes what a {@link PickleReader} meets: storages, tensors, dictionaries, numbers. Sizes are checked against each
 * other here; whether a storage's elements are there is for the file to say.
 */
final class PickledObjects {
    static final Object[] NOTHING = {};
    private static final byte[] NOTHING_THERE = {};

    /** Why something cannot be made; the reader adds where in the file it stands. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String problem) {
            super(problem, null, false, false);
        }
    }

    /** The type of a number of NumPy's, such as {@code f8}. */
    private record NumpyType(String code) {
    }

    /** ParlAI's options: a dictionary that is filled by its state. */
    private static final class Options extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1L;
    }

    private final Map<String, TorchStorage> storages = new LinkedHashMap<>();

    Map<String, TorchStorage> storages() {
        return storages;
    }

    /** Makes the storage that a persistent id names: (storage, class, key, location, elements). */
    TorchStorage storage(Object id) throws Refused {
        if (!(id instanceof Object[] parts) || parts.length < 5 || parts.length > 6 || !"storage".equals(parts[0])) {
            throw new Refused("the pickle refers to something that is no storage");
        }
        if (parts.length == 6 && parts[5] != null) {
            throw new Refused("the pickle has a view of a storage, as PyTorch before 0.4 wrote them");
        }
        if (!(parts[1] instanceof ElementType type) || !(parts[2] instanceof String key)
                || !(parts[4] instanceof Long elements) || elements < 0) {
            throw new Refused("the pickle names a storage without class, key or size");
        }
        TorchStorage storage = new TorchStorage(key, type, elements);
        TorchStorage before = storages.putIfAbsent(key, storage);
        if (before != null && !before.equals(storage)) {
            throw new Refused("storage " + Quoted.name(key) + " has two types or sizes");
        }
        return storage;
    }

    /** Makes what a call of a global gives. */
    Object call(Object global, Object arguments) throws Refused {
        if (!(global instanceof PickledGlobal callee) || !(arguments instanceof Object[] given)) {
            throw new Refused("the pickle calls what is nothing to call");
        }
        return switch (callee) {
            case DICTIONARY -> {
                Map<Object, Object> made = new LinkedHashMap<>();
                if (given.length == 1 && given[0] instanceof List<?> items) {
                    for (Object item : items) {
                        if (!(item instanceof List<?> pair) || pair.size() != 2) throw new Refused("no pair in a dict");
                        put(made, new Object[]{pair.get(0), pair.get(1)});
                    }
                } else if (given.length > 1) {
                    throw new Refused("a dictionary is made of " + given.length + " things");
                }
                yield made;
            }
            case OPTIONS -> new Options();
            case TENSOR -> tensor(given);
            case PARAMETER -> {
                if (given.length == 0 || !(given[0] instanceof TorchTensor tensor)) {
                    throw new Refused("a parameter that is no tensor");
                }
                yield tensor;
            }
            case SIZE -> given.length == 1 && given[0] instanceof Object[] sizes ? sizes : given;
            case BYTES -> {
                if (given.length < 1 || !(given[0] instanceof String text)) throw new Refused("bytes of no string");
                yield text.getBytes(StandardCharsets.ISO_8859_1);
            }
            case NUMPY_TYPE -> {
                if (given.length < 1 || !(given[0] instanceof String code)) throw new Refused("a dtype without a name");
                yield new NumpyType(code);
            }
            case NUMPY_SCALAR -> scalar(given);
        };
    }

    private static Object scalar(Object[] given) throws Refused {
        if (given.length != 2 || !(given[0] instanceof NumpyType(String code))) {
            throw new Refused("a number of NumPy's without type and value");
        }
        byte[] value = switch (given[1]) {
            case byte[] bytes -> bytes;
            case String text -> text.getBytes(StandardCharsets.ISO_8859_1);
            case null, default -> NOTHING_THERE;
        };
        ByteBuffer bytes = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        String type = code + "/" + value.length;
        return switch (type) {
            case "f8/8" -> bytes.getDouble();
            case "f4/4" -> (double) bytes.getFloat();
            case "i8/8" -> bytes.getLong();
            case "i4/4" -> (long) bytes.getInt();
            case "b1/1" -> bytes.get() != 0;
            default -> throw new Refused("a number of NumPy's of type " + Quoted.name(type));
        };
    }

    /** Sets the state of an object that was made before. */
    void build(Object target, Object state) throws Refused {
        switch (target) {
            case Options options -> {
                Object values = state instanceof Object[] parts && parts.length == 3 ? parts[2] : state;
                if (!(values instanceof Map<?, ?> map)) throw new Refused("options whose state is no dictionary");
                if (map != options) options.putAll(map);
            }
            case LinkedHashMap<?, ?> _ -> {
                // The attributes of a state dict, such as _metadata, say nothing of its tensors.
            }
            case NumpyType _ -> {
                boolean little = state instanceof Object[] parts && parts.length > 1
                        && ("<".equals(parts[1]) || "|".equals(parts[1]) || "=".equals(parts[1]));
                if (!little) throw new Refused("a number of NumPy's that is not little-endian");
            }
            case null, default -> throw new Refused("the pickle sets the state of what has none");
        }
    }

    /** Puts keys and values, one after the other, into a dictionary. */
    void put(Object target, Object[] items) throws Refused {
        if (!(target instanceof LinkedHashMap<?, ?>)) throw new Refused("an item is set in what is no dictionary");
        if (items.length % 2 != 0) throw new Refused("a dictionary's key without its value");
        @SuppressWarnings("unchecked") // Dictionaries are made by this class and its reader alone, of objects.
        Map<Object, Object> map = (LinkedHashMap<Object, Object>) target;
        for (int i = 0; i < items.length; i += 2) {
            boolean plain = items[i] == null || items[i] instanceof String || items[i] instanceof Number
                    || items[i] instanceof Boolean || items[i] instanceof ElementType;
            // A tuple may hold itself; its hash would never end.
            if (!plain) throw new Refused("a dictionary's key that is neither a string nor a number");
            map.put(items[i], items[i + 1]);
        }
    }

    private static TorchTensor tensor(Object[] given) throws Refused {
        if (given.length < 4 || !(given[0] instanceof TorchStorage storage) || !(given[1] instanceof Long offset)) {
            throw new Refused("a tensor without storage, offset, sizes and strides");
        }
        long[] sizes = numbers(given[2], "sizes"), strides = numbers(given[3], "strides");
        if (sizes.length != strides.length) {
            throw new Refused("a tensor of " + sizes.length + " sizes and " + strides.length + " strides");
        }
        try {
            Shape shape = Shape.of(Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray());
            TorchTensor tensor = new TorchTensor(storage, offset, shape, strides);
            if (offset < 0 || tensor.end() > storage.elements()) {
                throw new Refused("a tensor " + shape + " that reaches to element " + tensor.end() + " of a storage of "
                        + storage.elements());
            }
            // Repeated elements would let a small file ask for any amount of memory.
            if (shape.size() > storage.elements()) {
                throw new Refused("a tensor " + shape + " over a storage of " + storage.elements() + " elements");
            }
            return tensor;
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new Refused("a tensor of sizes " + Arrays.toString(sizes) + " and strides "
                    + Arrays.toString(strides) + ", which no storage has");
        }
    }

    private static long[] numbers(Object value, String what) throws Refused {
        Object[] items = value instanceof Object[] tuple
                ? tuple
                : value instanceof ArrayList<?> list ? list.toArray() : null;
        if (items == null || items.length > TensorInfo.HIGHEST_RANK)
            throw new Refused("a tensor's " + what
                    + " that are no short list");
        long[] numbers = new long[items.length];
        for (int i = 0; i < items.length; i++) {
            if (!(items[i] instanceof Long number) || number < 0)
                throw new Refused("a tensor's " + what
                        + " that are no counts");
            numbers[i] = number;
        }
        return numbers;
    }
}
