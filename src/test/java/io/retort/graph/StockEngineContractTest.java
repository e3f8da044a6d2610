package io.retort.graph;

/** The oracle keeps the contract as well; that its numbers are right, {@link StockGradientProgramTest} shows. */
class StockEngineContractTest extends EngineContractTest {
    @Override
    Engine engine() {
        return Engine.stock();
    }
}
