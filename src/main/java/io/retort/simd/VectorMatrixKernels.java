package io.retort.simd;

import java.lang.foreign.MemorySegment;

/** Products on the Vector API. */
public final class VectorMatrixKernels implements MatrixKernels {
    private final ScalarMatrixKernels scalar = new ScalarMatrixKernels();

    @Override
    public String name() {
        return "vector-" + Lanes.FLOATS.vectorBitSize();
    }

    @Override
    public int tileRows() {
        return scalar.tileRows();
    }

    @Override
    public int panelColumns() {
        return scalar.panelColumns();
    }

    @Override
    public void pack(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        scalar.pack(b, to, fromPanel, toPanel);
    }

    @Override
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        scalar.multiply(a, b, c, epilogue, block, scratch);
    }
}
