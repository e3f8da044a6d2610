/**
 * Tensors by name out of weight files, memory-mapped, and back into safetensors.
 *
 * <p>Entry types: {@link io.retort.tensor.TensorFile} (open any supported file), {@link io.retort.tensor.Tensor}
 * (element type, shape, bytes), {@link io.retort.tensor.SafetensorsWriter}. What {@code torch.save} writes {@link io.retort.tensor.PyTorchFile} reads, without running anything. Importers ask a file for its {@code
 * parameters()}, which are PyTorch's whatever the format. What only GGUF has, metadata and quantised blocks, {@link io.retort.tensor.GgufFile} gives. Files are untrusted: no length of theirs is believed before
 * it is checked against the file's size, nothing in them is executed.
 *
 * <p>May import {@code files}. Tensors and open files may be read from any thread.
 */
package io.retort.tensor;
