package io.retort.graph;

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
    private int running;
    private boolean closed;

    /**
     * Creates a program that owns the arena in which the weights lie, and closes it when the program is closed.
     *
     * @param planning function that makes the plans of some of the outputs
     */
    SimdProgram(List<String> outputs, Function<List<String>, PlanCache> planning, Weights weights, WorkerPool pool,
            Arena arena) {
        this.outputs = List.copyOf(outputs);
        this.planning = planning;
        this.weights = weights;
        this.pool = pool;
        this.arena = arena;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return run(inputs, outputs);
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> wanted) {
        if (!outputs.containsAll(wanted)) throw new IllegalArgumentException(wanted + " are not all of " + outputs);
        Workspace workspace = take();
        try {
            List<Tensor> results = workspace.run(plans.computeIfAbsent(List.copyOf(wanted), planning)
                    .plan(PlanCache.shapes(inputs)), inputs);
            Map<String, Tensor> named = new LinkedHashMap<>();
            for (int i = 0; i < results.size(); i++) named.put(wanted.get(i), results.get(i));
            return named;
        } finally {
            giveBack(workspace);
        }
    }

    @Override
    public synchronized void row(String parameter, int row, float[] to, int at) {
        if (closed) throw new IllegalStateException("the program is closed");
        weights.row(parameter, row, to, at);
    }

    private synchronized Workspace take() {
        if (closed) throw new IllegalStateException("the program is closed");
        Workspace workspace = idle.isEmpty() ? new Workspace(weights, pool) : idle.pop();
        running++;
        return workspace;
    }

    private synchronized void giveBack(Workspace workspace) {
        running--;
        if (closed || !isKept(workspace)) workspace.close();
        else idle.push(workspace);
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

    /** Frees all memory once the runs under way have ended. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        idle.forEach(Workspace::close);
        idle.clear();
        if (running == 0) arena.close();
    }
}
