package io.retort.graph;

import io.retort.graph.Operation.RowAttentionGradient;
import io.retort.simd.Heads;
import io.retort.simd.KeyRows;
import io.retort.simd.Matrix;
import io.retort.simd.RowAttention;
import io.retort.simd.RowGroups;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Writes the steps of attention by rows: one that scans the mask, for all layers, and one for each attention. */
final class RowAttentionWriter {
    private final Lowering lowering;

    RowAttentionWriter(Lowering lowering) {
        this.lowering = lowering;
    }

    /** Writes the step that scans a mask. The workspace keeps what was found under the place that stands for it. */
    void scan(Value v) {
        Place mask = lowering.dense(v.input(0)), found = lowering.result(v);
        int rows = mask.shape().dim(2), keys = mask.shape().dim(3);
        lowering.step(v.operation, List.of(mask, found), workspace -> {
            RowGroups groups = workspace.rowGroups(found);
            MemorySegment memory = workspace.memory(mask);
            return () -> groups.scan(memory, rows, keys);
        });
    }

    void forward(Value v, float scale) {
        List<Place> in = v.inputs.stream().map(lowering::place).toList();
        Place out = lowering.stridedResult(v);
        boolean cached = in.size() == 6; // q, keys and values in two parts each, the scan
        int keyHeads = v.dim(0);
        List<Place> touched = new ArrayList<>(in);
        touched.add(out);
        lowering.step(v.operation, touched, workspace -> {
            RowGroups groups = workspace.rowGroups(in.getLast());
            RowAttention kernels = workspace.rowAttention();
            Heads[] qs = heads(workspace, in.getFirst()), outs = heads(workspace, out);
            KeyRows[] ks = keyRows(workspace, in, 1, cached), vs = keyRows(workspace, in, cached ? 3 : 2, cached);
            return () -> {
                workspace.pool().forRanges(groups.count() * keyHeads, 1, (slot, i, end) -> {
                    int head = i % keyHeads;
                    kernels.forward(groups, i / keyHeads, qs[head], ks[head], vs[head], scale, outs[head],
                            workspace.scratch(slot));
                });
                clearBlind(groups, outs);
            };
        });
    }

    void gradient(Value v, RowAttentionGradient gradient) {
        List<Place> in = v.inputs.stream().map(lowering::place).toList();
        Place dq = lowering.part(v, 0, true);
        Place dk = lowering.part(v, 1, true), dv = lowering.part(v, 2, true);
        List<Place> touched = new ArrayList<>(in);
        touched.addAll(List.of(dq, dk, dv));
        int keyHeads = v.dim(0);
        lowering.step(gradient, touched, workspace -> {
            RowGroups groups = workspace.rowGroups(in.getLast());
            RowAttention kernels = workspace.rowAttention();
            Heads[] qs = heads(workspace, in.get(0)), dOuts = heads(workspace, in.get(3)), dqs = heads(workspace, dq);
            Matrix[] ks = matrices(workspace, in.get(1)), vs = matrices(workspace, in.get(2));
            Matrix[] dks = matrices(workspace, dk), dvs = matrices(workspace, dv);
            MemorySegment allKeys = workspace.storage(dk), allValues = workspace.storage(dv);
            return () -> {
                allKeys.fill((byte) 0);
                allValues.fill((byte) 0);
                // Groups that share keys add to the same gradients: then one thread goes through all of a head.
                int together = groups.disjoint() ? 1 : groups.count();
                workspace.pool().forRanges(groups.count() * keyHeads, together, (slot, from, to) -> {
                    for (int i = from; i < to; i++) {
                        int head = i / groups.count();
                        kernels.gradient(groups, i % groups.count(), qs[head], ks[head], vs[head], gradient.scale(),
                                dOuts[head], dqs[head], dks[head], dvs[head], workspace.scratch(slot));
                    }
                });
                clearBlind(groups, dqs);
            };
        });
    }

    private static void clearBlind(RowGroups groups, Heads[] heads) {
        for (int row : groups.blind()) for (Heads each : heads) each.clear(row);
    }

    private static KeyRows[] keyRows(Workspace workspace, List<Place> in, int at, boolean cached) {
        Matrix[] past = cached ? matrices(workspace, in.get(at)) : null;
        Matrix[] fresh = matrices(workspace, in.get(cached ? at + 1 : at));
        KeyRows[] rows = new KeyRows[fresh.length];
        for (int i = 0; i < rows.length; i++) rows[i] = new KeyRows(cached ? past[i] : null, fresh[i]);
        return rows;
    }

    private static Matrix[] matrices(Workspace workspace, Place place) {
        Matrix[] matrices = new Matrix[place.matrices()];
        MemorySegment memory = workspace.storage(place);
        for (int i = 0; i < matrices.length; i++) matrices[i] = place.matrix(memory, i, false);
        return matrices;
    }

    /** Returns each head of queries {@code [keyHeads, group, rows, d]} as a matrix in the workspace's memory. */
    private static Heads[] heads(Workspace workspace, Place place) {
        Heads[] heads = new Heads[place.shape().dim(0)];
        MemorySegment memory = workspace.storage(place);
        List<Long> strides = place.strides();
        for (int i = 0; i < heads.length; i++) {
            heads[i] = new Heads(memory, Float.BYTES * i * strides.get(0), place.shape().dim(1), place.shape().dim(2),
                    place.shape().dim(3), strides.get(1), strides.get(2), strides.get(3));
        }
        return heads;
    }
}
