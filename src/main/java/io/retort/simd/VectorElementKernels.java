package io.retort.simd;

import io.retort.simd.ElementChain.Instruction;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * {@link ElementKernels} on the Vector API. A chain goes over the matrices tile by tile, and over a tile instruction by
 * instruction, each a loop over whole vectors of its registers. Inputs and outputs are registers where they stand in
 * memory; only where a tile's end is no whole vector are they copied, so that nothing beyond it is touched.
 */
public final class VectorElementKernels implements ElementKernels {
    @Override
    public void run(ElementChain chain, MemorySegment[] inputs, MemorySegment[] outputs, int columns, int from, int to,
            ElementRegisters registers) {
        ElementRegisters.check(chain, inputs, outputs, columns, from, to);
        ElementTiles tiles = new ElementTiles(chain, inputs, outputs, columns, from, to, registers);
        for (long at = (long) from * columns, end = (long) to * columns; at < end; at += tiles.length()) {
            tiles.load(at);
            List<Instruction> instructions = chain.instructions();
            for (int i = 0; i < instructions.size(); i++) {
                execute(instructions.get(i), inputs.length + i, registers, tiles.length());
            }
            tiles.store();
        }
    }

    private static void execute(Instruction it, int result, ElementRegisters r, int n) {
        MemorySegment a = r.segments[it.a()], z = r.segments[result];
        long aAt = r.offsets[it.a()], zAt = r.offsets[result];
        if (it.op().operands() == 1) {
            UnaryLoops.run(it.op(), a, aAt, it.constant(), z, zAt, n);
        } else {
            BinaryLoops.run(it.op(), a, aAt, r.segments[it.b()], r.offsets[it.b()], z, zAt, n);
        }
    }
}
