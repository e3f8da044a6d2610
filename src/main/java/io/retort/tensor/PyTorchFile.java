package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A file of {@code torch.save}: the zip archive that PyTorch has written since 1.6, or the stream of pickles that it
 * wrote before. Its tensors are those of the state dict, which is the saved object itself or, in a checkpoint of a
 * training run, its entry {@code model} or {@code state_dict}; an optimiser's are left out. The pickle is read without
 * running anything ({@link PickleReader}); elements stay in the mapping.
 */
public final class PyTorchFile implements TensorFile {
    /** The number with which a stream of pickles begins. */
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    /** The bytes of the pickle of {@link #MAGIC}, up to its end. */
    static final String STREAM = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";
    private static final long STREAM_VERSION = 1001;
    private static final String PICKLE = "data.pkl";
    private static final List<String> STATE_DICTS = List.of("model", "state_dict", "model_state_dict");
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String REMEDY = "save the model's state_dict() with torch.save";

    private final MappedFile file;
    private final Map<String, MemorySegment> storages = new HashMap<>();
    private final SequencedMap<String, TorchTensor> contents = new LinkedHashMap<>();
    private final SequencedMap<String, TensorInfo> tensors;

    /**
     * Opens a file by mapping it and reading its pickles.
     *
     * @throws BadInput if there is no such file, it is not one of {@code torch.save}, or its pickles ask for anything
     *     but tensors and plain values
     */
    public static PyTorchFile open(Path path) throws IOException {
        return MappedFile.open(path, PyTorchFile::new);
    }

    PyTorchFile(MappedFile file) {
        this.file = file;
        Object saved = FileFormat.startsWith(file, STREAM) ? readStream() : readArchive();
        collect(saved);
        var infos = new LinkedHashMap<String, TensorInfo>();
        contents.forEach((name, tensor) -> {
            requireElements(name, tensor.storage());
            infos.put(name, new TensorInfo(name, tensor.storage().type(), tensor.shape()));
        });
        this.tensors = Collections.unmodifiableSequencedMap(infos);
    }

    private Object readArchive() {
        ZipDirectory zip = new ZipDirectory(file);
        String folder = null;
        for (String name : zip.names()) {
            if (name.equals(PICKLE) || name.endsWith("/" + PICKLE)) {
                if (folder != null) throw bad("holds two files " + PICKLE);
                folder = name.substring(0, name.length() - PICKLE.length());
            }
        }
        if (folder == null) throw bad("a zip archive without " + PICKLE + ": not one of torch.save's");
        if (zip.has(folder + "constants.pkl")) throw bad("holds a program (TorchScript), which is never run");
        String order = folder + "byteorder";
        if (zip.has(order) && !text(zip.content(order).bytes()).equals("little")) {
            throw bad("was written on a big-endian machine");
        }
        ZipDirectory.Content pickle = zip.content(folder + PICKLE);
        Object saved = new PickleReader(file.path(), pickle.bytes(), pickle.offset()).read();
        String data = folder + "data/";
        for (String name : zip.names()) {
            if (name.startsWith(data)) storages.put(name.substring(data.length()), zip.content(name).bytes());
        }
        return saved;
    }

    private static String text(MemorySegment bytes) {
        byte[] start = bytes.asSlice(0, Math.min(bytes.byteSize(), 16)).toArray(ValueLayout.JAVA_BYTE);
        return new String(start, StandardCharsets.ISO_8859_1).strip();
    }

    /**
     * Reads magic number, version, facts of the machine, the object, the keys of the storages, and finds the storages.
     */
    private Object readStream() {
        List<Object> parts = new ArrayList<>();
        PickledStorages known = new PickledStorages();
        long at = 0;
        for (int i = 0; i < 5; i++) {
            var reader = new PickleReader(file.path(), file.bytes().asSlice(at), at);
            parts.add(reader.read());
            at += reader.length();
            known.add(reader.storages());
        }
        if (!MAGIC.equals(parts.get(0)) || !Long.valueOf(STREAM_VERSION).equals(parts.get(1))) {
            throw bad("does not begin as a file of torch.save does");
        }
        if (!(parts.get(2) instanceof Map<?, ?> machine) || !Boolean.TRUE.equals(machine.get("little_endian"))) {
            throw bad("was written on a big-endian machine");
        }
        if (!(parts.get(4) instanceof List<?> keys)) throw bad("has no list of its storages");
        for (Object key : keys) at = known.find(key, at);
        return parts.get(3);
    }

    /** The storages that a stream's pickle names, whose elements follow the pickles, each after their number. */
    private final class PickledStorages {
        private final Map<String, TorchStorage> named = new HashMap<>();

        void add(Map<String, TorchStorage> more) {
            named.putAll(more);
        }

        long find(Object key, long at) {
            TorchStorage storage = key instanceof String name ? named.get(name) : null;
            if (storage == null) throw bad("lists a storage that its pickle does not name");
            long room = file.size() - at - Long.BYTES;
            if (room < 0 || file.bytes().get(LENGTH, at) != storage.elements() || storage.elements() > room
                    || storage.elements() * storage.type().bytes() > room) {
                throw BadInput.atOffset(file.path(), at, "storage " + Quoted.name(storage.key()) + " of "
                        + storage.elements() + " elements is not there", ZipDirectory.REMEDY);
            }
            long start = at + Long.BYTES, size = storage.elements() * storage.type().bytes();
            storages.put(storage.key(), file.bytes().asSlice(start, size));
            return start + size;
        }
    }

    private void collect(Object saved) {
        if (!(saved instanceof Map<?, ?> map)) throw bad("holds no state dict");
        for (String key : STATE_DICTS) {
            if (map.get(key) instanceof Map<?, ?> inner) {
                addTensors(inner);
                return;
            }
        }
        if (map.values().stream().anyMatch(TorchTensor.class::isInstance)) {
            addTensors(map);
            return;
        }
        throw bad("holds no state dict, neither itself nor as `model` or `state_dict`");
    }

    private void addTensors(Map<?, ?> map) {
        map.forEach((key, value) -> {
            if (key instanceof String name && value instanceof TorchTensor tensor) contents.put(name, tensor);
        });
    }

    private void requireElements(String name, TorchStorage storage) {
        MemorySegment elements = storages.get(storage.key());
        // The division keeps sizes that a long cannot hold from being multiplied.
        if (elements == null || storage.elements() > elements.byteSize() / storage.type().bytes()) {
            throw BadInput.in(file.path(), "tensor " + Quoted.name(name) + " needs storage "
                    + Quoted.name(storage.key()) + " of " + storage.elements() + " elements, "
                    + (elements == null ? "which is not there" : "which has " + elements.byteSize() + " bytes"),
                    ZipDirectory.REMEDY);
        }
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public Tensor read(String name) {
        TorchTensor tensor = contents.get(name);
        if (tensor == null) throw TensorInfo.missing(name, tensors, file.path());
        if (!tensor.isRowMajor() && tensor.shape().size() > Integer.MAX_VALUE / 8) {
            throw BadInput.in(file.path(), "tensor " + Quoted.name(name) + " is a transposed view that is too large",
                    "save contiguous tensors");
        }
        return tensor.over(storages.get(tensor.storage().key()));
    }

    private BadInput bad(String problem) {
        return BadInput.in(file.path(), problem, REMEDY);
    }

    @Override
    public void close() {
        file.close();
    }
}
