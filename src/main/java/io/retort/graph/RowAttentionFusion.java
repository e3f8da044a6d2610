package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import io.retort.graph.Operation.Concatenation;
import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.MaskScan;
import io.retort.graph.Operation.Permute;
import io.retort.graph.Operation.Product;
import io.retort.graph.Operation.Reshape;
import io.retort.graph.Operation.RowAttention;
import io.retort.graph.Operation.RowAttentionGradient;
import io.retort.graph.Operation.Softmax;
import io.retort.graph.Operation.SoftmaxGradient;
import io.retort.tensor.Shape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Attention as {@link Layers#rowAttention} writes it, {@code softmax(s Q Kᵀ + mask) V} with a mask of rows and keys, and
 * its gradient; the equations are those of {@link AttentionFusion}. Logits are products of rank 3, seen as rank 4 where
 * the mask is added. Where keys are a cache and what follows it, both are read where they are.
 */
final class RowAttentionFusion extends Rewriting {
    private final Map<Value, Head> heads = new IdentityHashMap<>();

    /**
     * The operands of one attention that was found: queries {@code [keyHeads, group, rows, d]}, keys and values {@code
     * [keyHeads, keys, d]}.
     */
    private record Match(Value q, Value k, Value v, Value mask, float scale) {
    }

    /**
     * Marks an old value that the fused operation replaces: by one of the gradient's parts, or by the result itself
     * where {@code dOut} is null.
     */
    private record Head(Match match, Value dOut, int part) {
    }

    @Override
    void prepare(List<Value> order) {
        for (Value value : order) {
            boolean plain = value.operation instanceof Softmax softmax && softmax.scale() == 1;
            if (plain && value.inputs.size() == 1 && value.rank() == 4 && !isOutput(value)) match(value);
        }
    }

    private void match(Value p) {
        Value masked = p.input(0);
        if (!is(masked, ADD) || !hidden(masked)) return;
        Value mask = masked.input(1), scaled = masked.input(0);
        if (mask.shape.equals(p.shape) || !mask.shape.equals(Shape.of(1, 1, p.dim(2), p.dim(3)))) return;
        if (!is(scaled, MULTIPLY_CONSTANT) || !hidden(scaled)) return;
        Value logits = reshaped(scaled.input(0));
        if (logits == null || !isProduct(logits, false, true) || !hidden(scaled.input(0)) || !hidden(logits)) return;
        Value q = reshaped(logits.input(0)), k = logits.input(1);
        if (q == null || q.rank() != 4) return;
        Value p3 = null, dS = null;
        for (Value user : users(p)) {
            if (user.operation instanceof Reshape && p3 == null) p3 = user;
            else if (user.operation instanceof SoftmaxGradient && user.input(0) == p && dS == null) dS = user;
            else return;
        }
        if (p3 == null || isOutput(p3)) return;
        Value product = null, dV = null;
        for (Value user : users(p3)) {
            if (isProduct(user, false, false) && user.input(0) == p3 && product == null) product = user;
            else if (isProduct(user, true, false) && user.input(0) == p3 && dV == null) dV = user;
            else return;
        }
        Value out = product == null ? null : onlyReshape(product, q.shape);
        if (out == null || (dV == null) != (dS == null)) return;
        Match match = new Match(q, k, product.input(1), mask, ((Element) scaled.operation).constant());
        if (dV != null && !gradients(match, logits.input(0), dV, dS)) return;
        heads.put(out, new Head(match, null, 0));
    }

    private boolean gradients(Match match, Value q3, Value dV, Value dS) {
        Value dOut3 = dV.input(1), dOut = reshaped(dOut3);
        if (dOut == null || !dOut.shape.equals(match.q.shape)) return false;
        Value dP = reshaped(dS.input(1));
        if (dP == null || !isProduct(dP, false, true) || dP.input(0) != dOut3 || dP.input(1) != match.v) return false;
        Value scaled = onlyUser(dS);
        if (scaled == null || !is(scaled, MULTIPLY_CONSTANT, match.scale)) return false;
        Value dLogits = onlyUser(scaled);
        if (dLogits == null || !(dLogits.operation instanceof Reshape)) return false;
        Value dQ = null, dK = null;
        for (Value user : users(dLogits)) {
            if (isProduct(user, false, false) && user.input(0) == dLogits && user.input(1) == match.k) dQ = user;
            else if (isProduct(user, true, false) && user.input(0) == dLogits && user.input(1) == q3) dK = user;
            else return false;
        }
        Value dQ4 = dQ == null ? null : onlyReshape(dQ, match.q.shape);
        if (dQ4 == null || dK == null || isOutput(dLogits) || parts(match.k).size() > 1) return false;
        heads.put(dQ4, new Head(match, dOut, 0));
        heads.put(dK, new Head(match, dOut, 1));
        heads.put(dV, new Head(match, dOut, 2));
        return true;
    }

    /** Returns the value that {@code value} only gives another shape, or null if it is no reshape. */
    private static Value reshaped(Value value) {
        return value.operation instanceof Reshape ? value.input(0) : null;
    }

    private Value onlyUser(Value value) {
        return hidden(value) ? users(value).getFirst() : null;
    }

    private Value onlyReshape(Value value, Shape shape) {
        Value user = onlyUser(value);
        return user != null && user.operation instanceof Reshape && user.shape.equals(shape) ? user : null;
    }

    private static boolean isProduct(Value value, boolean transposeA, boolean transposeB) {
        return value.operation instanceof Product product && product.plain() && product.scale() == 1
                && product.transposeA() == transposeA && product.transposeB() == transposeB;
    }

    /**
     * Returns the keys or values {@code [keyHeads, keys, d]} as the parts that they are concatenated of, the cache and
     * what follows it, or as a single part.
     */
    private static List<Value> parts(Value keys) {
        if (!(keys.operation instanceof Permute permute) || !permute.order().equals(List.of(1, 0, 2))) {
            return List.of(keys);
        }
        Value rows = keys.input(0).operation instanceof Reshape ? keys.input(0).input(0) : keys.input(0);
        return rows.operation instanceof Concatenation && rows.inputs.size() == 2 ? rows.inputs : List.of(keys);
    }

    private List<Value> parts(Value keys, Match match) {
        List<Value> parts = parts(keys);
        if (parts.size() == 1) return List.of(now(keys));
        int heads = match.q.dim(0), dim = match.q.dim(3);
        return parts.stream().map(part -> values.permute(
                values.reshape(now(part), Shape.of(part.size() / (heads * dim), heads, dim)), List.of(1, 0, 2)))
                .toList();
    }

    @Override
    Value replacement(Value old) {
        Head head = heads.get(old);
        if (head == null) return null;
        Match match = head.match;
        Value scan = values.of(new MaskScan(), Shape.of(), now(match.mask));
        List<Value> inputs = new ArrayList<>(List.of(now(match.q)));
        inputs.addAll(parts(match.k, match));
        inputs.addAll(parts(match.v, match));
        if (head.dOut == null) {
            inputs.add(scan);
            return values.of(new RowAttention(match.scale), old.shape, inputs);
        }
        inputs.addAll(List.of(now(head.dOut), scan));
        Value parts = values.of(new RowAttentionGradient(match.scale), match.q.shape, inputs);
        return values.part(parts, head.part, old.shape);
    }
}
