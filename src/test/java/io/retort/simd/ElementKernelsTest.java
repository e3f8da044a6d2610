package io.retort.simd;

import static io.retort.simd.ElementChain.Instruction.of;
import static io.retort.simd.ElementChain.Instruction.withConstant;
import static io.retort.simd.TestFloats.assertClose;
import static io.retort.simd.TestFloats.assertSame;
import static io.retort.simd.TestFloats.copy;
import static io.retort.simd.TestFloats.random;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.retort.simd.ElementChain.Instruction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ElementKernelsTest {
    private static final ElementKernels SPECIFICATION = new ScalarElementKernels();
    private static final ElementKernels VECTOR = new VectorElementKernels();
    /** Ops without rounding or with one: the same bits however they are computed. */
    private static final List<ElementOp> EXACT = List.of(ElementOp.ADD, ElementOp.SUBTRACT, ElementOp.MULTIPLY,
            ElementOp.DIVIDE, ElementOp.MAXIMUM, ElementOp.MINIMUM, ElementOp.COPY, ElementOp.NEGATE,
            ElementOp.ABSOLUTE, ElementOp.SIGN, ElementOp.RECIPROCAL, ElementOp.SQUARE, ElementOp.SQUARE_ROOT,
            ElementOp.ADD_CONSTANT, ElementOp.SUBTRACT_FROM_CONSTANT, ElementOp.MULTIPLY_CONSTANT,
            ElementOp.MAXIMUM_CONSTANT);

    @Property(tries = 300)
    void anyChainOfExactOpsHasTheBitsOfTheSpecification(@ForAll @IntRange(min = 1, max = 40) int rows,
            @ForAll @IntRange(min = 1, max = 1200) int columns, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        if (random.nextBoolean()) columns = 1 + columns % 40;
        ElementChain chain = chain(random);
        int from = random.nextInt(rows), to = from + random.nextInt(rows - from + 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] inputs = inputs(arena, random, chain, rows, columns);
            MemorySegment[] expected = outputs(arena, chain, rows * columns), actual = outputs(arena, chain,
                    rows * columns);
            ElementRegisters registers = new ElementRegisters();
            SPECIFICATION.run(chain, inputs, expected, columns, from, to, registers);
            int middle = (from + to) / 2;
            VECTOR.run(chain, inputs, actual, columns, middle, to, registers);
            VECTOR.run(chain, inputs, actual, columns, from, middle, registers);
            for (int o = 0; o < expected.length; o++) assertBits(expected[o], actual[o], chain.toString());
        }
    }

    @Property(tries = 150)
    void anOutputMayTakeThePlaceOfAnyInputOfItsShape(@ForAll @IntRange(min = 1, max = 30) int rows,
            @ForAll @IntRange(min = 1, max = 700) int columns, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ElementChain chain = chain(random);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] inputs = inputs(arena, random, chain, rows, columns);
            MemorySegment[] expected = outputs(arena, chain, rows * columns);
            SPECIFICATION.run(chain, inputs, expected, columns, 0, rows, new ElementRegisters());
            MemorySegment[] actual = outputs(arena, chain, rows * columns);
            for (int i = 0, o = 0; i < inputs.length && o < actual.length; i++) {
                if (chain.inputs().get(i) == Spread.FULL) actual[o++] = inputs[i];
            }
            VECTOR.run(chain, inputs, actual, columns, 0, rows, new ElementRegisters());
            for (int o = 0; o < expected.length; o++) assertBits(expected[o], actual[o], chain.toString());
        }
    }

    private static ElementChain chain(SplittableRandom random) {
        int inputs = 1 + random.nextInt(3), instructions = 1 + random.nextInt(6);
        List<Spread> spreads = new ArrayList<>();
        for (int i = 0; i < inputs; i++) spreads.add(Spread.values()[random.nextInt(random.nextInt(4) + 1)]);
        List<Instruction> program = new ArrayList<>();
        for (int i = 0; i < instructions; i++) {
            program.add(new Instruction(EXACT.get(random.nextInt(EXACT.size())), random.nextInt(inputs + i),
                    random.nextInt(inputs + i), random.nextInt(-3, 4) * .7f));
        }
        List<Integer> outputs = new ArrayList<>(List.of(inputs + instructions - 1));
        while (random.nextInt(3) == 0) outputs.add(inputs + random.nextInt(instructions));
        return new ElementChain(spreads, program, outputs);
    }

    private static MemorySegment[] inputs(Arena arena, SplittableRandom random, ElementChain chain, int rows,
            int columns) {
        return chain.inputs().stream().map(spread -> random(arena, random, switch (spread) {
            case FULL -> rows * columns;
            case ROW -> rows;
            case COLUMN -> columns;
            case SCALAR -> 1;
        })).toArray(MemorySegment[]::new);
    }

    private static MemorySegment[] outputs(Arena arena, ElementChain chain, int floats) {
        return chain.outputs().stream().map(output -> arena.allocate(4L * floats, 4)).toArray(MemorySegment[]::new);
    }

    /** The same bits; of NaN any. */
    private static void assertBits(MemorySegment expected, MemorySegment actual, String what) {
        assertClose(expected, actual, 0, 0, what);
    }

    @Test
    void functionsAreThoseOfTheSpecification() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = random(arena, new SplittableRandom(3), 1001), y = copy(arena, x), z = copy(arena, x);
            for (int i = 0; i < 1001; i++) Floats.set(x, i, Floats.get(x, i) * 3);
            for (ElementOp op : ElementOp.values()) {
                if (op.operands() == 2) continue;
                for (float constant : new float[]{2, -.5f}) {
                    ElementChain chain = new ElementChain(List.of(Spread.FULL),
                            List.of(withConstant(op, 0, constant)), List.of(1));
                    SPECIFICATION.run(chain, new MemorySegment[]{x}, new MemorySegment[]{y}, 7, 0, 143,
                            new ElementRegisters());
                    VECTOR.run(chain, new MemorySegment[]{x}, new MemorySegment[]{z}, 7, 0, 143,
                            new ElementRegisters());
                    assertClose(y, z, EXACT.contains(op) ? 0 : 3e-7, EXACT.contains(op) ? 0 : 3e-7, op.name());
                }
            }
        }
    }

    @Test
    void geluOfPartsIsGelu() {
        ElementChain parts = new ElementChain(List.of(Spread.FULL, Spread.COLUMN),
                List.of(of(ElementOp.ADD, 0, 1), withConstant(ElementOp.MULTIPLY_CONSTANT, 2, (float) Math.sqrt(.5)),
                        of(ElementOp.ERF, 3), withConstant(ElementOp.ADD_CONSTANT, 4, 1),
                        withConstant(ElementOp.MULTIPLY_CONSTANT, 2, .5f), of(ElementOp.MULTIPLY, 5, 6)),
                List.of(7));
        ElementChain gelu = new ElementChain(List.of(Spread.FULL, Spread.COLUMN),
                List.of(of(ElementOp.ADD, 0, 1), of(ElementOp.GELU, 2)), List.of(3));
        try (Arena arena = Arena.ofConfined()) {
            SplittableRandom random = new SplittableRandom(9);
            MemorySegment[] inputs = {random(arena, random, 21 * 100), random(arena, random, 100)};
            MemorySegment y = copy(arena, inputs[0]), z = copy(arena, y);
            VECTOR.run(parts, inputs, new MemorySegment[]{y}, 100, 0, 21, new ElementRegisters());
            VECTOR.run(gelu, inputs, new MemorySegment[]{z}, 100, 0, 21, new ElementRegisters());
            assertClose(y, z, 1e-6, 5e-7, "gelu");
        }
    }

    @Test
    void registersServeOneChainAfterTheOther() {
        ElementChain negate = new ElementChain(List.of(Spread.FULL), List.of(of(ElementOp.NEGATE, 0)), List.of(1));
        List<Instruction> many = new ArrayList<>();
        for (int i = 0; i < 40; i++) many.add(of(ElementOp.NEGATE, i));
        ElementChain forty = new ElementChain(List.of(Spread.FULL), many, List.of(40));
        ElementRegisters registers = new ElementRegisters();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = random(arena, new SplittableRandom(1), 1030), y = copy(arena, x), z = copy(arena, x);
            VECTOR.run(negate, new MemorySegment[]{x}, new MemorySegment[]{y}, 1030, 0, 1, registers);
            VECTOR.run(forty, new MemorySegment[]{y}, new MemorySegment[]{y}, 1030, 0, 1, registers);
            VECTOR.run(negate, new MemorySegment[]{y}, new MemorySegment[]{z}, 1030, 0, 1, registers);
            assertSame(x, z, "negated 42 times");
        }
    }

    @Test
    void chainsThatReadWhatIsNotThereAreRefused() {
        List<Spread> one = List.of(Spread.FULL);
        assertThrows(IllegalArgumentException.class,
                () -> new ElementChain(one, List.of(of(ElementOp.ADD, 0, 1)), List.of(1)));
        assertThrows(IllegalArgumentException.class,
                () -> new ElementChain(one, List.of(of(ElementOp.NEGATE, -1)), List.of(1)));
        assertThrows(IllegalArgumentException.class,
                () -> new ElementChain(one, List.of(of(ElementOp.NEGATE, 0)), List.of(2)));
        assertThrows(IllegalArgumentException.class,
                () -> new ElementChain(one, List.of(of(ElementOp.NEGATE, 0)), List.of()));
        assertThrows(IllegalArgumentException.class,
                () -> new ElementChain(one, List.of(of(ElementOp.NEGATE, 0)), List.of(0)));
    }

    @Test
    void memoryThatIsTooShortIsRefused() {
        ElementChain add = new ElementChain(List.of(Spread.FULL, Spread.ROW), List.of(of(ElementOp.ADD, 0, 1)),
                List.of(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment full = arena.allocate(4 * 30), rows = arena.allocate(4 * 3), few = arena.allocate(4 * 2);
            for (ElementKernels k : List.of(SPECIFICATION, VECTOR)) {
                assertRefused(k, add, full, few, full, 3);
                assertRefused(k, add, rows, rows, full, 3);
                assertRefused(k, add, full, rows, rows, 3);
                assertRefused(k, add, full, rows, full, 4);
            }
        }
    }

    private static void assertRefused(ElementKernels kernels, ElementChain chain, MemorySegment a, MemorySegment b,
            MemorySegment z, int to) {
        assertThrows(IllegalArgumentException.class, () -> kernels.run(chain, new MemorySegment[]{a, b},
                new MemorySegment[]{z}, 10, 0, to, new ElementRegisters()));
    }
}
