package io.retort.graph;

import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A graph and the gradients that SameDiff derives of it, run in ND4J's session. */
final class StockGradientProgram implements GradientProgram {
    private static final long ALIGNMENT_BYTES = 64;
    private static final long MOST_GARBAGE_BYTES = 1L << 29;

    private final Graph graph;
    private final ParameterLayout layout;
    private final Arena arena;
    private final MemorySegment parameters;
    private final MemorySegment gradients;
    private final List<String> outputs;
    /** Names of the outputs without the loss, which a forward pass returns. */
    private final List<String> forward;
    private final List<String> inputs;
    /** Names of those parameters and inputs that the loss depends on and that therefore have a gradient. */
    private final List<String> differentiated;
    /**
     * The least physical memory, in bytes, that the process had after any run so far; {@link #collect} compares with
     * it.
     */
    private long leastBytes = Long.MAX_VALUE;
    private boolean closed;

    private StockGradientProgram(Graph graph, Map<String, ? extends ParameterValue> values, Node loss,
            List<String> outputs, List<String> inputs, Arena arena) {
        this.graph = graph;
        this.arena = arena;
        this.layout = ParameterLayout.of(graph.precision(), graph.trained());
        this.parameters = arena.allocate(layout.bytes(), ALIGNMENT_BYTES);
        this.gradients = arena.allocate(layout.bytes(), ALIGNMENT_BYTES);
        this.outputs = withLoss(loss.name(), outputs);
        this.forward = List.copyOf(outputs);
        this.inputs = List.copyOf(inputs);
        graph.bind(values);
        for (ParameterLayout.Entry entry : layout.entries()) {
            layout.slice(parameters, entry).copyFrom(values.get(entry.name()).plain().to(layout.precision()).data());
        }
        this.differentiated = differentiate(graph.sameDiff(), loss);
    }

    /** Binds the graph to these values and makes the program; what was bound is freed if that fails. */
    static StockGradientProgram of(Graph graph, Map<String, ? extends ParameterValue> values, Node loss,
            List<String> outputs, List<String> inputs) {
        Arena arena = Arena.ofShared();
        try {
            return new StockGradientProgram(graph, values, loss, outputs, inputs, arena);
        } catch (Throwable e) {
            arena.close();
            graph.free();
            throw e;
        }
    }

    private static List<String> withLoss(String loss, List<String> outputs) {
        List<String> all = new ArrayList<>(outputs);
        if (!all.contains(loss)) all.addFirst(loss);
        return List.copyOf(all);
    }

    /**
     * Has SameDiff write the gradient graph and returns the names that have a gradient in it; what the loss does not
     * depend on has none.
     */
    private List<String> differentiate(SameDiff sameDiff, Node loss) {
        sameDiff.setLossVariables(loss.variable());
        sameDiff.createGradFunction(inputs.toArray(String[]::new));
        List<String> wanted = new ArrayList<>(graph.trained().keySet());
        wanted.addAll(inputs);
        return wanted.stream().filter(name -> sameDiff.getGradForVariable(name) != null).toList();
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public MemorySegment parameters() {
        return parameters;
    }

    @Override
    public MemorySegment gradients() {
        return gradients;
    }

    @Override
    public synchronized void row(String parameter, int row, float[] to, int at) {
        if (closed) throw new IllegalStateException("the program is closed");
        NdArrays.row(graph.trained().containsKey(parameter) ? null : graph.bound(parameter), parameter, row, to, at);
    }

    @Override
    public synchronized Result run(Map<String, Tensor> values) {
        // ND4J would read freed memory.
        if (closed) throw new IllegalStateException("the program is closed");
        layout.entries().forEach(this::bind);
        Map<String, INDArray> arrays = new HashMap<>();
        values.forEach((name, tensor) -> arrays.put(name, NdArrays.fromTensor(tensor, graph.precision())));
        OutAndGrad results = graph.sameDiff().calculateGradientsAndOutputs(arrays, outputs, differentiated);
        Result result = new Result(tensors(outputs, results.getOutputs()),
                inputGradients(values, results.getGradients()));
        for (ParameterLayout.Entry entry : layout.entries()) store(entry, results.getGradients().get(entry.name()));
        results.getOutputs().values().forEach(NdArrays::free);
        results.getGradients().values().forEach(NdArrays::free);
        arrays.values().forEach(NdArrays::free);
        collect();
        return result;
    }

    @Override
    public synchronized Map<String, Tensor> outputs(Map<String, Tensor> values) {
        if (closed) throw new IllegalStateException("the program is closed");
        layout.entries().forEach(this::bind);
        Map<String, INDArray> arrays = new HashMap<>();
        values.forEach((name, tensor) -> arrays.put(name, NdArrays.fromTensor(tensor, graph.precision())));
        Map<String, INDArray> results = graph.sameDiff().output(arrays, forward);
        Map<String, Tensor> tensors = tensors(forward, results);
        results.values().forEach(NdArrays::free);
        arrays.values().forEach(NdArrays::free);
        collect();
        return tensors;
    }

    /**
     * Computes the outputs at once; the forward half is computed again when the pass is finished, because ND4J cannot
     * stop half-way.
     */
    @Override
    public Waiting begin(Map<String, Tensor> values, Map<String, Shape> later) {
        Map<String, Tensor> outputs = outputs(values);
        return new Waiting() {
            @Override
            public Map<String, Tensor> outputs() {
                return outputs;
            }

            @Override
            public Result finish(Map<String, Tensor> rest) {
                Map<String, Tensor> all = new HashMap<>(values);
                all.putAll(rest);
                return run(all);
            }
        };
    }

    /**
     * Prompts a garbage collection when memory has grown: a step's intermediate values can be gigabytes, which ND4J
     * frees only after a collection of a heap that hardly fills.
     */
    private void collect() {
        long bytes = Pointer.physicalBytes();
        leastBytes = Math.min(leastBytes, bytes);
        if (bytes > leastBytes + MOST_GARBAGE_BYTES) Nd4j.getMemoryManager().invokeGc();
    }

    /** Gives ND4J the present value of a parameter. */
    private void bind(ParameterLayout.Entry entry) {
        Tensor value = new Tensor(layout.precision(), entry.shape(), layout.slice(parameters, entry));
        INDArray array = NdArrays.fromTensor(value, layout.precision());
        graph.sameDiff().getVariable(entry.name()).getArr().assign(array);
        NdArrays.free(array);
    }

    private void store(ParameterLayout.Entry entry, INDArray gradient) {
        MemorySegment target = layout.slice(gradients, entry);
        if (gradient == null) target.fill((byte) 0);
        else target.copyFrom(NdArrays.toTensor(gradient).data());
    }

    private static Map<String, Tensor> tensors(List<String> names, Map<String, INDArray> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) tensors.put(name, NdArrays.toTensor(arrays.get(name)));
        return tensors;
    }

    private Map<String, Tensor> inputGradients(Map<String, Tensor> values, Map<String, INDArray> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String input : inputs) {
            INDArray gradient = arrays.get(input);
            tensors.put(input, gradient == null ? zeros(values.get(input).shape()) : NdArrays.toTensor(gradient));
        }
        return tensors;
    }

    private Tensor zeros(Shape shape) {
        byte[] bytes = new byte[Math.toIntExact(shape.size() * layout.precision().bytes())];
        return new Tensor(layout.precision(), shape, MemorySegment.ofArray(bytes));
    }

    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        graph.free();
        arena.close();
    }
}
