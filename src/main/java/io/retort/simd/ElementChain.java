package io.retort.simd;

import java.util.List;

/**
 * A chain of element-wise operations on matrices {@code [rows, columns]}, run by {@link ElementKernels} tile by tile:
 * whatever its length, each input is read from memory once and each output written once.
 *
 * <p>Values stand in registers. Registers {@code [0, inputs)} are the inputs; instruction i computes register
 * {@code inputs + i} of earlier ones. Immutable.
 *
 * @param inputs       how each input is spread
 * @param instructions in order
 * @param outputs      registers that are stored, each {@link Spread#FULL}: results of instructions
 */
public record ElementChain(List<Spread> inputs, List<Instruction> instructions, List<Integer> outputs) {
    /**
     * One operation.
     *
     * @param a        register of the first operand
     * @param b        register of the second; ignored where the op has one
     * @param constant ignored where the op has none
     */
    public record Instruction(ElementOp op, int a, int b, float constant) {
        /** An instruction with an op of two registers. */
        public static Instruction of(ElementOp op, int a, int b) {
            return new Instruction(op, a, b, 0);
        }

        /** An instruction with an op of one register. */
        public static Instruction of(ElementOp op, int a) {
            return new Instruction(op, a, a, 0);
        }

        /** An instruction with an op of one register and a constant. */
        public static Instruction withConstant(ElementOp op, int a, float constant) {
            return new Instruction(op, a, a, constant);
        }

        private boolean reads(int register) {
            return a == register || op.operands() == 2 && b == register;
        }
    }

    /**
     * @throws IllegalArgumentException if an instruction reads a register that is not computed before it, an output is
     *                                  not computed, or there is none
     */
    public ElementChain {
        inputs = List.copyOf(inputs);
        instructions = List.copyOf(instructions);
        outputs = List.copyOf(outputs);
        for (int i = 0; i < instructions.size(); i++) {
            Instruction it = instructions.get(i);
            requireRegister(it.a(), inputs.size() + i);
            if (it.op().operands() == 2) requireRegister(it.b(), inputs.size() + i);
        }
        if (outputs.isEmpty()) throw new IllegalArgumentException("a chain without output");
        for (int output : outputs) {
            if (output < inputs.size()) throw new IllegalArgumentException("output " + output + " is an input");
            requireRegister(output, inputs.size() + instructions.size());
        }
    }

    private static void requireRegister(int register, int registers) {
        if (register < 0 || register >= registers) {
            throw new IllegalArgumentException("register " + register + " where there are " + registers);
        }
    }

    /** Number of registers that the chain needs: one for each input and each instruction. */
    public int registers() {
        return inputs.size() + instructions.size();
    }

    /**
     * The first instruction, by number, after which no input is read any more: its result and later ones may take the
     * place of inputs.
     */
    int firstThatMayReplaceInputs() {
        for (int i = instructions.size() - 1; i > 0; i--) {
            for (int input = 0; input < inputs.size(); input++) if (instructions.get(i).reads(input)) return i;
        }
        return 0;
    }
}
