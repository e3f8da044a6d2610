package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A computation, one operation a method, in the words of ND4J's SameDiff. Shapes are row-major; a dimension of an input
 * may be left open ({@link #ANY}) and is then known only when the graph runs. Only operations whose forward value
 * <em>and</em> gradient are right in ND4J are here.
 *
 * <p>Parameters are declared with name and shape alone, so that the same model code serves loading, checking and
 * training; their values are bound by {@link Engine#compile}. A graph is written by one thread and not changed after
 * its first compilation.
 *
 * <p>What is written is noted, and SameDiff is told of it only when somebody asks for {@link #sameDiff()}: the stock
 * engine, and whoever wants gradients. Starting ND4J takes longer than answering, so what only answers never does.
 */
public final class Graph {
    /** Marks a dimension of an input that stays open until the graph runs. */
    public static final int ANY = -1;
    /**
     * Added to probabilities so that no logarithm of zero is taken: above the least normal float, and lost beside any
     * probability that counts.
     */
    private static final double LEAST_PROBABILITY = 1e-37;
    /** The first integer argument of SameDiff's reshape: row-major. */
    private static final long ROW_MAJOR = -99;
    private static final long[] NO_INTEGERS = {};
    private static final double[] NO_REALS = {};

    private final ElementType precision;
    private final SequencedMap<String, Shape> parameters = new LinkedHashMap<>();
    private final Map<String, Node> declared = new HashMap<>();
    private final Set<String> states = new HashSet<>();
    private final Notation notation;
    private Predicate<String> trained = any -> true;

    /**
     * Makes a graph in SameDiff's words.
     *
     * @param sameDiff where somebody began it in SameDiff itself; null for an empty one
     */
    Graph(SameDiff sameDiff, ElementType precision) {
        this.notation = new Notation(sameDiff);
        this.precision = precision;
    }

    /**
     * Creates an empty graph that computes in floats, or in doubles for gradient checks and references.
     *
     * @param precision F32 or F64
     */
    public static Graph of(ElementType precision) {
        if (precision != ElementType.F32 && precision != ElementType.F64) {
            throw new IllegalArgumentException("graphs compute in F32 or F64, not " + precision);
        }
        return new Graph(null, precision);
    }

    /** Returns the graph in SameDiff, where more may be added to it by hand. */
    SameDiff sameDiff() {
        return notation.sameDiff();
    }

    /** Returns what the graph says; SameDiff is asked only if it knows the graph already, and perhaps more of it. */
    Recording recording() {
        return isInSameDiff() ? recordingOf(sameDiff()) : notation.recording();
    }

    boolean isInSameDiff() {
        return notation.isInSameDiff();
    }

    /** Reads a function that SameDiff made of this graph, such as its gradients. */
    Recording recordingOf(SameDiff function) {
        return Recording.of(function, parameters.keySet(), states);
    }

    private Node call(String operation, Notation.Writer writer, Node... inputs) {
        return call(operation, NO_INTEGERS, NO_REALS, false, writer, inputs);
    }

    private Node call(String operation, long[] integers, double[] reals, boolean keep, Notation.Writer writer,
            Node... inputs) {
        return notation.call(new Recording.Call(operation, List.of(), List.of(), integers, reals, keep), writer,
                inputs);
    }

    /** Returns the element type in which the graph computes, F32 or F64. */
    public ElementType precision() {
        return precision;
    }

    /** Returns names and shapes of the declared parameters, in order of declaration. */
    public SequencedMap<String, Shape> parameters() {
        return Collections.unmodifiableSequencedMap(parameters);
    }

    /**
     * Says which parameters are trained; all of them if this is never called. The others have no gradient, and nothing
     * is computed for one.
     */
    public void trainOnly(Predicate<String> names) {
        trained = names;
    }

    /** Returns names and shapes of those declared parameters that are trained, in order of declaration. */
    SequencedMap<String, Shape> trained() {
        SequencedMap<String, Shape> those = new LinkedHashMap<>(parameters);
        those.keySet().removeIf(trained.negate());
        return those;
    }

    /** Declares a value that the caller feeds at each run. */
    public Node input(String name, int... dims) {
        return notation.leaf(name, Recording.Leaf.INPUT, null, placeHolder(name, dims));
    }

    /**
     * A value fed at each run that the caller keeps from run to run, such as a cache of keys: an engine may read it
     * where it lies, off the heap, instead of copying it. The caller must not change it during a run.
     */
    public Node state(String name, int... dims) {
        states.add(name);
        return notation.leaf(name, Recording.Leaf.STATE, null, placeHolder(name, dims));
    }

    private Notation.Writer placeHolder(String name, int... dims) {
        long[] shape = longs(dims);
        return w -> w.gives(w.sd.placeHolder(name, NdArrays.dataType(precision), shape));
    }

    private static long[] longs(int... values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /** Declares a value that never changes. */
    public Node constant(Tensor value) {
        return notation.leaf(notation.fresh("constant"), Recording.Leaf.CONSTANT, value.to(precision),
                w -> w.gives(w.sd.constant(NdArrays.fromTensor(value, precision))));
    }

    /** Declares whole numbers that are part of a shape. */
    private Node shape(int... dims) {
        long[] values = longs(dims);
        return notation.leaf(notation.fresh("shape"), Recording.Leaf.CONSTANT, values,
                w -> w.gives(w.sd.constant(Nd4j.createFromArray(values))));
    }

    /**
     * Declares a trainable value (but see {@link #trainOnly}) of that name and shape. Declaring a name again, as tied
     * weights do, gives the same node.
     */
    public Node parameter(String name, int... dims) {
        Shape shape = Shape.of(dims);
        Shape before = parameters.putIfAbsent(name, shape);
        if (before != null && !before.equals(shape)) {
            throw new IllegalArgumentException(name + " is " + before + ", not " + shape);
        }
        // SameDiff.var would allocate the value at once, by a shape that may come from an untrusted file.
        if (before == null) {
            declared.put(name, notation.leaf(name, Recording.Leaf.PARAMETER, null, placeHolder(name, dims)));
        }
        return declared.get(name);
    }

    /** Adds element by element, with broadcasting of dimensions of size 1 and of missing leading dimensions. */
    public Node add(Node a, Node b) {
        return call("add", w -> w.gives(w.in[0].add(w.in[1])), a, b);
    }

    /** Computes {@code a − b} element by element, with the broadcasting of {@link #add}. */
    public Node subtract(Node a, Node b) {
        return call("subtract", w -> w.gives(w.in[0].sub(w.in[1])), a, b);
    }

    /** Multiplies element by element, with the broadcasting of {@link #add}. */
    public Node multiply(Node a, Node b) {
        return call("multiply", w -> w.gives(w.in[0].mul(w.in[1])), a, b);
    }

    /** Computes {@code a / b} element by element, with the broadcasting of {@link #add}. */
    public Node divide(Node a, Node b) {
        // ND4J's own gradient of a quotient is wrong where b is a single element (docs/nd4j-notes.md).
        return multiply(a, scalar("rdiv_scalar", 1, w -> w.gives(w.in[0].rdiv(1)), b));
    }

    public Node add(Node a, double constant) {
        return scalar("add_scalar", constant, w -> w.gives(w.in[0].add(constant)), a);
    }

    public Node multiply(Node a, double constant) {
        return scalar("mul_scalar", constant, w -> w.gives(w.in[0].mul(constant)), a);
    }

    /** Notes an operation with a number, which SameDiff keeps in the graph's precision. */
    private Node scalar(String operation, double number, Notation.Writer writer, Node x) {
        double kept = precision == ElementType.F32 ? (float) number : number;
        return call(operation, NO_INTEGERS, new double[]{kept}, false, writer, x);
    }

    /**
     * Matrix product over the last two dimensions; the leading ones must agree. Both operands have the same rank (rank
     * 3 by rank 2 throws in ND4J: {@link #flatten} first).
     */
    public Node matmul(Node a, Node b) {
        return product(false, w -> w.gives(w.sd.mmul(w.in[0], w.in[1])), a, b);
    }

    /** Computes {@code a · bᵀ} over the last two dimensions, by the rules of {@link #matmul}. */
    public Node matmulTransposed(Node a, Node b) {
        return product(true, w -> w.gives(w.sd.mmul(w.in[0], w.in[1], false, true, false)), a, b);
    }

    private Node product(boolean transposed, Notation.Writer writer, Node a, Node b) {
        return call("matmul", new long[]{0, transposed ? 1 : 0, 0}, new double[]{1, 0}, false, writer, a, b);
    }

    /** Computes the softmax over the last dimension. */
    public Node softmax(Node x) {
        return call("softmax", new long[]{-1}, NO_REALS, false, w -> w.gives(w.sd.nn.softmax(w.in[0], -1)), x);
    }

    /**
     * Computes the natural logarithm of the {@link #softmax} of {@code x}, which has rank 2. ND4J evaluates it
     * literally: in F32, an element that is 87 or more below the largest of its row may become negative infinity. So do
     * not mask with large negative numbers here.
     */
    public Node logSoftmax(Node x) {
        return call("log_softmax", w -> w.gives(w.sd.nn.logSoftmax(w.in[0])), x);
    }

    /**
     * {@code log Σ_j exp x_j} over the last dimension, which stays with size 1; {@code x} of rank 2. Exact, in value and
     * gradient, however far its elements lie apart: what is masked by a large negative number has no part in either.
     */
    public Node logSumExp(Node x) {
        // With p = softmax(x), log Z = x_j − log p_j for every j: their mean under p, where p_j = 0 counts nothing.
        Node p = softmax(x);
        Node energies = subtract(x, log(add(p, LEAST_PROBABILITY)));
        return sum(multiply(p, energies), 1, true);
    }

    public Node exp(Node x) {
        return call("exp", w -> w.gives(w.sd.math.exp(w.in[0])), x);
    }

    /** Computes the natural logarithm element by element. */
    public Node log(Node x) {
        return call("log", w -> w.gives(w.sd.math.log(w.in[0])), x);
    }

    public Node erf(Node x) {
        return call("erf", w -> w.gives(w.sd.math.erf(w.in[0])), x);
    }

    public Node tanh(Node x) {
        return call("tanh", w -> w.gives(w.sd.math.tanh(w.in[0])), x);
    }

    /** Computes the logistic function {@code 1 / (1 + e^-x)} element by element. */
    public Node sigmoid(Node x) {
        return call("sigmoid", w -> w.gives(w.sd.nn.sigmoid(w.in[0])), x);
    }

    public Node squareRoot(Node x) {
        return call("sqrt", w -> w.gives(w.sd.math.sqrt(w.in[0])), x);
    }

    /** Sums over one dimension, which stays with size 1 if {@code keep} and disappears otherwise. */
    public Node sum(Node x, int axis, boolean keep) {
        return call("reduce_sum", new long[]{axis}, NO_REALS, keep, w -> w.gives(w.in[0].sum(keep, axis)), x);
    }

    /** Averages over one dimension, which stays with size 1 if {@code keep} and disappears otherwise. */
    public Node mean(Node x, int axis, boolean keep) {
        return call("reduce_mean", new long[]{axis}, NO_REALS, keep, w -> w.gives(w.in[0].mean(keep, axis)), x);
    }

    /** Reorders dimensions: dimension {@code i} of the result is dimension {@code order[i]} of {@code x}. */
    public Node permute(Node x, int... order) {
        return call("permute", longs(order), NO_REALS, false, w -> w.gives(w.sd.permute(w.in[0], order)), x);
    }

    /** Puts {@code b} after {@code a} along the first dimension; the other dimensions must agree. */
    public Node concatenate(Node a, Node b) {
        return call("concat", new long[]{0}, NO_REALS, false, w -> w.gives(w.sd.concat(0, w.in)), a, b);
    }

    /**
     * Turns each index into a row of zeros with a one at that index: {@code [n] → [n, depth]}. Multiplied by values and
     * summed, such a row selects an element with a correct gradient, which ND4J's gather does not have.
     *
     * @param indices whole numbers of {@code [0, depth)}
     */
    public Node oneHot(Node indices, int depth) {
        return call("onehot", new long[]{-1, depth}, new double[]{1, 0}, false,
                w -> w.gives(w.sd.oneHot(w.in[0], depth, -1, 1, 0, NdArrays.dataType(precision))),
                cast(indices, false));
    }

    /** Turns numbers into integers of 64 bits, as shapes are made of, or of 32. */
    private Node cast(Node x, boolean wide) {
        long type = wide ? 10 : 9; // the numbers that ND4J has for INT64 and INT32
        return call("cast", new long[]{type}, NO_REALS, false,
                w -> w.gives(w.in[0].castTo(wide ? DataType.INT64 : DataType.INT32)), x);
    }

    /** The same elements in the same order under another shape, of which one dimension may be {@link #ANY}. */
    public Node reshape(Node x, int... dims) {
        long[] shape = longs(dims);
        return call("reshape", LongStream.concat(LongStream.of(ROW_MAJOR), LongStream.of(shape)).toArray(), NO_REALS,
                false, w -> w.gives(w.in[0].reshape(shape)), x);
    }

    /** Joins all dimensions but the last: {@code [..., last] → [product of the others, last]}. */
    public Node flatten(Node x, int last) {
        return reshape(x, ANY, last);
    }

    /**
     * Gives {@code x} the shape of the first {@code leading} dimensions of {@code like}, which are known only at run
     * time, followed by {@code trailing}.
     */
    public Node reshapeLike(Node x, Node like, int leading, int... trailing) {
        return reshapeTo(x, concatenate(dims(like, 0, leading), shape(trailing)));
    }

    /**
     * Gives {@code x} the shape of {@code leading} followed by all dimensions of {@code like} from {@code from} on, which
     * are known only at run time.
     */
    public Node reshapeToTrailing(Node x, int[] leading, Node like, int from, int rank) {
        Node last = dims(like, from, rank);
        return reshapeTo(x, leading.length == 0 ? last : concatenate(shape(leading), last));
    }

    /** Some dimensions of a value, as whole numbers. */
    private Node dims(Node x, int from, int to) {
        Node all = call("shape_of", w -> w.gives(w.sd.shape(w.in[0])), x);
        return cast(call("strided_slice", new long[]{0, 0, 0, 0, 0, from, to, 1}, NO_REALS, false,
                w -> w.gives(w.in[0].get(SDIndex.interval(from, to))), all), true);
    }

    private Node reshapeTo(Node x, Node shape) {
        return call("reshape", new long[]{ROW_MAJOR}, NO_REALS, false, w -> w.gives(w.in[0].reshape(w.in[1])), x,
                shape);
    }

    /** ND4J's own layer norm, which adds no epsilon. */
    Node layerNorm(Node x, Node weight, Node bias) {
        return call("layer_norm", new long[]{1}, NO_REALS, false,
                w -> w.gives(w.sd.nn.layerNorm(w.in[0], w.in[1], w.in[2], false, 1)), x, weight, bias);
    }

    /** Gives every parameter its value; from then on the parameters are trainable variables of SameDiff. */
    void bind(Map<String, ? extends ParameterValue> values) {
        bind(values, parameters.keySet());
    }

    /** Gives those parameters their values that are trained, which is enough to have gradients derived. */
    void bindTrained(Map<String, ? extends ParameterValue> values) {
        bind(values, trained().keySet());
    }

    private void bind(Map<String, ? extends ParameterValue> values, Set<String> names) {
        List<SDVariable> placeHolders = new ArrayList<>();
        SameDiff sameDiff = sameDiff();
        for (String name : names) {
            SDVariable variable = sameDiff.getVariable(name);
            sameDiff.associateArrayWithVariable(NdArrays.fromTensor(values.get(name).plain(), precision), variable);
            if (variable.getVariableType() == VariableType.PLACEHOLDER) placeHolders.add(variable);
        }
        if (!placeHolders.isEmpty()) sameDiff.convertToVariables(placeHolders);
    }

    /** Returns the bound value of a parameter; null if none of this name is bound. */
    INDArray bound(String name) {
        return parameters.containsKey(name) && isInSameDiff() ? sameDiff().getVariable(name).getArr() : null;
    }

    /** Frees the native memory of the bound values; the graph cannot run again before others are bound. */
    void free() {
        if (!isInSameDiff()) return;
        for (String name : parameters.keySet()) {
            INDArray value = sameDiff().getVariable(name).getArr();
            if (value != null) NdArrays.free(value);
        }
    }
}
