package io.retort.simd;

import io.retort.simd.ElementChain.Instruction;
import java.lang.foreign.MemorySegment;

/**
 * The specification of {@link ElementKernels} in plain Java: one element after the other, functions in double precision
 * and rounded.
 */
public final class ScalarElementKernels implements ElementKernels {
    @Override
    public void run(ElementChain chain, MemorySegment[] inputs, MemorySegment[] outputs, int columns, int from, int to,
            ElementRegisters registers) {
        ElementRegisters.check(chain, inputs, outputs, columns, from, to);
        float[] values = new float[chain.registers()];
        for (int r = from; r < to; r++) {
            for (int c = 0; c < columns; c++) {
                long at = (long) r * columns + c;
                for (int i = 0; i < inputs.length; i++) {
                    values[i] = Floats.get(inputs[i], switch (chain.inputs().get(i)) {
                        case FULL -> at;
                        case ROW -> r;
                        case COLUMN -> c;
                        case SCALAR -> 0;
                    });
                }
                for (int i = 0; i < chain.instructions().size(); i++) {
                    values[inputs.length + i] = apply(chain.instructions().get(i), values);
                }
                for (int o = 0; o < outputs.length; o++) Floats.set(outputs[o], at, values[chain.outputs().get(o)]);
            }
        }
    }

    private static float apply(Instruction it, float[] values) {
        float a = values[it.a()], c = it.constant();
        if (it.op().operands() == 2) return apply(it.op(), a, values[it.b()]);
        return switch (it.op()) {
            case ADD_CONSTANT -> a + c;
            case SUBTRACT_FROM_CONSTANT -> c - a;
            case MULTIPLY_CONSTANT -> a * c;
            case MAXIMUM_CONSTANT -> Math.max(a, c);
            case POWER -> (float) Math.pow(a, c);
            default -> apply(it.op(), a);
        };
    }

    private static float apply(ElementOp op, float a, float b) {
        return switch (op) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            default -> throw new IllegalArgumentException(op + " of two");
        };
    }

    private static float apply(ElementOp op, float a) {
        return switch (op) {
            case COPY -> a;
            case NEGATE -> -a;
            case ABSOLUTE -> Math.abs(a);
            case SIGN -> Math.signum(a);
            case RECIPROCAL -> 1 / a;
            case SQUARE -> a * a;
            case SQUARE_ROOT -> (float) Math.sqrt(a);
            case EXP -> (float) Math.exp(a);
            case LOG -> (float) Math.log(a);
            case TANH -> (float) Math.tanh(a);
            case ERF -> (float) ScalarMath.erf(a);
            case SIGMOID -> (float) ScalarMath.sigmoid(a);
            case GELU -> (float) ScalarMath.gelu(a);
            case GELU_GRADIENT -> (float) ScalarMath.geluGradient(a);
            case GELU_TANH -> (float) ScalarMath.geluTanh(a);
            default -> throw new IllegalArgumentException(op + " of one");
        };
    }
}
