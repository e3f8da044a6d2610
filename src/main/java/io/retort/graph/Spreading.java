package io.retort.graph;

import io.retort.simd.Spread;
import java.util.List;

/** How the smaller operands of an element-wise chain lie over its result, seen as a matrix {@code [rows, columns]}. */
final class Spreading {
    private Spreading() {
    }

    /**
     * Columns of the matrix: of the result's dimensions, those that the first input that is neither whole nor a single
     * number runs through or leaves out; all elements in one row if there is no such input.
     */
    static int columns(Value result, List<Value> inputs) {
        for (Value input : inputs) {
            if (input.size() == 1 || input.shape.equals(result.shape)) continue;
            for (int columns = 1, axis = result.rank() - 1; axis > 0; axis--) {
                columns *= result.dim(axis);
                if (of(input, result, columns) != null) return columns;
            }
        }
        return 1;
    }

    /** Null if it is none of them. */
    static Spread of(Value input, Value result, int columns) {
        if (input.size() == 1) return Spread.SCALAR;
        if (input.shape.equals(result.shape)) return Spread.FULL;
        int rank = result.rank();
        int trailing = 0; // dimensions that make up the columns
        for (int size = 1; size < columns; trailing++) size *= result.dim(rank - 1 - trailing);
        boolean row = input.rank() == rank, column = true;
        for (int i = 1; i <= rank; i++) {
            int dim = i <= input.rank() ? input.dim(-i) : 1;
            boolean among = i <= trailing;
            row &= dim == (among ? 1 : result.dim(-i));
            column &= dim == (among ? result.dim(-i) : 1);
        }
        if (column) return Spread.COLUMN;
        return row ? Spread.ROW : null;
    }
}
