package io.retort.tensor;

import java.util.HashMap;
import java.util.Map;

/**
 * The names of Python that a checkpoint's pickle may use, and nothing else: each stands for something that this package
 * makes itself, so that reading runs no code of anybody's.
 */
enum PickledGlobal {
    /** A dictionary; {@code collections.OrderedDict}, as {@code state_dict()} returns it. */
    DICTIONARY("collections.OrderedDict", "collections.defaultdict"),
    /** ParlAI's options, a dictionary that keeps its history. */
    OPTIONS("parlai.core.opt.Opt", "parlai.core.params.Opt"),
    /** A tensor over a storage: storage, offset, sizes, strides. */
    TENSOR("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"),
    /** A tensor that is a module's parameter. */
    PARAMETER("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"),
    /** The sizes of a tensor, a tuple of numbers. */
    SIZE("torch.Size"),
    /** Bytes, which Python pickles as a string of Latin-1 in old protocols. */
    BYTES("_codecs.encode"),
    /** A number of NumPy's, such as a learning rate. */
    NUMPY_SCALAR("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"),
    /** The type of a number of NumPy's. */
    NUMPY_TYPE("numpy.dtype");

    private static final Map<String, Object> KNOWN = new HashMap<>();

    static {
        for (PickledGlobal global : values()) for (String name : global.names) KNOWN.put(name, global);
        Map.of("Double", ElementType.F64, "Float", ElementType.F32, "Half", ElementType.F16, "BFloat16",
                ElementType.BF16, "Long", ElementType.I64, "Int", ElementType.I32, "Short", ElementType.I16, "Char",
                ElementType.I8, "Byte", ElementType.U8, "Bool", ElementType.BOOL)
                .forEach((name, type) -> KNOWN.put("torch." + name + "Storage", type));
        Map.of("float64", ElementType.F64, "float32", ElementType.F32, "float16", ElementType.F16, "bfloat16",
                ElementType.BF16, "int64", ElementType.I64, "int32", ElementType.I32, "int16", ElementType.I16,
                "int8", ElementType.I8, "uint8", ElementType.U8, "bool", ElementType.BOOL)
                .forEach((name, type) -> KNOWN.put("torch." + name, type));
    }

    private final String[] names;

    PickledGlobal(String... names) {
        this.names = names;
    }

    /**
     * Returns what a name stands for: one of these, or the {@link ElementType} of a storage class or of a dtype; null
     * for every other name.
     */
    static Object of(String name) {
        return KNOWN.get(name);
    }
}
