package io.retort.tensor;

/**
 * A tensor of a GGUF file, seen as a parameter of the module that it was converted from.
 *
 * @param name the module's name of it, {@code model.layers.0.self_attn.q_proj.weight}
 * @param entry the file's tensor, {@code blk.0.attn_q.weight}
 * @param layout how the file stores it
 */
record GgufParameter(String name, GgufEntry entry, GgufLayout layout) {
    TensorInfo info() {
        TensorInfo stored = entry.info();
        boolean transposed = layout instanceof GgufLayout.Transposed;
        return new TensorInfo(name, stored.type(), transposed ? stored.shape().transposed() : stored.shape());
    }
}
