package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files beside an ONNX file that hold its large tensors (ONNX external data). A tensor names one by a path relative
 * to the ONNX file's folder, with an offset and a length in bytes. Each file is mapped once, when a tensor first names
 * it. One thread opens; any thread may read what was opened.
 */
final class OnnxExternalData implements AutoCloseable {
    /** The most files that one model may name; exporters may write a file for each tensor. */
    private static final int MOST_FILES = 1 << 14;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    private final Path model;
    private final Map<String, MappedFile> files = new LinkedHashMap<>();

    /**
     * Prepares to read the files beside an ONNX file, none of which is opened yet.
     *
     * @param model the ONNX file
     */
    OnnxExternalData(Path model) {
        this.model = model;
    }

    /** Returns the names of the files that tensors lie in, as the tensors give them; unmodifiable. */
    Set<String> locations() {
        return Collections.unmodifiableSet(files.keySet());
    }

    /**
     * Returns the bytes of a tensor.
     *
     * @param entries the tensor's {@code external_data}
     * @param message the description of the tensor, for error messages
     * @throws BadInput if the file is not there or outside the folder, or the bytes are not within it
     */
    MemorySegment slice(Map<String, String> entries, ProtoReader message) {
        String location = entries.getOrDefault("location", "");
        if (location.isEmpty()) {
            throw message.refusal("weights in another file (ONNX external data) that is not named",
                    "export the model again");
        }
        MappedFile file = files.get(location);
        if (file == null) files.put(location, file = open(location, message));
        long offset = number("offset", entries, 0, message);
        if (offset > file.size()) throw beyond(location, offset, 0, file.size(), message);
        long length = number("length", entries, file.size() - offset, message);
        if (length > file.size() - offset) throw beyond(location, offset, length, file.size(), message);
        return file.bytes().asSlice(offset, length);
    }

    private static BadInput beyond(String location, long offset, long length, long size, ProtoReader message) {
        return message.refusal("weights in another file (ONNX external data): " + length + " bytes from byte " + offset
                + " of " + Quoted.name(location) + ", which has " + size,
                "fetch that file again: it was cut short, or belongs to another model");
    }

    private static long number(String key, Map<String, String> entries, long absent, ProtoReader message) {
        String text = entries.get(key);
        if (text == null || text.isEmpty()) return absent;
        if (NUMBER.matcher(text).matches()) return Long.parseLong(text);
        throw message.refusal("weights in another file (ONNX external data) whose " + key + " is " + Quoted.name(text),
                "export the model again");
    }

    private MappedFile open(String location, ProtoReader message) {
        if (!isPlain(location)) {
            throw message.refusal("weights in another file (ONNX external data), " + Quoted.name(location)
                    + ", which is no plain path from its folder downwards", "do not use this file, or export it again");
        }
        if (files.size() == MOST_FILES) {
            throw message.refusal("weights in more than " + MOST_FILES + " other files (ONNX external data)",
                    "export the model with its weights in one file");
        }
        try {
            Path file = model.resolveSibling(location);
            if (!Files.isRegularFile(file)) {
                throw message.refusal("weights in another file (ONNX external data), " + Quoted.name(location)
                        + ", which is not beside it", "fetch that file too, or use the model's safetensors file");
            }
            if (!isBeside(file)) {
                throw message.refusal("weights in another file (ONNX external data), " + Quoted.name(location)
                        + ", a link that leads out of the folder", "put the file itself there");
            }
            return MappedFile.open(file, mapped -> mapped);
        } catch (InvalidPathException e) {
            throw message.refusal("weights in another file (ONNX external data), " + Quoted.name(location)
                    + ", which no file is called", "export the model again").causedBy(e);
        } catch (IOException e) {
            throw new UncheckedIOException(model + ": its external data " + location + " cannot be read", e);
        }
    }

    /**
     * Returns whether a path leads only downwards: none of its names is of dots alone or holds anything that a file
     * system reads in its own way.
     */
    private static boolean isPlain(String location) {
        boolean odd = location.codePoints().anyMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
        return !odd && Arrays.stream(location.split("/", -1)).noneMatch(name -> name.isEmpty() || name.equals(".")
                || name.equals(".."));
    }

    /**
     * Returns whether a file really lies beside the ONNX file. A link must not lead elsewhere, except to where the ONNX
     * file's own link leads, as in the Hugging Face Hub's cache.
     */
    private boolean isBeside(Path file) throws IOException {
        Path real = file.toRealPath();
        return real.startsWith(model.toAbsolutePath().getParent().toRealPath())
                || real.getParent().equals(model.toRealPath().getParent());
    }

    @Override
    public void close() {
        files.values().forEach(MappedFile::close);
    }
}
