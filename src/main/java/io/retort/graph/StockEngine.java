package io.retort.graph;

import io.retort.files.BadInput;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.nd4j.linalg.factory.Nd4j;

/** Runs graphs in ND4J's own session, which is the oracle that other engines are tested against. */
final class StockEngine implements Engine {
    private StockEngine() {}

    /**
     * Returns the one instance. ND4J loads its native libraries here, on first use, which takes about half a second.
     *
     * @throws BadInput if they do not load on this machine
     */
    static StockEngine instance() {
        try {
            return Holder.INSTANCE;
        } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
            String why = e.getCause() == null ? e.toString() : e.getCause().toString();
            throw BadInput.of("ND4J finds no backend that runs here (" + why + ")",
                    "choose the natives of this CPU or GPU as docs/nd4j-notes.md tells").causedBy(e);
        }
    }

    @Override
    public String name() {
        return "stock";
    }

    @Override
    public String description() {
        Properties environment = Nd4j.getExecutioner().getEnvironmentInformation();
        return "ND4J " + Nd4j.getBackend().getClass().getSimpleName() + ", " + environment.getProperty("backend")
                + " on "
                + environment.getProperty("os") + ", BLAS " + environment.get("blas.vendor") + ", "
                + environment.get("omp.threads") + " threads";
    }

    @Override
    public Program compile(Graph graph, Map<String, ? extends ParameterValue> parameters, List<String> outputs) {
        check(graph, parameters);
        try {
            graph.bind(parameters);
            return new StockProgram(graph, outputs);
        } catch (Throwable e) {
            graph.free();
            throw e;
        }
    }

    @Override
    public GradientProgram differentiate(Graph graph, Map<String, ? extends ParameterValue> parameters, Node loss,
            List<String> outputs, List<String> inputs) {
        check(graph, parameters);
        return StockGradientProgram.of(graph, parameters, loss, outputs, inputs);
    }

    @Override
    public boolean keepsBlocks() {
        return false;
    }

    /** Does nothing: the threads are ND4J's and stay as long as the JVM. */
    @Override
    public void close() {}

    /** Checks that every declared parameter has a value of its shape. */
    static void check(Graph graph, Map<String, ? extends ParameterValue> parameters) {
        for (Map.Entry<String, Shape> declared : graph.parameters().entrySet()) {
            String name = declared.getKey();
            ParameterValue value = parameters.get(name);
            if (value == null) throw new IllegalArgumentException("no value for parameter " + name);
            if (!value.shape().equals(declared.getValue())) {
                throw new IllegalArgumentException(
                        name + " is declared " + declared.getValue() + ", its value is " + value);
            }
        }
    }

    private static final class Holder {
        static final StockEngine INSTANCE = start();

        private static StockEngine start() {
            Nd4j.getBackend();
            return new StockEngine();
        }
    }
}
