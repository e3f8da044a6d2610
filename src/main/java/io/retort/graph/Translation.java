package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.ADD_CONSTANT;
import static io.retort.simd.ElementOp.DIVIDE;
import static io.retort.simd.ElementOp.MULTIPLY;
import static io.retort.simd.ElementOp.NEGATE;
import static io.retort.simd.ElementOp.RECIPROCAL;
import static io.retort.simd.ElementOp.SUBTRACT;

import io.retort.graph.Operation.Concatenation;
import io.retort.graph.Operation.Constant;
import io.retort.graph.Operation.Input;
import io.retort.graph.Operation.LayerNorm;
import io.retort.graph.Operation.LayerNormGradient;
import io.retort.graph.Operation.LogSoftmax;
import io.retort.graph.Operation.LogSoftmaxGradient;
import io.retort.graph.Operation.OneHot;
import io.retort.graph.Operation.Parameter;
import io.retort.graph.Operation.Softmax;
import io.retort.graph.Operation.SoftmaxGradient;
import io.retort.graph.Recording.Call;
import io.retort.simd.ElementOp;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Translates a recording, given the shapes of its inputs, into values. As every shape is known here, operations that
 * compute shapes (shape_of, concat, ...) are evaluated on the spot and vanish; what no output needs is never looked at.
 */
final class Translation {
    /**
     * Stands for an epsilon of zero: ND4J's layer norm divides by zero and then replaces NaN by 0, and this number
     * gives the same result without either.
     */
    private static final float NO_EPSILON = 1e-30f;

    private final Recording recording;
    private final Map<String, Shape> inputs;
    private final Map<String, Shape> parameters;
    private final Values values = new Values();
    private final Map<String, Value> floats = new HashMap<>();
    private final Map<String, long[]> integers = new HashMap<>();

    private Translation(Recording recording, Map<String, Shape> inputs, Map<String, Shape> parameters) {
        this.recording = recording;
        this.inputs = inputs;
        this.parameters = parameters;
        this.integers.putAll(recording.integers());
    }

    /**
     * Returns the values of the outputs that a recording computes.
     *
     * @return a value for each of the outputs, in their order
     * @throws UnsupportedOperationException if an output needs an operation that cannot be compiled
     */
    static List<Value> translate(Recording recording, Map<String, Shape> inputs, Map<String, Shape> parameters,
            List<String> outputs) {
        Translation translation = new Translation(recording, inputs, parameters);
        Set<String> needed = new HashSet<>(outputs);
        Set<Call> live = new HashSet<>();
        for (Call call : recording.calls().reversed()) {
            if (call.outputs().stream().anyMatch(needed::contains)) {
                live.add(call);
                needed.addAll(call.inputs());
            }
        }
        for (Call call : recording.calls()) {
            if (!live.contains(call)) continue;
            try {
                translation.call(call);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(call + ": " + e.getMessage(), e);
            }
        }
        return outputs.stream().map(translation::value).toList();
    }

    private Value value(String name) {
        return floats.computeIfAbsent(name, this::leaf);
    }

    private Value leaf(String name) {
        var kind = recording.leaves().get(name);
        if (kind == null) throw new IllegalArgumentException("the graph has no value named " + name);
        return switch (kind) {
            case INPUT -> values.of(new Input(name, false), fed(name));
            case STATE -> values.of(new Input(name, true), fed(name));
            case PARAMETER -> values.of(new Parameter(name), parameters.get(name));
            case CONSTANT -> constant(name, recording.constants().get(name));
        };
    }

    private Shape fed(String name) {
        Shape shape = inputs.get(name);
        if (shape == null) throw new IllegalArgumentException("no value for input " + name);
        return shape;
    }

    private Value constant(String name, Tensor value) {
        return value.shape().size() == 1
                ? values.fill(value.toFloats()[0], value.shape())
                : values.of(new Constant(name), value.shape());
    }

    private long[] integers(String name) {
        long[] value = integers.get(name);
        if (value == null) throw unsupported(name + " is used as a shape, but depends on more than shapes");
        return value;
    }

    private static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("the simd engine cannot compile this graph: " + what
                + "; run it with the stock engine");
    }

    // ---- one call

    private void call(Call call) {
        if (shapes(call)) return;
        List<Value> in = call.inputs().stream().filter(name -> !integers.containsKey(name)).map(this::value).toList();
        if (call.operation().endsWith("_bp")) {
            List<Value> gradients = gradients(call, in);
            for (int i = 0; i < call.outputs().size(); i++) floats.put(call.outputs().get(i), gradients.get(i));
        } else {
            floats.put(call.outputs().getFirst(), forward(call, in));
        }
    }

    /** Evaluates the call if it only computes shapes; returns whether it did. */
    private boolean shapes(Call call) {
        List<String> in = call.inputs();
        long[] result = switch (call.operation()) {
            case "shape_of" -> longs(value(in.getFirst()).shape);
            case "strided_slice" -> {
                long[] all = integers(in.getFirst());
                int n = call.integers().length; // five masks, then begin, end and stride
                if (n != 8 || call.integers()[7] != 1) throw unsupported(call.toString());
                yield Arrays.copyOfRange(all, (int) call.integers()[5], (int) call.integers()[6]);
            }
            case "concat" -> {
                if (!in.stream().allMatch(integers::containsKey)) yield null;
                yield in.stream().map(this::integers).flatMapToLong(Arrays::stream).toArray();
            }
            case "cast" -> integers.get(in.getFirst());
            default -> null;
        };
        if (result == null) return false;
        integers.put(call.outputs().getFirst(), result);
        return true;
    }

    private Value forward(Call call, List<Value> in) {
        Value x = in.getFirst();
        double[] reals = call.reals();
        return switch (call.operation()) {
            case "add" -> values.element(ADD, x, in.get(1));
            case "subtract" -> values.element(SUBTRACT, x, in.get(1));
            case "multiply" -> values.element(MULTIPLY, x, in.get(1));
            case "divide" -> values.element(DIVIDE, x, in.get(1));
            case "add_scalar" -> values.element(ADD_CONSTANT, x, (float) reals[0]);
            case "sub_scalar" -> values.element(ADD_CONSTANT, x, (float) -reals[0]);
            case "mul_scalar" -> values.times(x, (float) reals[0]);
            case "div_scalar" -> values.times(x, (float) (1 / reals[0]));
            case "rsub_scalar" -> values.element(ADD_CONSTANT, values.element(NEGATE, x), (float) reals[0]);
            case "rdiv_scalar" -> values.times(values.element(RECIPROCAL, x), (float) reals[0]);
            case "pow" -> power(call, x, reals);
            case "neg" -> values.element(NEGATE, x);
            case "square" -> values.element(ElementOp.SQUARE, x);
            case "sqrt" -> values.element(ElementOp.SQUARE_ROOT, x);
            case "exp" -> values.element(ElementOp.EXP, x);
            case "log" -> values.element(ElementOp.LOG, x);
            case "erf" -> values.element(ElementOp.ERF, x);
            case "tanh" -> values.element(ElementOp.TANH, x);
            case "sigmoid" -> values.element(ElementOp.SIGMOID, x);
            case "ones_as" -> values.fill(1, x.shape);
            case "zeros_as" -> values.fill(0, x.shape);
            case "identity", "cast" -> x;
            case "concat" -> concatenation(call, in);
            case "onehot" -> values.of(new OneHot(), Shape.of(x.dim(0), Math.toIntExact(call.integers()[1])), x);
            case "reshape" -> values.reshape(x, target(call, x));
            case "permute" -> values.permute(x, Arrays.stream(call.integers()).mapToObj(Math::toIntExact).toList());
            case "matmul" -> matmul(call, x, in.get(1));
            case "reduce_sum" -> values.sum(x, axes(call, x.rank()), call.keep(), 1);
            case "reduce_mean" -> mean(x, axes(call, x.rank()), call.keep());
            case "softmax" -> softmax(call, x);
            case "log_softmax" -> values.of(new LogSoftmax(), last(call, x).shape, x);
            case "layer_norm" -> {
                if (in.size() != 3) throw unsupported(call + " without weight and bias");
                yield values.of(new LayerNorm(NO_EPSILON), last(call, x).shape, x, in.get(1), in.get(2));
            }
            default -> throw unsupported("operation " + call.operation() + " (" + call + ")");
        };
    }

    private Value concatenation(Call call, List<Value> in) {
        if (call.integers()[0] != 0) throw unsupported(call + " along another than the first dimension");
        int[] dims = in.getFirst().shape.toArray();
        dims[0] = in.stream().mapToInt(x -> x.dim(0)).sum();
        return values.of(new Concatenation(), Shape.of(dims), in);
    }

    private Value power(Call call, Value x, double[] exponent) {
        if (exponent[0] == 2) return values.element(ElementOp.SQUARE, x);
        if (exponent[0] == 0.5) return values.element(ElementOp.SQUARE_ROOT, x);
        if (exponent[0] == -0.5) return values.element(RECIPROCAL, values.element(ElementOp.SQUARE_ROOT, x));
        if (exponent[0] == -1) return values.element(RECIPROCAL, x);
        throw unsupported("power " + exponent[0] + " (" + call + ")");
    }

    private Value softmax(Call call, Value x) {
        return values.of(new Softmax(1), last(call, x).shape, x);
    }

    /**
     * Checks that the call works on the last dimension, the only one for which there are kernels, and returns {@code
     * x}.
     */
    private static Value last(Call call, Value x) {
        long axis = call.integers().length == 0 ? -1 : call.integers()[0];
        if (axis != -1 && axis != x.rank() - 1) throw unsupported(call + " over another than the last dimension");
        return x;
    }

    private Value matmul(Call call, Value a, Value b) {
        boolean[] t = transposes(call);
        return t[2] ? values.product(b, !t[1], a, !t[0]) : values.product(a, t[0], b, t[1]);
    }

    /** Returns whether the left operand, the right operand and the result of a matmul are transposed. */
    static boolean[] transposes(Call call) {
        boolean[] flags = new boolean[3];
        for (int i = 0; i < call.integers().length && i < 3; i++) flags[i] = call.integers()[i] != 0;
        return flags;
    }

    private Value mean(Value x, boolean[] axes, boolean keep) {
        return values.sum(x, axes, keep, 1f / count(x, axes));
    }

    private static int count(Value x, boolean[] axes) {
        int count = 1;
        for (int i = 0; i < axes.length; i++) if (axes[i]) count *= x.dim(i);
        return count;
    }

    /** Returns for each dimension whether the call reduces it; a call that names no axes reduces all. */
    private static boolean[] axes(Call call, int rank) {
        boolean[] axes = new boolean[rank];
        if (call.integers().length == 0) Arrays.fill(axes, true);
        for (long axis : call.integers()) {
            if (axis == Integer.MAX_VALUE) Arrays.fill(axes, true); // ND4J's word for all
            else axes[Math.toIntExact(axis < 0 ? axis + rank : axis)] = true;
        }
        return axes;
    }

    private Shape target(Call call, Value x) {
        long[] dims = call.inputs().size() > 1
                ? integers(call.inputs().get(1)).clone()
                : Arrays.stream(call.integers()).skip(1).toArray(); // the first is the order: 'c'
        long known = 1;
        for (long dim : dims) if (dim >= 0) known *= dim;
        for (int i = 0; i < dims.length; i++) if (dims[i] < 0) dims[i] = known == 0 ? 0 : x.size() / known;
        return Shape.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray());
    }

    private static long[] longs(Shape shape) {
        return Arrays.stream(shape.toArray()).asLongStream().toArray();
    }

    // ---- gradients

    /**
     * Returns the gradients of a call's inputs. The last element of {@code in} is the gradient of the output; there is
     * one result for each of the others.
     */
    private List<Value> gradients(Call call, List<Value> in) {
        Value x = in.getFirst();
        Value g = in.getLast();
        return switch (call.operation()) {
            case "add_bp" -> List.of(values.sumTo(g, x.shape), values.sumTo(g, in.get(1).shape));
            case "subtract_bp" -> List.of(values.sumTo(g, x.shape),
                    values.element(NEGATE, values.sumTo(g, in.get(1).shape)));
            case "multiply_bp" -> List.of(values.sumTo(values.element(MULTIPLY, g, in.get(1)), x.shape),
                    values.sumTo(values.element(MULTIPLY, g, x), in.get(1).shape));
            case "divide_bp" -> quotient(x, in.get(1), g);
            case "reduce_sum_bp" -> List.of(spread(call, x, g, 1));
            case "reduce_mean_bp" -> List.of(spread(call, x, g, 1f / count(x, axes(call, x.rank()))));
            case "tanh_bp" -> List.of(values.element(MULTIPLY, g, oneMinusSquare(values.element(ElementOp.TANH, x))));
            case "sigmoid_bp" -> {
                Value y = values.element(ElementOp.SIGMOID, x);
                Value slope = values.element(MULTIPLY, y,
                        values.element(ADD_CONSTANT, values.element(NEGATE, y), 1));
                yield List.of(values.element(MULTIPLY, g, slope));
            }
            case "matmul_bp" -> matmulGradients(call, x, in.get(1), g);
            case "softmax_bp" -> List.of(values.of(new SoftmaxGradient(), x.shape, softmax(call, x), g));
            case "log_softmax_bp" -> List.of(values.of(new LogSoftmaxGradient(), x.shape,
                    values.of(new LogSoftmax(), last(call, x).shape, x), g));
            case "layer_norm_bp" -> {
                if (in.size() != 4) throw unsupported(call + " without weight and bias");
                Value parts = values.of(new LayerNormGradient(NO_EPSILON), last(call, x).shape, x, in.get(1), g);
                Shape weight = in.get(1).shape;
                yield List.of(values.part(parts, 0, x.shape), values.part(parts, 1, weight),
                        values.part(parts, 2, weight));
            }
            default -> throw unsupported("operation " + call.operation() + " (" + call + ")");
        };
    }

    private Value oneMinusSquare(Value y) {
        return values.element(ADD_CONSTANT, values.element(NEGATE, values.element(ElementOp.SQUARE, y)), 1);
    }

    /** Returns the gradients of a / b, which are g / b and −g a / b². */
    private List<Value> quotient(Value a, Value b, Value g) {
        Value da = values.element(DIVIDE, g, b);
        Value db = values.element(NEGATE, values.element(MULTIPLY, da, values.element(DIVIDE, a, b)));
        return List.of(values.sumTo(da, a.shape), values.sumTo(db, b.shape));
    }

    /** Returns the gradient of a sum: each element of {@code x} gets the gradient of the sum that it went into. */
    private Value spread(Call call, Value x, Value g, float scale) {
        boolean[] axes = axes(call, x.rank());
        int[] kept = x.shape.toArray();
        for (int i = 0; i < kept.length; i++) if (axes[i]) kept[i] = 1;
        Value keeping = g.shape.size() == 1 && Shape.of(kept).size() != 1
                ? values.expand(g, Shape.of(kept))
                : values.reshape(g, Shape.of(kept));
        return values.expand(values.times(keeping, scale), x.shape);
    }

    /** Returns the gradients of both operands of C = op(A) op(B). */
    private List<Value> matmulGradients(Call call, Value a, Value b, Value g) {
        boolean[] t = transposes(call);
        if (t[2]) throw unsupported(call + " with a transposed result");
        Value da = t[0] ? values.product(b, t[1], g, true) : values.product(g, false, b, !t[1]);
        Value db = t[1] ? values.product(g, true, a, t[0]) : values.product(a, !t[0], g, false);
        return List.of(da, db);
    }
}
