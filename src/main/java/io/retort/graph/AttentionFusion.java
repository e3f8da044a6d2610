package io.retort.graph;

import io.retort.graph.Operation.Attention;
import io.retort.graph.Operation.AttentionGradient;
import io.retort.graph.Operation.Product;
import io.retort.graph.Operation.Softmax;
import io.retort.graph.Operation.SoftmaxGradient;
import io.retort.simd.ElementOp;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code O = softmax(s Q Kᵀ + mask + bias) V} by heads, and where SameDiff has derived its gradient, that too:
 *
 * <pre>
 * dV = Pᵀ dO,  dP = dO Vᵀ,  dS = softmaxGradient(P, dP),  dQ = s dS K,  dK = s dSᵀ Q
 * </pre>
 *
 * The mask has one row for a whole text; the bias, as of distances, has one for each query and is shared by texts, by
 * heads or by neither. dS is given out where the bias is learned.
 *
 * Fused only if nobody else looks at the probabilities P; they are then made anew for the gradient, which is quicker
 * than to store and read them.
 */
final class AttentionFusion extends Rewriting {
    private final Map<Value, Head> heads = new IdentityHashMap<>();

    /** The fused value that replaces an old one. */
    private record Head(Value probabilities, Addends addends, Value v, Value dOut, int part) {
    }

    /** What is added to the logits, each null if there is none. */
    private record Addends(Value mask, Value bias) {
    }

    @Override
    void prepare(List<Value> order) {
        for (Value value : order) {
            if (value.operation instanceof Softmax && value.rank() == 4 && !isOutput(value)) match(value);
        }
    }

    private void match(Value p) {
        Value logits = p.input(0);
        Addends addends = addends(p);
        if (!isProduct(logits, false, true, 1) || !hidden(logits) || addends == null) return;
        Value out = null, dV = null, dS = null;
        for (Value user : users(p)) {
            if (isProduct(user, false, false, 1) && user.input(0) == p && out == null) out = user;
            else if (isProduct(user, true, false, 1) && user.input(0) == p && dV == null) dV = user;
            else if (user.operation instanceof SoftmaxGradient && user.input(0) == p && dS == null) dS = user;
            else return;
        }
        if (out == null) return;
        Value v = out.input(1);
        if (dV != null || dS != null) {
            if (dV == null || dS == null || !gradients(p, addends, v, dV, dS)) return;
        }
        heads.put(out, new Head(p, addends, v, null, 0));
    }

    private boolean gradients(Value p, Addends addends, Value v, Value dV, Value dS) {
        float scale = ((Softmax) p.operation).scale();
        Value dOut = dV.input(1), dP = dS.input(1), q = p.input(0).input(0), k = p.input(0).input(1);
        if (!isProduct(dP, false, true, 1) || !hidden(dP) || dP.input(0) != dOut || dP.input(1) != v) return false;
        Value dQ = null, dK = null;
        boolean others = isOutput(dS);
        for (Value user : new ArrayList<>(users(dS))) {
            if (isProduct(user, false, false, scale) && user.input(0) == dS && user.input(1) == k) dQ = user;
            else if (isProduct(user, true, false, scale) && user.input(0) == dS && user.input(1) == q) dK = user;
            else others = true;
        }
        if (dQ == null || dK == null || others && addends.bias == null) return false;
        heads.put(dQ, new Head(p, addends, v, dOut, 0));
        heads.put(dK, new Head(p, addends, v, dOut, 1));
        heads.put(dV, new Head(p, addends, v, dOut, 2));
        if (others) heads.put(dS, new Head(p, addends, v, dOut, 3));
        return true;
    }

    private static boolean isProduct(Value value, boolean transposeA, boolean transposeB, float scale) {
        return value.operation instanceof Product product && product.plain() && product.transposeA() == transposeA
                && product.transposeB() == transposeB && product.scale() == scale;
    }

    /** Returns what is added to the logits in the parts that the fused kernel takes, or null if it takes no such. */
    private static Addends addends(Value p) {
        if (p.inputs.size() == 1) return new Addends(null, null);
        Value all = p.input(1);
        if (isMask(all, p)) return new Addends(all, null);
        if (is(all, ElementOp.ADD)) {
            // The sum is as large as the logits of all texts; its parts are small.
            for (Value mask : all.inputs) {
                Value bias = other(all, mask);
                if (isMask(mask, p) && isBias(bias, p)) return new Addends(mask, bias);
            }
        }
        return isBias(all, p) ? new Addends(null, all) : null;
    }

    /** Whether a value has one row for a whole text, {@code [batch, 1, 1, time]}. */
    private static boolean isMask(Value addend, Value p) {
        return SoftmaxFusion.rowsPerRow(addend, p) == p.dim(1) * p.dim(2);
    }

    private static boolean isBias(Value addend, Value p) {
        return addend.rank() >= 2 && addend.dim(-1) == p.dim(-1) && addend.dim(-2) == p.dim(-2);
    }

    @Override
    Value replacement(Value old) {
        Head head = heads.get(old);
        if (head == null) return null;
        Value p = head.probabilities;
        float scale = ((Softmax) p.operation).scale();
        List<Value> inputs = new ArrayList<>(List.of(now(p.input(0).input(0)), now(p.input(0).input(1)), now(head.v)));
        if (head.dOut != null) inputs.add(now(head.dOut));
        Addends addends = head.addends;
        boolean masked = addends.mask != null, biased = addends.bias != null;
        if (masked) inputs.add(now(addends.mask));
        if (biased) inputs.add(now(addends.bias));
        if (head.dOut == null) return values.of(new Attention(scale, masked, biased), old.shape, inputs);
        Value parts = values.of(new AttentionGradient(scale, masked, biased), inputs.getFirst().shape, inputs);
        return values.part(parts, head.part, old.shape);
    }
}
