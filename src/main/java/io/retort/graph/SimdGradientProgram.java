package io.retort.graph;

import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph with its gradients on Retort's own kernels. */
final class SimdGradientProgram implements GradientProgram {
    private final ParameterLayout layout;
    private final List<String> outputs;
    private final List<String> inputs;
    private final List<String> idle;
    private final PlanCache plans;
    private final TrainedWeights weights;
    private final Workspace workspace;
    private final Arena arena;
    private boolean closed;

    /**
     * @param outputs what plans return first
     * @param inputs  whose gradients they return after that
     * @param idle    parameters that the loss does not depend on
     */
    SimdGradientProgram(ParameterLayout layout, List<String> outputs, List<String> inputs, List<String> idle,
            PlanCache plans, TrainedWeights weights, WorkerPool pool, Arena arena) {
        this.layout = layout;
        this.outputs = List.copyOf(outputs);
        this.inputs = List.copyOf(inputs);
        this.idle = List.copyOf(idle);
        this.plans = plans;
        this.weights = weights;
        this.workspace = new Workspace(weights, pool);
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
    public Result run(Map<String, Tensor> values, Interlude interlude) {
        if (closed) throw new IllegalStateException("the program is closed");
        for (String parameter : idle) weights.memory(new Storage.Gradient(parameter)).fill((byte) 0);
        Plan plan = plans.plan(values);
        int pause = plan.firstReader(interlude.fills());
        workspace.begin(plan, values);
        workspace.steps(plan, 0, pause);
        if (pause < plan.steps().size()) {
            interlude.work()
                    .accept(named(outputs.subList(1, outputs.size()), workspace.returned(plan, 1, outputs.size())));
            workspace.feed(plan, values, interlude.fills());
            workspace.steps(plan, pause, plan.steps().size());
        }
        List<Tensor> results = workspace.returned(plan, 0, plan.returned().size());
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
        workspace.close();
        arena.close();
    }
}
