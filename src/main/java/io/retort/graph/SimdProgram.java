package io.retort.graph;

import io.retort.simd.KernelSet;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A graph on Retort's own kernels. Runs may overlap: each takes a workspace of its own. Of the workspaces that are idle
 * at most {@value #MOST_IDLE}, of {@value #MOST_IDLE_BYTES} bytes together, are kept for the next runs; the others are
 * freed at once, and all of them when the program is closed.
 */
final class SimdProgram implements Program {
    static final int MOST_IDLE = 16;
    static final long MOST_IDLE_BYTES = 1L << 30;

    private final List<String> outputs;
    private final Map<List<String>, PlanCache> plans = new ConcurrentHashMap<>();
    private final Function<List<String>, PlanCache> planning;
    private final Weights weights;
    private final WorkerPool pool;
    private final Arena arena;
    private final Deque<Workspace> idle = new ArrayDeque<>();
    /** Workspaces on plain kernels that are idle; null once runs have gone over to the best. */
    private Deque<Workspace> plain;
    private int running;
    private boolean closed;

    /**
     * Creates a program that owns the arena in which the weights lie, and closes it when the program is closed.
     *
     * @param planning function that makes the plans of some of the outputs
     * @param answering whether it runs on plain kernels until it is rehearsed
     */
    SimdProgram(List<String> outputs, Function<List<String>, PlanCache> planning, Weights weights, WorkerPool pool,
            Arena arena, boolean answering) {
        this.outputs = List.copyOf(outputs);
        this.planning = planning;
        this.weights = weights;
        this.pool = pool;
        this.arena = arena;
        this.plain = answering ? new ArrayDeque<>() : null;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return run(inputs, outputs);
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> wanted) {
        if (!outputs.containsAll(wanted)) throw new IllegalArgumentException(wanted + " are not all of " + outputs);
        return run(idle(false), inputs, wanted);
    }

    @Override
    public void rehearse(Map<String, Tensor> inputs) {
        run(idle(true), inputs, outputs);
    }

    @Override
    public synchronized void rehearsed() {
        if (plain == null) return;
        plain.forEach(Workspace::close);
        plain = null;
    }

    /** The idle workspaces that a run takes one of. */
    private synchronized Deque<Workspace> idle(boolean rehearses) {
        return plain == null || rehearses ? idle : plain;
    }

    private Map<String, Tensor> run(Deque<Workspace> lane, Map<String, Tensor> inputs, List<String> wanted) {
        Workspace workspace = take(lane);
        try {
            List<Tensor> results = workspace.run(plans.computeIfAbsent(List.copyOf(wanted), planning)
                    .plan(PlanCache.shapes(inputs)), inputs);
            Map<String, Tensor> named = new LinkedHashMap<>();
            for (int i = 0; i < results.size(); i++) named.put(wanted.get(i), results.get(i));
            return named;
        } finally {
            giveBack(workspace, lane);
        }
    }

    @Override
    public synchronized void row(String parameter, int row, float[] to, int at) {
        if (closed) throw new IllegalStateException("the program is closed");
        weights.row(parameter, row, to, at);
    }

    private synchronized Workspace take(Deque<Workspace> lane) {
        if (closed) throw new IllegalStateException("the program is closed");
        Workspace workspace = lane.isEmpty()
                ? new Workspace(weights, pool, lane == idle ? KernelSet.best() : KernelSet.plain())
                : lane.pop();
        running++;
        return workspace;
    }

    private synchronized void giveBack(Workspace workspace, Deque<Workspace> lane) {
        running--;
        boolean isOver = closed || lane != idle && lane != plain;
        if (isOver || !isKept(workspace)) workspace.close();
        else lane.push(workspace);
        if (closed && running == 0) arena.close();
    }

    private boolean isKept(Workspace workspace) {
        long bytes = idle.stream().mapToLong(Workspace::bytes).sum();
        return idle.size() < MOST_IDLE && bytes + workspace.bytes() <= MOST_IDLE_BYTES;
    }

    /** Returns how many workspaces wait for a run. */
    synchronized int idle() {
        return idle.size();
    }

    /** Returns how often the workspaces that wait for a run have bound a plan to memory. */
    synchronized int bindings() {
        return idle.stream().mapToInt(Workspace::bindings).sum();
    }

    /** Frees all memory once the runs under way have ended. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        idle.forEach(Workspace::close);
        idle.clear();
        rehearsed();
        if (running == 0) arena.close();
    }
}
