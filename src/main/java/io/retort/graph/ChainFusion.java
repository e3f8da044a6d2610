package io.retort.graph;

import io.retort.graph.Operation.Chain;
import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Fill;
import io.retort.simd.ElementChain;
import io.retort.simd.Spread;
import io.retort.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Trees of element-wise operations of one shape become one chain. A value that somebody outside the tree reads ends a
 * chain of its own.
 */
final class ChainFusion extends Rewriting {
    /** Of each chain's last value: all its values, in order. */
    private final Map<Value, List<Value>> chains = new IdentityHashMap<>();

    private final boolean fuses;

    ChainFusion() {
        this(true);
    }

    /**
     * @param fuses whether chains may have more than one operation
     */
    ChainFusion(boolean fuses) {
        this.fuses = fuses;
    }

    @Override
    void prepare(List<Value> order) {
        Map<Value, Value> roots = new IdentityHashMap<>();
        for (Value v : order.reversed()) {
            if (!(v.operation instanceof Element)) continue;
            Value root = root(v, roots);
            roots.put(v, root);
            chains.computeIfAbsent(root, r -> new ArrayList<>()).addFirst(v);
        }
    }

    /** That of all its readers, if they agree; otherwise it is one itself. */
    private Value root(Value v, Map<Value, Value> roots) {
        if (!fuses || isOutput(v) || users(v).isEmpty()) return v;
        Value root = roots.get(users(v).getFirst());
        boolean agreed = root != null && root.shape.equals(v.shape)
                && users(v).stream().allMatch(reader -> roots.get(reader) == root);
        return agreed ? root : v;
    }

    @Override
    Value replacement(Value v) {
        List<Value> members = chains.get(v);
        if (members == null) return null;
        Set<Value> inside = Collections.newSetFromMap(new IdentityHashMap<>());
        inside.addAll(members);
        List<Value> inputs = members.stream().flatMap(member -> member.inputs.stream())
                .filter(input -> !inside.contains(input)).distinct().toList();
        return chain(v, inputs, members);
    }

    private Value chain(Value root, List<Value> inputs, List<Value> order) {
        int columns = Spreading.columns(root, inputs);
        List<Spread> spreads = new ArrayList<>();
        List<Value> spread = new ArrayList<>();
        for (Value input : inputs) {
            if (input.operation instanceof Fill(float value)) {
                spread.add(values.fill(value, Shape.of()));
                spreads.add(Spread.SCALAR);
                continue;
            }
            Spread kind = Spreading.of(input, root, columns);
            // What fits no spread of the kernels is spread out in memory first.
            spread.add(kind != null ? now(input) : values.expand(now(input), root.shape));
            spreads.add(kind != null ? kind : Spread.FULL);
        }
        Map<Value, Integer> registers = new IdentityHashMap<>();
        for (int i = 0; i < inputs.size(); i++) registers.put(inputs.get(i), i);
        List<ElementChain.Instruction> instructions = new ArrayList<>();
        for (Value member : order) {
            Element element = (Element) member.operation;
            int a = registers.get(member.inputs.getFirst()), b = registers.get(member.inputs.getLast());
            instructions.add(new ElementChain.Instruction(element.op(), a, b, element.constant()));
            registers.put(member, inputs.size() + instructions.size() - 1);
        }
        ElementChain chain = new ElementChain(spreads, instructions, List.of(registers.get(root)));
        return values.of(new Chain(chain, columns), root.shape, spread);
    }
}
