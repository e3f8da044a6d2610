package io.retort.graph;

import io.retort.simd.MatrixKernels;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Compiles SameDiff graphs for Retort's own kernels, once for each combination of input shapes. The stages are {@link
 * Recording}, {@link Translation}, {@link Fusion} and {@link Lowering}. It computes in F32.
 */
final class SimdEngine implements Engine {
    private final WorkerPool pool;
    private final boolean ownsPool;
    private final Set<Fusion> fusions;
    private final boolean answering;

    /** Creates an engine on the threads of a pool, which the caller closes. */
    SimdEngine(WorkerPool pool) {
        this(pool, false, Fusion.ALL, false);
    }

    /** Creates an engine on threads of its own, which end when it is closed. */
    SimdEngine(int threads) {
        this(threads, Fusion.ALL);
    }

    /** Creates an engine that applies these fusions only; each must give right results without the others. */
    SimdEngine(int threads, Set<Fusion> fusions) {
        this(new WorkerPool(threads), true, fusions, false);
    }

    private SimdEngine(WorkerPool pool, boolean ownsPool, Set<Fusion> fusions, boolean answering) {
        this.pool = pool;
        this.ownsPool = ownsPool;
        this.fusions = Set.copyOf(fusions);
        this.answering = answering;
    }

    @Override
    public Engine answering() {
        return new SimdEngine(pool, false, fusions, true);
    }

    @Override
    public String name() {
        return "simd";
    }

    @Override
    public String description() {
        return MatrixKernels.best().name() + " kernels, " + pool.threads() + " threads";
    }

    @Override
    public Program compile(Graph graph, Map<String, ? extends ParameterValue> parameters, List<String> outputs) {
        check(graph, parameters);
        // The program keeps nothing of the graph itself, so ND4J may free what native memory it has of it.
        Map<String, Shape> declared = graph.parameters();
        Recording recording = graph.recording();
        return closedOnFailure(arena -> {
            Weights weights = FixedWeights.packed(only(declared.keySet(), parameters), recording, pool, arena);
            return new SimdProgram(outputs, wanted -> new PlanCache(shapes -> Lowering.lower(
                    fused(recording, shapes, declared, wanted), Map.of())), weights, pool, arena, answering);
        });
    }

    private static Map<String, ParameterValue> only(Set<String> names, Map<String, ? extends ParameterValue> values) {
        Map<String, ParameterValue> only = new LinkedHashMap<>();
        for (String name : names) only.put(name, values.get(name));
        return only;
    }

    /** Makes a program on an arena of its own, which is freed if making the program fails. */
    private static <P> P closedOnFailure(Function<Arena, P> program) {
        Arena arena = Arena.ofShared();
        try {
            return program.apply(arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public GradientProgram differentiate(Graph graph, Map<String, ? extends ParameterValue> parameters, Node loss,
            List<String> outputs, List<String> inputs) {
        check(graph, parameters);
        List<String> returned = new ArrayList<>(outputs);
        if (!returned.contains(loss.name())) returned.addFirst(loss.name());
        Gradients gradients = Gradients.of(graph, parameters, loss, inputs);
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, graph.trained());
        Map<String, Shape> declared = graph.parameters();
        Set<String> late = gradients.recording.notNeededBy(outputs);
        PlanCache forward = new PlanCache(
                shapes -> Lowering.lower(fused(gradients.recording, shapes, declared, outputs), Map.of()));
        PlanCache plans = new PlanCache(shapes -> plan(gradients, shapes, declared, returned, inputs, late));
        List<String> idle = graph.trained().keySet().stream().filter(name -> !gradients.names.containsKey(name))
                .toList();
        return closedOnFailure(arena -> {
            TrainedWeights weights = new TrainedWeights(layout, only(declared.keySet(), parameters),
                    gradients.recording, pool, arena);
            return new SimdGradientProgram(layout, outputs, returned, inputs, idle, forward, plans, weights, pool,
                    arena);
        });
    }

    @Override
    public boolean keepsBlocks() {
        return true;
    }

    @Override
    public void close() {
        if (ownsPool) pool.close();
    }

    private static void check(Graph graph, Map<String, ? extends ParameterValue> parameters) {
        StockEngine.check(graph, parameters);
        if (graph.precision() != ElementType.F32) {
            throw new UnsupportedOperationException(
                    "the simd engine computes in F32, this graph is " + graph.precision()
                            + "; run it with the stock engine");
        }
    }

    private List<Value> fused(Recording recording, Map<String, Shape> shapes, Map<String, Shape> parameters,
            List<String> names) {
        return Fusion.fuse(Translation.translate(recording, shapes, parameters, names), fusions);
    }

    /**
     * Compiles the plan of a training pass. Outputs and gradients of inputs are returned as tensors; gradients of
     * parameters lie in their flat buffer.
     */
    private Plan plan(Gradients gradients, Map<String, Shape> shapes, Map<String, Shape> parameters,
            List<String> outputs, List<String> inputs, Set<String> late) {
        List<String> names = new ArrayList<>(outputs);
        names.addAll(gradients.names.values());
        List<Value> values = fused(gradients.recording, shapes, parameters, names);
        Map<String, Value> gradientOf = new LinkedHashMap<>();
        int next = outputs.size();
        for (String name : gradients.names.keySet()) gradientOf.put(name, values.get(next++));
        List<Value> returned = new ArrayList<>(values.subList(0, outputs.size()));
        for (String input : inputs) {
            Value gradient = gradientOf.remove(input);
            returned.add(gradient != null ? gradient : new Values().fill(0, shapes.get(input)));
        }
        Map<Storage, Value> targets = new LinkedHashMap<>();
        gradientOf.forEach((name, value) -> targets.put(new Storage.Gradient(name), value));
        return Lowering.lower(returned, targets, late);
    }

    /**
     * A recorded graph together with its gradients.
     *
     * @param names of the gradients of parameters and inputs; those that the loss does not depend on have none
     */
    private record Gradients(Recording recording, Map<String, String> names) {
        static Gradients of(Graph graph, Map<String, ? extends ParameterValue> parameters, Node loss,
                List<String> inputs) {
            graph.bind(parameters, graph.trained().keySet()); // SameDiff differentiates variables only
            try {
                return of(graph, loss, inputs);
            } finally {
                graph.free(); // it has said all that it had to say
            }
        }

        private static Gradients of(Graph graph, Node loss, List<String> inputs) {
            SameDiff sameDiff = graph.sameDiff();
            sameDiff.setLossVariables(loss.variable());
            sameDiff.createGradFunction(inputs.toArray(String[]::new));
            Map<String, String> names = new LinkedHashMap<>();
            List<String> wanted = new ArrayList<>(graph.trained().keySet());
            wanted.addAll(inputs);
            for (String name : wanted) {
                SDVariable gradient = sameDiff.getGradForVariable(name);
                if (gradient != null) names.put(name, gradient.name());
            }
            Recording recording = graph.recordingOf(sameDiff.getFunction("grad"));
            return new Gradients(recording, names);
        }
    }
}
