package io.retort.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A safetensors file, the Hugging Face Hub's format of weights. Every tensor is a slice of the mapping: nothing is
 * copied.
 */
public final class SafetensorsFile implements TensorFile {
    private final MappedFile file;
    private final SafetensorsHeader header;
    private final SequencedMap<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    /**
     * Opens a file by mapping it and checking its header.
     *
     * @throws io.retort.files.BadInput if there is no such file, or it is not well-formed safetensors
     */
    public static SafetensorsFile open(Path path) throws IOException {
        return MappedFile.open(path, SafetensorsFile::new);
    }

    SafetensorsFile(MappedFile file) {
        this.file = file;
        this.header = SafetensorsHeader.read(file);
        var infos = new LinkedHashMap<String, TensorInfo>();
        header.entries().forEach((name, entry) -> infos.put(name, entry.info()));
        this.tensors = Collections.unmodifiableSequencedMap(infos);
        this.metadata = Collections.unmodifiableMap(header.metadata());
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return tensors;
    }

    /**
     * Returns the file's {@code __metadata__}, free text such as {@code format=pt}; empty if it has none. Unmodifiable.
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public Tensor read(String name) {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) throw TensorInfo.missing(name, tensors, file.path());
        return new Tensor(entry.info().type(), entry.info().shape(), header.bytes(file, entry));
    }

    @Override
    public void close() {
        file.close();
    }
}
