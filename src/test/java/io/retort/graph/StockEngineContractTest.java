package io.retort.graph;

import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/**
 * ND4J's session against Retort's own kernels without any fusion, so that each node of a graph is computed twice, by
 * code that has nothing in common. {@link StockGradientProgramTest} shows that its gradients are slopes.
 */
class StockEngineContractTest extends EngineContractTest {
    private static final Engine UNFUSED = new SimdEngine(1, Set.of());

    @AfterAll
    static void endTheThreads() {
        UNFUSED.close();
    }

    @Override
    Engine engine() {
        return Engine.stock();
    }

    @Override
    Engine oracle() {
        return UNFUSED;
    }
}
