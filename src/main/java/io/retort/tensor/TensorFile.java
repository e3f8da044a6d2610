package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * Named tensors in a file, memory-mapped: opening reads and checks the table of contents alone. Any thread may read;
 * closing ends the life of every tensor that was read (using one afterwards throws {@link IllegalStateException}).
 *
 * <p>A file has two views. {@link #tensors()} and {@link #read} are the file as it is. {@link #parameters()} and {@link
 * #parameter} are what the exported PyTorch module calls its parameters, in the module's layout; importers want this
 * one. They differ for ONNX, and for GGUF that is opened with the names of its architecture ({@link GgufFile#open(Path,
 * java.util.List)}).
 */
public sealed interface TensorFile extends AutoCloseable
        permits GgufFile, OnnxFile, PyTorchFile, SafetensorsFile, ShardedSafetensors {
    /**
     * Opens a file by what its first bytes say it is, not by its name; of a folder, its {@code model.safetensors} or
     * the index of that name, or its {@code pytorch_model.bin} if it has neither.
     *
     * @throws BadInput if there is no such file, none of the formats fits, or the file is damaged
     */
    static TensorFile open(Path path) throws IOException {
        return MappedFile.open(Files.isDirectory(path) ? weightsIn(path) : path, file -> switch (FileFormat.of(file)) {
            case SAFETENSORS -> new SafetensorsFile(file);
            case SHARD_INDEX -> new ShardedSafetensors(file);
            case ONNX -> new OnnxFile(file);
            case PYTORCH -> new PyTorchFile(file);
            case GGUF -> new GgufFile(file, List.of());
        });
    }

    /**
     * Refuses a folder with adapters beside a model's weights: they change what the model computes, and other programs
     * apply them without being asked.
     *
     * @throws BadInput if there are any
     */
    static void requireNoAdapters(Path folder) {
        if (Files.exists(folder.resolve("adapter_config.json"))) {
            throw BadInput.in(folder, "holds adapters (adapter_config.json), which Retort does not apply",
                    "merge them into the model, as PEFT's merge_and_unload does, or delete that file");
        }
    }

    private static Path weightsIn(Path folder) {
        return Stream.of("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin").map(folder::resolve)
                .filter(Files::exists).findFirst().orElseThrow(() -> BadInput.in(folder,
                        "holds neither model.safetensors nor model.safetensors.index.json",
                        "name the weight file itself"));
    }

    /** Returns the path of the file, or of the index of several files. */
    Path path();

    /** Returns the table of contents in the file's own order; unmodifiable. */
    SequencedMap<String, TensorInfo> tensors();

    /**
     * Returns the tensor of that name, over the mapped bytes wherever the format stores plain elements. Its elements
     * need not be aligned.
     *
     * @throws BadInput if the file has none of that name, or its elements cannot be read
     */
    Tensor read(String name);

    /**
     * Returns the parameters of the module that this file was exported from, by the module's names and in its shapes;
     * unmodifiable.
     */
    default SequencedMap<String, TensorInfo> parameters() {
        return tensors();
    }

    /**
     * Returns one of {@link #parameters()}, in the module's layout: Linear weights are {@code [out, in]}.
     *
     * @throws BadInput if there is no such parameter, or its elements cannot be read
     */
    default Tensor parameter(String name) {
        return read(name);
    }

    /**
     * Returns one of {@link #parameters()} in the form in which the file stores it: as quantised blocks, or as plain
     * elements.
     *
     * @throws BadInput where {@link #parameter} throws it
     */
    default ParameterValue storedParameter(String name) {
        return parameter(name);
    }

    @Override
    void close();
}
