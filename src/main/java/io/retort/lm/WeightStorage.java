package io.retort.lm;

import io.retort.tensor.ElementType;
import io.retort.tensor.HalfMatrix;
import io.retort.tensor.LazyTensor;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.Tensor;

/**
 * How the matrices of a language model are kept in memory. Vectors, such as gains of norms, are floats either way. The
 * two give the same results up to rounding, so that what one has made is not gone on with by the other.
 */
public enum WeightStorage {
    /** Matrices are kept as their file stores them, in quantised blocks or in 16 bits. */
    FILE,
    /** Matrices are turned into floats of 32 bits, whatever their file has: 4 bytes a parameter. */
    F32;

    /** Returns a parameter as an engine is to be given it, out of its file's own form. */
    ParameterValue of(ParameterValue stored) {
        boolean matrix = stored.shape().rank() == 2;
        return switch (stored) {
            case QuantizedTensor blocks when !matrix -> blocks.plain();
            case QuantizedTensor blocks when this == F32 -> LazyTensor.dequantizing(blocks);
            case Tensor tensor when this == FILE && matrix && isHalf(tensor.type()) -> new HalfMatrix(tensor);
            default -> stored;
        };
    }

    private static boolean isHalf(ElementType type) {
        return type == ElementType.F16 || type == ElementType.BF16;
    }
}
