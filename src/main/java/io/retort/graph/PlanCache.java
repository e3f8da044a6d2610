package io.retort.graph;

import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The plans of a program, by the shapes of its inputs; the {@value #PLANS} last used are kept. A plan itself is small
 * (it says where things go, it holds none), and compiling one takes milliseconds. Any thread.
 */
final class PlanCache {
    static final int PLANS = 256;

    private final Function<Map<String, Shape>, Plan> compiler;
    private final Map<Map<String, Shape>, Plan> plans = new LinkedHashMap<>(16, .75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, Shape>, Plan> eldest) {
            return size() > PLANS;
        }
    };

    PlanCache(Function<Map<String, Shape>, Plan> compiler) {
        this.compiler = compiler;
    }

    /** The plan for inputs of these shapes; two threads that need a new one at once wait for each other. */
    synchronized Plan plan(Map<String, Shape> shapes) {
        return plans.computeIfAbsent(shapes, compiler);
    }

    /** Shapes of values. */
    static Map<String, Shape> shapes(Map<String, Tensor> values) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        values.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return shapes;
    }
}
