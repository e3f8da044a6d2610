package io.retort.graph;

import io.retort.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A tensor of the compiler's: an operation on other values, with its shape known. Made by {@link Values}, which makes no
 * two of the same, so that identity is equality.
 */
final class Value {
    /** Increases with creation: inputs have smaller ones. */
    final int id;
    final Operation operation;
    final List<Value> inputs;
    /** Of an operation with parts: the shape of the first. */
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

    /** The dimension at {@code axis}; negative axes count from the end. */
    int dim(int axis) {
        return shape.dim(axis);
    }

    int size() {
        return Math.toIntExact(shape.size());
    }

    /** Product of all dimensions but the last. */
    int rows() {
        return rank() == 0 ? 1 : size() / Math.max(1, dim(-1));
    }

    /** What is computed by nothing. */
    boolean isLeaf() {
        return switch (operation) {
            case Operation.Input i -> true;
            case Operation.Parameter p -> true;
            case Operation.Constant c -> true;
            default -> false;
        };
    }

    /**
     * All values that these depend on, and they themselves, each after its inputs, in the order in which they were
     * made: SameDiff's own, in which a gradient is used up soon after it is there.
     */
    static List<Value> inOrder(Collection<Value> outputs) {
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Value> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            Value next = open.pop();
            if (seen.add(next)) next.inputs.forEach(open::push);
        }
        return seen.stream().sorted(Comparator.comparingInt(value -> value.id)).toList();
    }

    @Override
    public String toString() {
        return operation + shape.toString();
    }
}
