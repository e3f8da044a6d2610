package io.retort.tensor;

/** How the elements of a tensor are stored in memory and in files; all types are little-endian. */
public enum ElementType {
    F64(8), F32(4), F16(2), BF16(2), I64(8), I32(4), I16(2), I8(1), U8(1), BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns how many bytes an element takes. */
    public int bytes() {
        return bytes;
    }

    /** Returns whether this is a floating-point type, which {@link Tensor#toFloats()} can read. */
    public boolean isFloating() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }
}
