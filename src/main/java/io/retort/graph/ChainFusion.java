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
 * chain of its own, unless it is cheaper to make it again: a value that several chains read, and nobody else, is made in
 * each of them if what it is made of is kept until then anyway (Chen et al. 2016, Training Deep Nets with Sublinear Memory
 * Cost). So SwiGLU's sigmoid does not wait in memory for its gradient.
 */
final class ChainFusion extends Rewriting {
    /** The most chains that one value may be computed in. */
    private static final int MOST_TIMES = 4;

    /**
     * The chains found so far: the value that ends each chain, and all values of that chain in order of computation.
     */
    private final Map<Value, List<Value>> chains = new IdentityHashMap<>();

    private final boolean fuses;

    ChainFusion() {
        this(true);
    }

    /**
     * Prepares a pass over all values.
     *
     * @param fuses whether chains may have more than one operation
     */
    ChainFusion(boolean fuses) {
        this.fuses = fuses;
    }

    @Override
    void prepare(List<Value> order) {
        Map<Value, Set<Value>> roots = new IdentityHashMap<>();
        for (Value v : order.reversed()) {
            if (!(v.operation instanceof Element)) continue;
            Set<Value> own = roots(v, roots);
            roots.put(v, own);
            for (Value root : own) chains.computeIfAbsent(root, r -> new ArrayList<>()).addFirst(v);
        }
    }

    /**
     * Returns the last values of the chains that {@code v} is computed in: those of its readers' chains, or {@code v}
     * itself if it ends a chain of its own.
     */
    private Set<Value> roots(Value v, Map<Value, Set<Value>> roots) {
        Set<Value> own = Collections.newSetFromMap(new IdentityHashMap<>());
        if (fuses && !isOutput(v)) users(v).forEach(reader -> own.addAll(roots.getOrDefault(reader, Set.of())));
        boolean read = !own.isEmpty() && users(v).stream().allMatch(roots::containsKey)
                && own.stream().allMatch(root -> root.shape.equals(v.shape));
        boolean fits = read && (own.size() == 1 || own.size() <= MOST_TIMES && isKept(v, own, roots));
        if (fits) return own;
        own.clear();
        own.add(v);
        return own;
    }

    /**
     * Returns whether every input of {@code v} is read by others after the last of the chains {@code roots} has run, so
     * that computing {@code v} anew does not lengthen the life of any input.
     */
    private boolean isKept(Value v, Set<Value> roots, Map<Value, Set<Value>> all) {
        int last = roots.stream().mapToInt(root -> root.id).max().orElseThrow();
        return v.inputs.stream().allMatch(input -> input.isLeaf() || input.operation instanceof Fill
                || users(input).stream().filter(reader -> reader != v)
                        .anyMatch(reader -> lastRead(reader, all) >= last));
    }

    /** Returns when {@code reader} is computed: the id of the last value that ends one of its chains. */
    private static int lastRead(Value reader, Map<Value, Set<Value>> roots) {
        return roots.getOrDefault(reader, Set.of(reader)).stream().mapToInt(root -> root.id).max().orElseThrow();
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

    /** How the smaller operands of an element-wise chain lie over its result, seen as a matrix {@code [rows, columns]}. */
    private static final class Spreading {
        private Spreading() {
        }

        /**
         * Columns of the matrix: of the result's dimensions, those that the first input that is neither whole nor a single
         * number runs through or leaves out; all elements in one row if there is no such input.
         */
        static int columns(Value result, List<Value> inputs) {
            for (Value input : inputs) {
                if (input.size() == 1 || input.shape.equals(result.shape)) continue;
                for (int columns = 1, axis = result.rank() - 1; axis > 0; axis--) {
                    columns *= result.dim(axis);
                    if (of(input, result, columns) != null) return columns;
                }
            }
            return 1;
        }

        /** Returns how the input lies over the result, or null if the kernels have no spread for it. */
        static Spread of(Value input, Value result, int columns) {
            if (input.size() == 1) return Spread.SCALAR;
            if (input.shape.equals(result.shape)) return Spread.FULL;
            int rank = result.rank();
            int trailing = 0; // dimensions that make up the columns
            for (int size = 1; size < columns; trailing++) size *= result.dim(rank - 1 - trailing);
            boolean row = input.rank() == rank, column = true;
            for (int i = 1; i <= rank; i++) {
                int dim = i <= input.rank() ? input.dim(-i) : 1;
                boolean among = i <= trailing;
                row &= dim == (among ? 1 : result.dim(-i));
                column &= dim == (among ? result.dim(-i) : 1);
            }
            if (column) return Spread.COLUMN;
            return row ? Spread.ROW : null;
        }
    }
}
