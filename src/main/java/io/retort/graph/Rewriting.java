package io.retort.graph;

import io.retort.graph.Operation.Element;
import io.retort.simd.ElementOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over all values of a computation that makes each anew, some of them by other operations. Each fusion is such
 * a pass.
 */
abstract class Rewriting {
    final Values values = new Values();
    private final Map<Value, Value> made = new IdentityHashMap<>();
    private final Map<Value, List<Value>> users = new IdentityHashMap<>();
    private final Set<Value> outputs = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * Returns what stands for {@code old} from now on, made with {@link #values} from the {@link #now present} form of
     * its inputs; null to keep its operation.
     */
    abstract Value replacement(Value old);

    final List<Value> apply(List<Value> outputs) {
        List<Value> order = Value.inOrder(outputs);
        this.outputs.addAll(outputs);
        for (Value value : order) {
            for (Value input : value.inputs) users.computeIfAbsent(input, v -> new ArrayList<>()).add(value);
        }
        prepare(order);
        order.forEach(this::now);
        return outputs.stream().map(this::now).toList();
    }

    /**
     * Called before the pass, for fusions that find their pattern from its middle and must look at all values first.
     */
    void prepare(List<Value> order) {
    }

    /** Returns what an old value has become in this pass. */
    final Value now(Value old) {
        Value done = made.get(old);
        if (done != null) return done;
        Value replacement = replacement(old);
        if (replacement == null) {
            replacement = values.of(old.operation, old.shape, old.inputs.stream().map(this::now).toList());
        }
        made.put(old, replacement);
        return replacement;
    }

    /** Returns the values that read {@code value}, each as often as it reads it. */
    final List<Value> users(Value value) {
        return users.getOrDefault(value, List.of());
    }

    /** Returns whether the value has one reader and is no output, so that a fusion may absorb it into that reader. */
    final boolean hidden(Value value) {
        return users(value).size() == 1 && !outputs.contains(value);
    }

    final boolean isOutput(Value value) {
        return outputs.contains(value);
    }

    static boolean is(Value value, ElementOp op) {
        return value.operation instanceof Element element && element.op() == op;
    }

    static boolean is(Value value, ElementOp op, double constant) {
        return value.operation instanceof Element element && element.op() == op
                && element.constant() == (float) constant;
    }

    /**
     * Returns the other operand of a binary operation if one of its two operands is {@code operand}; null otherwise.
     */
    static Value other(Value binary, Value operand) {
        if (binary.inputs.size() != 2) return null;
        if (binary.input(0) == operand) return binary.input(1);
        return binary.input(1) == operand ? binary.input(0) : null;
    }
}
