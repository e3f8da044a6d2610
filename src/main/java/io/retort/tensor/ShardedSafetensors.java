package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A model in several safetensors files with an index, {@code model.safetensors.index.json}, as the Hugging Face Hub
 * splits large ones. The index decides: tensors that it does not name do not count.
 */
public final class ShardedSafetensors implements TensorFile {
    private final MappedFile index;
    private final Map<String, SafetensorsFile> shards = new HashMap<>();
    /** For each tensor, the shard that holds it. */
    private final Map<String, SafetensorsFile> owners = new HashMap<>();
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

    /**
     * Opens an index and all the shards that it names.
     *
     * @param index the index; the files it names are in the same folder
     * @throws BadInput if the index or a file it names is not there or damaged, a file is outside the folder, or a file
     *     lacks a tensor that the index says it has
     */
    public static ShardedSafetensors open(Path index) throws IOException {
        return MappedFile.open(index, ShardedSafetensors::new);
    }

    ShardedSafetensors(MappedFile index) throws IOException {
        this.index = index;
        ShardIndex read = ShardIndex.read(index);
        try {
            for (var named : read.shards().entrySet()) {
                SafetensorsFile shard = shards.get(named.getValue());
                if (shard == null) {
                    shard = SafetensorsFile.open(read.shard(named.getValue()));
                    shards.put(named.getValue(), shard);
                }
                add(named.getKey(), shard);
            }
        } catch (IOException | RuntimeException | Error e) {
            shards.values().forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private void add(String name, SafetensorsFile shard) {
        TensorInfo info = shard.tensors().get(name);
        if (info == null) {
            throw BadInput.in(index.path(),
                    "tensor " + Quoted.name(name) + " is not in " + shard.path().getFileName() + ", where it should be",
                    ShardIndex.REMEDY);
        }
        tensors.put(name, info);
        owners.put(name, shard);
    }

    /** Returns the path of the index. */
    @Override
    public Path path() {
        return index.path();
    }

    /** {@inheritDoc} Tensors stand in the order of the index. */
    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    @Override
    public Tensor read(String name) {
        SafetensorsFile shard = owners.get(name);
        if (shard == null) throw TensorInfo.missing(name, tensors, path());
        return shard.read(name);
    }

    @Override
    public void close() {
        shards.values().forEach(SafetensorsFile::close);
        index.close();
    }
}
