package io.retort.graph;

import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * The plans of a program, by the shapes of its inputs; the {@value #PLANS} last used are kept. A plan itself is small
 * (it says where things go, it holds none), and compiling one takes milliseconds. Any thread: plans of different shapes
 * are compiled at once, that of one shape by the thread that first asks for it, for which the others wait.
 */
final class PlanCache {
    static final int PLANS = 256;

    private final Function<Map<String, Shape>, Plan> compiler;
    /** Plans that are there and plans in the making; guarded by itself, and never held while one is compiled. */
    private final Map<Map<String, Shape>, CompletableFuture<Plan>> plans = new LinkedHashMap<>(16, .75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, Shape>, CompletableFuture<Plan>> eldest) {
            return size() > PLANS;
        }
    };

    PlanCache(Function<Map<String, Shape>, Plan> compiler) {
        this.compiler = compiler;
    }

    /**
     * The plan for inputs of these shapes. A failure to compile it is thrown by all that wait for it, and not kept: the
     * next to ask tries again.
     */
    Plan plan(Map<String, Shape> shapes) {
        CompletableFuture<Plan> mine = new CompletableFuture<>();
        CompletableFuture<Plan> others;
        synchronized (plans) {
            others = plans.get(shapes);
            if (others == null) plans.put(Map.copyOf(shapes), mine);
        }
        return others == null ? compile(shapes, mine) : await(others);
    }

    private Plan compile(Map<String, Shape> shapes, CompletableFuture<Plan> plan) {
        try {
            plan.complete(compiler.apply(shapes));
        } catch (Throwable e) {
            synchronized (plans) {
                plans.remove(shapes, plan);
            }
            plan.completeExceptionally(e);
        }
        return await(plan);
    }

    private static Plan await(CompletableFuture<Plan> plan) {
        try {
            return plan.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) throw error;
            if (e.getCause() instanceof RuntimeException failure) throw failure;
            throw e;
        }
    }

    /** Returns the shape of each value, which is the key under which a plan is kept. */
    static Map<String, Shape> shapes(Map<String, Tensor> values) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        values.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return shapes;
    }
}
