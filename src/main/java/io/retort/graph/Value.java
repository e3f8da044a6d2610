package io.retort.graph;

import io.retort.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A tensor in the compiler: an operation on other values, with its shape known. {@link Values} makes them and makes no
 * two of the same, so that identity is equality.
 */
final class Value {
    /** Grows in order of creation, so that inputs have smaller numbers than what is made of them. */
    final int id;
    final Operation operation;
    final List<Value> inputs;
    /** The shape of the value; for an operation with several parts, the shape of the first. */
    final Shape shape;

    Value(int id, Operation operation, List<Value> inputs, Shape shape) {
        this.id = id;
        this.operation = operation;
        this.inputs = inputs;
        this.shape = shape;
    }

    Value input(int i) {
        return inputs.get(i);
    }

    int rank() {
        return shape.rank();
    }

    /** Returns the size of the dimension at {@code axis}; negative axes count from the end. */
    int dim(int axis) {
        return shape.dim(axis);
    }

    int size() {
        return Math.toIntExact(shape.size());
    }

    /** Returns the product of all dimensions but the last. */
    int rows() {
        return rank() == 0 ? 1 : size() / Math.max(1, dim(-1));
    }

    /** Returns whether no operation computes this value: it is an input, a parameter or a constant. */
    boolean isLeaf() {
        return switch (operation) {
            case Operation.Input i -> true;
            case Operation.Parameter p -> true;
            case Operation.Constant c -> true;
            default -> false;
        };
    }

    /**
     * Returns these values and all that they depend on, each after its inputs, in the order in which they were made.
     * That is SameDiff's own order, in which a gradient is used up soon after it is there.
     */
    static List<Value> inOrder(Collection<Value> outputs) {
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Value> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            Value next = open.pop();
            if (seen.add(next)) next.inputs.forEach(open::push);
        }
        return seen.stream().sorted((a, b) -> Integer.compare(a.id, b.id)).toList();
    }

    @Override
    public String toString() {
        return operation + shape.toString();
    }
}
