package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.SafetensorsFile;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The whole state of a run in a safetensors file: {@code weights.NAME}, {@code first.NAME} and {@code second.NAME} of
 * each parameter, {@code task.NAME} of what else the task keeps, and {@link RunState} in the metadata, with a checksum
 * over all of it. Close after use.
 *
 * @param state how far the run has come
 */
record Checkpoint(SafetensorsFile file, RunState state) implements AutoCloseable {
    private static final String WEIGHTS = "weights.";
    private static final String TASK = "task.";
    private static final String STATE = "retort.state";
    private static final String CHECKSUM = "retort.crc32c";

    /** Writes a checkpoint so that its file appears whole or not at all. */
    static void write(Path file, RunState state, TrainingTask task, OptimizerState optimizer) throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (TrainableBuffer buffer : task.buffers()) {
            NamedWeights.collect(WEIGHTS, buffer.layout(), buffer.values(), tensors);
        }
        optimizer.collect(tensors);
        task.state().forEach((name, tensor) -> tensors.put(TASK + name, tensor));
        String text = state.text();
        SafetensorsWriter.write(file, tensors, Map.of(STATE, text, CHECKSUM, checksum(text, tensors)));
    }

    private static String checksum(String state, SequencedMap<String, Tensor> tensors) {
        Checksum sum = new Checksum().update(state);
        tensors.forEach((name, tensor) -> sum.update(name).update(tensor.toString()).update(tensor.data()));
        return HexFormat.of().toHexDigits(sum.value());
    }

    /**
     * Opens a checkpoint and checks all of it.
     *
     * @throws BadInput naming the file if it is damaged or no checkpoint
     */
    static Checkpoint open(Path path) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        try {
            String text = file.metadata().get(STATE);
            if (text == null) throw BadInput.in(path, "is no checkpoint of a training run", "check the path");
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            for (TensorInfo info : file.tensors().values()) tensors.put(info.name(), file.read(info.name()));
            if (!checksum(text, tensors).equals(file.metadata().get(CHECKSUM))) {
                throw BadInput.in(path, "is damaged: its checksum is not that of its content",
                        "delete it and resume again: the run goes on from the checkpoint before it");
            }
            return new Checkpoint(file, RunState.parse(text, path));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Sets the task's weights, and whatever else it keeps, to what the checkpoint holds. */
    void restore(TrainingTask task) {
        NamedWeights weights = new NamedWeights(file);
        for (TrainableBuffer buffer : task.buffers()) weights.copyTo(WEIGHTS, buffer.layout(), buffer.values());
        SequencedMap<String, Tensor> kept = new LinkedHashMap<>();
        List<String> names = file.tensors().keySet().stream().filter(name -> name.startsWith(TASK)).toList();
        for (String name : names) kept.put(name.substring(TASK.length()), file.read(name));
        task.restore(kept);
    }

    /** Sets the optimiser's moments to those that the checkpoint holds. */
    void restore(OptimizerState optimizer) {
        optimizer.restore(state.step(), new NamedWeights(file));
    }

    @Override
    public void close() {
        file.close();
    }
}
