package io.retort.tensor;

/**
 * An initializer of an ONNX file, seen as a parameter of the PyTorch module that it was exported from.
 *
 * @param name the module's name of it, {@code encoder.layer.0.attention.self.query.weight}
 * @param initializer the ONNX file's name of it, {@code onnx::MatMul_787}
 * @param transposed whether the file stores it as {@code [in, out]}, where PyTorch's Linear keeps {@code [out, in]}
 */
public record OnnxParameter(String name, String initializer, boolean transposed) {}
