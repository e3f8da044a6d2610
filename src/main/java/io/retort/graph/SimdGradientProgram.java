package io.retort.graph;

import io.retort.simd.WorkerPool;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph with its gradients on Retort's own kernels. A pass that waits keeps a workspace to itself; workspaces that are
 * free serve the next passes, the largest first. So there are as many as passes ever waited at once, and all are freed
 * when the program is closed.
 */
final class SimdGradientProgram implements GradientProgram {
    private final ParameterLayout layout;
    private final List<String> forwardOutputs;
    private final List<String> outputs;
    private final List<String> inputs;
    private final List<String> idleParameters;
    private final PlanCache forward;
    private final PlanCache plans;
    private final TrainedWeights weights;
    private final WorkerPool pool;
    private final Arena arena;
    private final List<Workspace> all = new ArrayList<>();
    private final List<Workspace> free = new ArrayList<>();
    private boolean closed;

    /**
     * @param forwardOutputs what plans of the forward pass return
     * @param outputs what plans of the whole pass return first: the same, and the loss
     * @param inputs  whose gradients they return after that
     * @param idleParameters that the loss does not depend on
     */
    SimdGradientProgram(ParameterLayout layout, List<String> forwardOutputs, List<String> outputs, List<String> inputs,
            List<String> idleParameters, PlanCache forward, PlanCache plans, TrainedWeights weights, WorkerPool pool,
            Arena arena) {
        this.layout = layout;
        this.forwardOutputs = List.copyOf(forwardOutputs);
        this.outputs = List.copyOf(outputs);
        this.inputs = List.copyOf(inputs);
        this.idleParameters = List.copyOf(idleParameters);
        this.forward = forward;
        this.plans = plans;
        this.weights = weights;
        this.pool = pool;
        this.arena = arena;
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public MemorySegment parameters() {
        return weights.parameters;
    }

    @Override
    public MemorySegment gradients() {
        return weights.gradients;
    }

    @Override
    public void row(String parameter, int row, float[] to, int at) {
        if (closed) throw new IllegalStateException("the program is closed");
        weights.row(parameter, row, to, at);
    }

    @Override
    public Result run(Map<String, Tensor> values) {
        Plan plan = plans.plan(PlanCache.shapes(values));
        Workspace workspace = take();
        try {
            workspace.steps(plan, values, 0, plan.steps().size());
            return result(workspace, plan);
        } finally {
            free.add(workspace);
        }
    }

    @Override
    public Map<String, Tensor> outputs(Map<String, Tensor> values) {
        Workspace workspace = take();
        try {
            return named(forwardOutputs, workspace.run(forward.plan(PlanCache.shapes(values)), values));
        } finally {
            free.add(workspace);
        }
    }

    @Override
    public Waiting begin(Map<String, Tensor> values, Map<String, Shape> later) {
        Map<String, Shape> shapes = PlanCache.shapes(values);
        shapes.putAll(later);
        Plan plan = plans.plan(shapes);
        Workspace workspace = take();
        try {
            workspace.steps(plan, values, 0, plan.early());
            int first = outputs.size() - forwardOutputs.size(); // the loss comes first unless it was asked for
            List<Tensor> results = workspace.results(plan, first, outputs.size());
            return new HalfDone(workspace, plan, named(forwardOutputs, results), Map.copyOf(later));
        } catch (Throwable e) {
            free.add(workspace);
            throw e;
        }
    }

    /** Takes the largest free workspace for a pass, or makes a new one if none is free. */
    private Workspace take() {
        if (closed) throw new IllegalStateException("the program is closed");
        if (free.isEmpty()) {
            Workspace workspace = new Workspace(weights, pool);
            all.add(workspace);
            return workspace;
        }
        Workspace largest = Collections.max(free, Comparator.comparingLong(Workspace::bytes));
        free.remove(largest);
        return largest;
    }

    private Result result(Workspace workspace, Plan plan) {
        for (String parameter : idleParameters) weights.memory(new Storage.Gradient(parameter)).fill((byte) 0);
        List<Tensor> results = workspace.results(plan, 0, plan.returned().size());
        return new Result(named(outputs, results.subList(0, outputs.size())),
                named(inputs, results.subList(outputs.size(), results.size())));
    }

    private static Map<String, Tensor> named(List<String> names, List<Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) named.put(names.get(i), tensors.get(i));
        return named;
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        all.forEach(Workspace::close);
        arena.close();
    }

    /** A pass whose early steps are done, in a workspace that is kept until the others are. */
    private final class HalfDone implements Waiting {
        private final Plan plan;
        private final Map<String, Tensor> outputs;
        private final Map<String, Shape> later;
        private Workspace workspace;

        HalfDone(Workspace workspace, Plan plan, Map<String, Tensor> outputs, Map<String, Shape> later) {
            this.workspace = workspace;
            this.plan = plan;
            this.outputs = outputs;
            this.later = later;
        }

        @Override
        public Map<String, Tensor> outputs() {
            return outputs;
        }

        @Override
        public Result finish(Map<String, Tensor> values) {
            if (closed) throw new IllegalStateException("the program is closed");
            if (workspace == null) throw new IllegalStateException("the pass was finished before");
            if (!PlanCache.shapes(values).equals(later))
                throw new IllegalArgumentException(values + " are not " + later);
            Workspace own = workspace;
            workspace = null;
            try {
                own.steps(plan, values, plan.early(), plan.steps().size());
                return result(own, plan);
            } finally {
                free.add(own);
            }
        }
    }
}
