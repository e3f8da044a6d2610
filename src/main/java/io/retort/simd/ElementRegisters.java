package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Room for the intermediate values of {@link ElementKernels}: one a thread, for chains of any length. It grows to the
 * longest it has seen, so that running allocates nothing once that has passed.
 */
public final class ElementRegisters {
    /** Floats of a register: enough to hide what an instruction costs, few enough for a level 1 cache full of them. */
    static final int TILE = 512;
    /** A register may be written by whole vectors: this many floats of it are beyond the tile. */
    private static final int OVERHANG = 16;

    private MemorySegment file = MemorySegment.NULL;
    /** Where each register's tile stands: in the file, in an input, or in an output. */
    MemorySegment[] segments = {};
    long[] offsets = {};

    /** Makes registers without memory, which grow with the first chain. */
    public ElementRegisters() {
    }

    /** Makes room for at least this many registers. */
    void ensure(int registers) {
        if (segments.length >= registers) return;
        file = Arena.ofAuto().allocate(registers * stride(), 64);
        segments = new MemorySegment[registers];
        offsets = new long[registers];
    }

    /** Places a register in the register file, this object's own memory. */
    void settle(int register) {
        place(register, file, register * stride());
    }

    /** Places a register in other memory: an input or an output where it stands. */
    void place(int register, MemorySegment segment, long offset) {
        segments[register] = segment;
        offsets[register] = offset;
    }

    private static long stride() {
        return (long) Float.BYTES * (TILE + OVERHANG);
    }

    /** Checks the arguments of {@link ElementKernels#run}, so that inner loops need not. */
    static void check(ElementChain chain, MemorySegment[] inputs, MemorySegment[] outputs, int columns, int from,
            int to) {
        Extents.range(columns, from, to);
        List<Spread> spreads = chain.inputs();
        if (inputs.length != spreads.size() || outputs.length != chain.outputs().size()) {
            throw new IllegalArgumentException(inputs.length + " inputs and " + outputs.length + " outputs for "
                    + spreads.size() + " and " + chain.outputs().size());
        }
        for (int i = 0; i < inputs.length; i++) {
            Spread spread = spreads.get(i);
            boolean byRow = spread == Spread.FULL || spread == Spread.ROW;
            boolean byColumn = spread == Spread.FULL || spread == Spread.COLUMN;
            Extents.holds(inputs[i], byRow ? to : 1, byColumn ? columns : 1);
        }
        for (MemorySegment output : outputs) Extents.holds(output, to, columns);
    }
}
