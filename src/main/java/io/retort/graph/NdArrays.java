package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies between Retort's tensors and ND4J's arrays. */
final class NdArrays {
    private NdArrays() {}

    static DataType dataType(ElementType type) {
        return switch (type) {
            case F32 -> DataType.FLOAT;
            case F64 -> DataType.DOUBLE;
            default -> throw new IllegalArgumentException("graphs compute in F32 or F64, not " + type);
        };
    }

    /** Copies a tensor into a new array of the given precision, detached from any ND4J workspace. */
    static INDArray fromTensor(Tensor tensor, ElementType precision) {
        long[] shape = Arrays.stream(tensor.shape().toArray()).asLongStream().toArray();
        return precision == ElementType.F64
                ? Nd4j.create(tensor.toDoubles(), shape, 'c')
                : Nd4j.create(tensor.toFloats(), shape, 'c');
    }

    /**
     * Frees an array's native memory at once; otherwise it would wait for the garbage collection of a heap that hardly
     * fills.
     */
    static void free(INDArray array) {
        if (array.closeable()) array.close();
    }

    /**
     * Copies a row of a matrix, as floats, to {@code to} from {@code at} on.
     *
     * @param matrix null if there is none of this name
     */
    static void row(INDArray matrix, String name, int row, float[] to, int at) {
        if (matrix == null || matrix.rank() != 2) throw new IllegalArgumentException("there is no matrix " + name);
        long columns = matrix.size(1);
        Objects.checkIndex((long) row, matrix.size(0));
        for (int j = 0; j < columns; j++) to[at + j] = matrix.getFloat(row, j);
    }

    static Tensor toTensor(INDArray array) {
        INDArray rows = array.ordering() == 'c' && !array.isView() ? array : array.dup('c');
        int[] shape = Arrays.stream(array.shape()).mapToInt(Math::toIntExact).toArray();
        return array.dataType() == DataType.DOUBLE
                ? Tensor.of(rows.data().asDouble(), shape)
                : Tensor.of(rows.data().asFloat(), shape);
    }
}
