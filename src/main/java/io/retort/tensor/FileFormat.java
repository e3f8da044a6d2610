package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The formats of weight files, which are told from a file's first bytes. */
enum FileFormat {
    SAFETENSORS, SHARD_INDEX, ONNX, GGUF, PYTORCH;

    static final String SUPPORTED = "supported are safetensors, GGUF and ONNX, and what torch.save writes";

    /**
     * Returns the format of a file.
     *
     * @throws BadInput if the bytes are of no supported format, naming the format where it is a known one
     */
    static FileFormat of(MappedFile file) {
        if (startsWith(file, GgufHeader.MAGIC)) return GGUF;
        if (startsWith(file, "PK\3\4") || startsWith(file, PyTorchFile.STREAM)) return PYTORCH;
        boolean longEnough = file.size() > SafetensorsHeader.PREFIX;
        boolean json = longEnough && byteAt(file, SafetensorsHeader.PREFIX) == '{';
        if (json && SafetensorsHeader.hasPlausibleLength(file)) return SAFETENSORS;
        // An ONNX model starts with field 1, ir_version, a small number.
        if (startsWith(file, "\b") && file.size() > 1 && byteAt(file, 1) > 0) return ONNX;
        if (isText(file)) return SHARD_INDEX;
        // A damaged length: the safetensors reader says what is wrong with it.
        if (json) return SAFETENSORS;
        throw BadInput.in(file.path(), refusal(file), SUPPORTED);
    }

    /** A byte of a file, without the accessors that the JVM makes for layouts when they are first used. */
    private static byte byteAt(MappedFile file, long offset) {
        return file.bytes().asSlice(offset, 1).toArray(ValueLayout.JAVA_BYTE)[0];
    }

    private static String refusal(MappedFile file) {
        if (file.size() == 0) return "the file is empty";
        if (startsWith(file, "\u0080")) return "bare pickles can run code and are never read";
        if (startsWith(file, "version https://git-lfs")) {
            return "this is a Git LFS pointer in place of the weights (fetch them with git lfs pull)";
        }
        return "not a weight file of a known format";
    }

    /**
     * Returns whether the file starts as a JSON object does. A safetensors length that starts with the brace has a zero
     * next.
     */
    private static boolean isText(MappedFile file) {
        return startsWith(file, "{\"") || startsWith(file, "{ ") || startsWith(file, "{\n") || startsWith(file, "{\r");
    }

    static boolean startsWith(MappedFile file, String magic) {
        byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
        return file.size() >= bytes.length
                && file.bytes().asSlice(0, bytes.length).mismatch(MemorySegment.ofArray(bytes)) < 0;
    }
}
