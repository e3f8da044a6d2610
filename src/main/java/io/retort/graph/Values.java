package io.retort.graph;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Expand;
import io.retort.graph.Operation.Fill;
import io.retort.graph.Operation.Part;
import io.retort.graph.Operation.Permute;
import io.retort.graph.Operation.Product;
import io.retort.graph.Operation.Reshape;
import io.retort.graph.Operation.Sum;
import io.retort.simd.ElementOp;
import io.retort.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Makes values for the compiler. The same operation on the same values gives the same value, so that common
 * subexpressions are computed once; constants are folded, and operations that do nothing are left out.
 */
final class Values {
    private final Map<Key, Value> made = new HashMap<>();

    private record Key(Operation operation, List<Value> inputs, Shape shape) {
    }

    /** Returns the value of that operation without trying to simplify it. */
    Value of(Operation operation, Shape shape, List<Value> inputs) {
        return made.computeIfAbsent(new Key(operation, inputs, shape),
                key -> new Value(made.size(), operation, inputs, shape));
    }

    Value of(Operation operation, Shape shape, Value... inputs) {
        return of(operation, shape, List.of(inputs));
    }

    Value fill(float value, Shape shape) {
        return of(new Fill(value), shape);
    }

    Value part(Value of, int index, Shape shape) {
        return of(new Part(index), shape, of);
    }

    // ---- shapes

    Value reshape(Value x, Shape shape) {
        if (shape.size() != x.shape.size()) throw new IllegalArgumentException(x + " cannot become " + shape);
        if (x.shape.equals(shape)) return x;
        if (x.operation instanceof Fill fill) return fill(fill.value(), shape);
        if (x.operation instanceof Reshape) return reshape(x.input(0), shape);
        return of(new Reshape(), shape, x);
    }

    Value permute(Value x, List<Integer> order) {
        if (order.equals(IntStream.range(0, x.rank()).boxed().toList())) return x;
        if (x.operation instanceof Permute(List<Integer> first)) {
            return permute(x.input(0), order.stream().map(first::get).toList());
        }
        return of(new Permute(order), Shape.of(order.stream().mapToInt(x::dim).toArray()), x);
    }

    Value expand(Value x, Shape shape) {
        if (x.shape.equals(shape)) return x;
        if (x.operation instanceof Fill fill) return fill(fill.value(), shape);
        return of(new Expand(), shape, x);
    }

    // ---- element by element

    /** Returns an element-wise operation on one input, with a constant {@code c} where the operation has one. */
    Value element(ElementOp op, Value x, float c) {
        boolean nothing = op == ElementOp.MULTIPLY_CONSTANT && c == 1 || op == ElementOp.ADD_CONSTANT && c == 0;
        if (nothing) return x;
        if (x.operation instanceof Fill(float value)) {
            if (op == ElementOp.MULTIPLY_CONSTANT) return fill(value * c, x.shape);
            if (op == ElementOp.ADD_CONSTANT) return fill(value + c, x.shape);
        }
        if (op == ElementOp.MULTIPLY_CONSTANT && x.operation instanceof Element(ElementOp inner, float d)
                && inner == op) {
            return element(op, x.input(0), c * d);
        }
        return of(new Element(op, c), x.shape, x);
    }

    Value element(ElementOp op, Value x) {
        return element(op, x, 0);
    }

    Value times(Value x, float c) {
        return element(ElementOp.MULTIPLY_CONSTANT, x, c);
    }

    /** Returns an element-wise operation on two inputs, which broadcast. */
    Value element(ElementOp op, Value a, Value b) {
        Shape shape = broadcast(a.shape, b.shape);
        a = unexpanded(a, b, shape);
        b = unexpanded(b, a, shape);
        if (op == ElementOp.MULTIPLY && a.operation instanceof Fill(float c)) return times(expand(b, shape), c);
        if (op == ElementOp.MULTIPLY && b.operation instanceof Fill(float c)) return times(expand(a, shape), c);
        if (op == ElementOp.DIVIDE && b.operation instanceof Fill(float c)) return times(expand(a, shape), 1 / c);
        if (op == ElementOp.ADD && b.operation instanceof Fill(float c)) {
            return element(ElementOp.ADD_CONSTANT, expand(a, shape), c);
        }
        if (op == ElementOp.ADD && a.operation instanceof Fill(float c)) {
            return element(ElementOp.ADD_CONSTANT, expand(b, shape), c);
        }
        return of(new Element(op), shape, a, b);
    }

    /**
     * Returns what {@code x} is expanded from if broadcasting with {@code other} gives the result's shape anyway, so
     * that no copy is made; otherwise {@code x}.
     */
    private static Value unexpanded(Value x, Value other, Shape result) {
        if (!(x.operation instanceof Expand)) return x;
        Value narrow = x.input(0);
        return broadcast(narrow.shape, other.shape).equals(result) ? narrow : x;
    }

    /** Returns the shape that two shapes broadcast to; missing leading dimensions count as 1. */
    static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        int[] dims = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.dim(-i) : 1, db = i <= b.rank() ? b.dim(-i) : 1;
            if (da != db && da != 1 && db != 1) throw new IllegalArgumentException(a + " and " + b + " do not fit");
            dims[rank - i] = da == 1 ? db : da;
        }
        return Shape.of(dims);
    }

    // ---- products and sums

    Value product(Value a, boolean transposeA, Value b, boolean transposeB) {
        int rank = a.rank();
        if (rank < 2 || b.rank() != rank) throw new IllegalArgumentException("a product of " + a + " and " + b);
        int[] dims = a.shape.toArray();
        for (int i = 0; i < rank - 2; i++) {
            if (dims[i] != b.dim(i)) throw new IllegalArgumentException("a product of " + a + " and " + b);
        }
        int inner = a.dim(transposeA ? -2 : -1);
        if (inner != b.dim(transposeB ? -1 : -2)) throw new IllegalArgumentException("a product of " + a + " and " + b);
        dims[rank - 2] = a.dim(transposeA ? -1 : -2);
        dims[rank - 1] = b.dim(transposeB ? -2 : -1);
        return of(new Product(transposeA, transposeB, 1), Shape.of(dims), a, b);
    }

    /** Returns {@code scale · Σ} over the marked axes, which stay with size 1 if {@code keep}. */
    Value sum(Value x, boolean[] axes, boolean keep, float scale) {
        int[] kept = x.shape.toArray();
        Value sum = x;
        // Runs of neighbouring axes, the last first: each is one sum over the middle of three dimensions.
        for (int end = x.rank(); end > 0; end--) {
            if (!axes[end - 1]) continue;
            int from = end - 1;
            while (from > 0 && axes[from - 1]) from--;
            int outer = product(kept, 0, from), length = product(kept, from, end),
                    inner = product(kept, end, kept.length);
            for (int i = from; i < end; i++) kept[i] = 1;
            Shape shape = Shape.of(kept);
            sum = length == 1 ? reshape(sum, shape) : of(new Sum(outer, length, inner, 1), shape, sum);
            end = from + 1;
        }
        sum = times(sum, scale);
        if (keep) return sum;
        return reshape(sum, Shape.of(IntStream.range(0, x.rank()).filter(i -> !axes[i]).map(i -> x.dim(i)).toArray()));
    }

    /**
     * Returns the gradient of something that was broadcast from {@code shape}: {@code x} summed over the dimensions
     * that it was spread over.
     */
    Value sumTo(Value x, Shape shape) {
        if (x.shape.equals(shape)) return x;
        boolean[] axes = new boolean[x.rank()];
        for (int i = 1; i <= x.rank(); i++) {
            axes[x.rank() - i] = i > shape.rank() || shape.dim(-i) == 1 && x.dim(-i) != 1;
        }
        return reshape(sum(x, axes, true, 1), shape);
    }

    private static int product(int[] dims, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) product *= dims[i];
        return product;
    }
}
