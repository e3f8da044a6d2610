package io.retort.simd;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One run of a chain, cut into tiles: runs of at most {@link ElementRegisters#TILE} consecutive elements, of whole rows
 * where a row is shorter than that, else of one row; and the registers set to each tile in turn.
 */
final class ElementTiles {
    private final ElementChain chain;
    private final int columns;
    private final MemorySegment[] inputs;
    private final MemorySegment[] outputs;
    private final ElementRegisters registers;
    /** Elements of a row: all of them where no input depends on row or column. */
    private final long rowLength;
    private final long end;
    /** Instructions from this one on may store where an input stands. */
    private final int mayReplaceInputs;

    private long at;
    private int length;

    ElementTiles(ElementChain chain, MemorySegment[] inputs, MemorySegment[] outputs, int columns, int from, int to,
            ElementRegisters registers) {
        this.chain = chain;
        this.columns = columns;
        this.inputs = inputs;
        this.outputs = outputs;
        this.registers = registers;
        this.end = (long) to * columns;
        boolean flat = columns == 1
                || !chain.inputs().contains(Spread.ROW) && !chain.inputs().contains(Spread.COLUMN);
        this.rowLength = flat ? Math.max(1, end) : columns;
        this.mayReplaceInputs = chain.firstThatMayReplaceInputs();
        registers.ensure(chain.registers());
        prepare((int) Math.min(ElementRegisters.TILE, end - (long) from * columns));
    }

    /** Number of elements of the current tile. */
    int length() {
        return length;
    }

    /** How an input is spread; where there is one column, a value for each row is one for each element. */
    private Spread spread(int input) {
        Spread spread = chain.inputs().get(input);
        if (columns > 1) return spread;
        return spread == Spread.FULL || spread == Spread.ROW ? Spread.FULL : Spread.SCALAR;
    }

    /** Fills the registers that are the same for every tile: scalars, and columns where tiles are whole rows. */
    private void prepare(int longest) {
        for (int i = 0; i < inputs.length; i++) {
            registers.settle(i);
            switch (spread(i)) {
                case SCALAR -> fill(i, 0, longest, Floats.get(inputs[i], 0));
                case COLUMN -> repeat(i, longest);
                case FULL, ROW -> {
                }
            }
        }
    }

    /** Sets the registers to the tile that begins at this element. */
    void load(long element) {
        at = element;
        length = (int) Math.min(end - at, tileLength());
        for (int i = 0; i < inputs.length; i++) {
            switch (spread(i)) {
                case FULL -> stand(i, at);
                case ROW -> spreadRows(i);
                case COLUMN -> {
                    if (rowLength > ElementRegisters.TILE) stand(i, at % rowLength);
                }
                case SCALAR -> {
                }
            }
        }
        for (int i = 0; i < chain.instructions().size(); i++) registers.settle(inputs.length + i);
        if (whole()) placeOutputs();
    }

    private long tileLength() {
        if (rowLength <= ElementRegisters.TILE) return ElementRegisters.TILE / rowLength * rowLength;
        return Math.min(ElementRegisters.TILE, rowLength - at % rowLength);
    }

    private boolean whole() {
        return length % Lanes.COUNT == 0;
    }

    /** Lets an input's register be the input itself from this element on, or a copy if it ends within a vector. */
    private void stand(int input, long element) {
        if (whole()) {
            registers.place(input, inputs[input], Float.BYTES * element);
        } else {
            registers.settle(input);
            MemorySegment.copy(inputs[input], Float.BYTES * element, registers.segments[input],
                    registers.offsets[input], (long) Float.BYTES * length);
        }
    }

    private void spreadRows(int input) {
        long row = at / rowLength;
        for (int i = 0; i < length; i += (int) Math.min(rowLength, length), row++) {
            fill(input, i, (int) Math.min(rowLength, length - i), Floats.get(inputs[input], row));
        }
    }

    /** Repeats a value for each column, for as many rows as a tile has. */
    private void repeat(int input, int longest) {
        if (rowLength > ElementRegisters.TILE) return;
        int row = (int) rowLength;
        for (int i = 0; i + row <= longest; i += row) {
            MemorySegment.copy(inputs[input], 0, registers.segments[input],
                    registers.offsets[input] + (long) Float.BYTES * i, (long) Float.BYTES * row);
        }
    }

    /**
     * Fills a register with one value from element i on, rounded up to whole vectors: what that is too much, the next
     * row overwrites or nobody reads.
     */
    private void fill(int register, int i, int count, float value) {
        fill(registers.segments[register], registers.offsets[register] + (long) Float.BYTES * i, count, value);
    }

    private static void fill(MemorySegment segment, long offset, int count, float value) {
        FloatVector all = FloatVector.broadcast(Lanes.FLOATS, value);
        for (int i = 0; i < count; i += Lanes.COUNT) Vectors.put(all, segment, offset + 4L * i);
    }

    /** Lets outputs be computed where they belong, if no input can be lost by that. */
    private void placeOutputs() {
        for (int o = outputs.length - 1; o >= 0; o--) {
            int register = chain.outputs().get(o);
            if (register >= inputs.length + mayReplaceInputs) {
                registers.place(register, outputs[o], Float.BYTES * at);
            }
        }
    }

    /** Copies to the outputs what was not computed there. */
    void store() {
        for (int o = 0; o < outputs.length; o++) {
            int register = chain.outputs().get(o);
            MemorySegment segment = registers.segments[register];
            if (segment == outputs[o] && registers.offsets[register] == Float.BYTES * at) continue;
            MemorySegment.copy(segment, registers.offsets[register], outputs[o], Float.BYTES * at,
                    (long) Float.BYTES * length);
        }
    }
}
