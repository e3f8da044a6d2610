package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A computation written in SameDiff, one operation a method. Shapes are row-major; a dimension of an input may be left
 * open ({@link #ANY}) and is then known only when the graph runs. Only operations whose forward value <em>and</em>
 * gradient are right in ND4J are here.
 *
 * <p>Parameters are declared with name and shape alone, so that the same model code serves loading, checking and
 * training; their values are bound by {@link Engine#compile}. A graph is written by one thread and not changed after
 * its first compilation.
 */
public final class Graph {
    /** Marks a dimension of an input that stays open until the graph runs. */
    public static final int ANY = -1;
    /**
     * Added to probabilities so that no logarithm of zero is taken: above the least normal float, and lost beside any
     * probability that counts.
     */
    private static final double LEAST_PROBABILITY = 1e-37;

    static {
        SameDiffOutput.silence();
    }

    final SameDiff sameDiff;
    private final DataType dataType;
    private final ElementType precision;
    private final SequencedMap<String, Shape> parameters = new LinkedHashMap<>();
    private final Set<String> states = new HashSet<>();
    private Predicate<String> trained = any -> true;

    Graph(SameDiff sameDiff, ElementType precision) {
        this.sameDiff = sameDiff;
        this.precision = precision;
        this.dataType = NdArrays.dataType(precision);
    }

    /**
     * Creates an empty graph that computes in floats, or in doubles for gradient checks and references.
     *
     * @param precision F32 or F64
     */
    public static Graph of(ElementType precision) {
        return new Graph(SameDiff.create(), precision);
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
        return new Node(sameDiff.placeHolder(name, dataType, Arrays.stream(dims).asLongStream().toArray()));
    }

    /**
     * A value fed at each run that the caller keeps from run to run, such as a cache of keys: an engine may read it
     * where it lies, off the heap, instead of copying it. The caller must not change it during a run.
     */
    public Node state(String name, int... dims) {
        states.add(name);
        return input(name, dims);
    }

    /** Returns the names of the inputs declared with {@link #state}. */
    Set<String> states() {
        return states;
    }

    /** Declares a value that never changes. */
    public Node constant(Tensor value) {
        return new Node(sameDiff.constant(NdArrays.fromTensor(value, precision)));
    }

    /**
     * Declares a trainable value (but see {@link #trainOnly}) of that name and shape. Declaring a name again, as tied
     * weights do, gives the same node.
     */
    public Node parameter(String name, int... dims) {
        Shape shape = Shape.of(dims);
        Shape before = parameters.putIfAbsent(name, shape);
        if (before == null) {
            // SameDiff.var would allocate the value at once, by a shape that may come from an untrusted file.
            return new Node(sameDiff.placeHolder(name, dataType, Arrays.stream(dims).asLongStream().toArray()));
        }
        if (!before.equals(shape)) throw new IllegalArgumentException(name + " is " + before + ", not " + shape);
        return new Node(sameDiff.getVariable(name));
    }

    /** Adds element by element, with broadcasting of dimensions of size 1 and of missing leading dimensions. */
    public Node add(Node a, Node b) {
        return new Node(a.variable.add(b.variable));
    }

    /** Computes {@code a − b} element by element, with the broadcasting of {@link #add}. */
    public Node subtract(Node a, Node b) {
        return new Node(a.variable.sub(b.variable));
    }

    /** Multiplies element by element, with the broadcasting of {@link #add}. */
    public Node multiply(Node a, Node b) {
        return new Node(a.variable.mul(b.variable));
    }

    /** Computes {@code a / b} element by element, with the broadcasting of {@link #add}. */
    public Node divide(Node a, Node b) {
        // ND4J's own gradient of a quotient is wrong where b is a single element (docs/nd4j-notes.md).
        return new Node(a.variable.mul(b.variable.rdiv(1)));
    }

    public Node add(Node a, double constant) {
        return new Node(a.variable.add(constant));
    }

    public Node multiply(Node a, double constant) {
        return new Node(a.variable.mul(constant));
    }

    /**
     * Matrix product over the last two dimensions; the leading ones must agree. Both operands have the same rank (rank
     * 3 by rank 2 throws in ND4J: {@link #flatten} first).
     */
    public Node matmul(Node a, Node b) {
        return new Node(sameDiff.mmul(a.variable, b.variable));
    }

    /** Computes {@code a · bᵀ} over the last two dimensions, by the rules of {@link #matmul}. */
    public Node matmulTransposed(Node a, Node b) {
        return new Node(sameDiff.mmul(a.variable, b.variable, false, true, false));
    }

    /** Computes the softmax over the last dimension. */
    public Node softmax(Node x) {
        return new Node(sameDiff.nn.softmax(x.variable, -1));
    }

    /**
     * Computes the natural logarithm of the {@link #softmax} of {@code x}, which has rank 2. ND4J evaluates it
     * literally: in F32, an element that is 87 or more below the largest of its row may become negative infinity. So do
     * not mask with large negative numbers here.
     */
    public Node logSoftmax(Node x) {
        return new Node(sameDiff.nn.logSoftmax(x.variable));
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
        return new Node(sameDiff.math.exp(x.variable));
    }

    /** Computes the natural logarithm element by element. */
    public Node log(Node x) {
        return new Node(sameDiff.math.log(x.variable));
    }

    public Node erf(Node x) {
        return new Node(sameDiff.math.erf(x.variable));
    }

    public Node tanh(Node x) {
        return new Node(sameDiff.math.tanh(x.variable));
    }

    /** Computes the logistic function {@code 1 / (1 + e^-x)} element by element. */
    public Node sigmoid(Node x) {
        return new Node(sameDiff.nn.sigmoid(x.variable));
    }

    public Node squareRoot(Node x) {
        return new Node(sameDiff.math.sqrt(x.variable));
    }

    /** Sums over one dimension, which stays with size 1 if {@code keep} and disappears otherwise. */
    public Node sum(Node x, int axis, boolean keep) {
        return new Node(x.variable.sum(keep, axis));
    }

    /** Averages over one dimension, which stays with size 1 if {@code keep} and disappears otherwise. */
    public Node mean(Node x, int axis, boolean keep) {
        return new Node(x.variable.mean(keep, axis));
    }

    /** Reorders dimensions: dimension {@code i} of the result is dimension {@code order[i]} of {@code x}. */
    public Node permute(Node x, int... order) {
        return new Node(sameDiff.permute(x.variable, order));
    }

    /** Puts {@code b} after {@code a} along the first dimension; the other dimensions must agree. */
    public Node concatenate(Node a, Node b) {
        return new Node(sameDiff.concat(0, a.variable, b.variable));
    }

    /**
     * Turns each index into a row of zeros with a one at that index: {@code [n] → [n, depth]}. Multiplied by values and
     * summed, such a row selects an element with a correct gradient, which ND4J's gather does not have.
     *
     * @param indices whole numbers of {@code [0, depth)}
     */
    public Node oneHot(Node indices, int depth) {
        return new Node(sameDiff.oneHot(indices.variable.castTo(DataType.INT32), depth, -1, 1, 0, dataType));
    }

    /** The same elements in the same order under another shape, of which one dimension may be {@link #ANY}. */
    public Node reshape(Node x, int... dims) {
        return new Node(x.variable.reshape(Arrays.stream(dims).asLongStream().toArray()));
    }

    /** Joins all dimensions but the last: {@code [..., last] → [product of the others, last]}. */
    public Node flatten(Node x, int last) {
        return new Node(x.variable.reshape(ANY, last));
    }

    /**
     * Gives {@code x} the shape of the first {@code leading} dimensions of {@code like}, which are known only at run
     * time, followed by {@code trailing}.
     */
    public Node reshapeLike(Node x, Node like, int leading, int... trailing) {
        SDVariable lead = sameDiff.shape(like.variable).get(SDIndex.interval(0, leading)).castTo(DataType.INT64);
        long[] tail = Arrays.stream(trailing).asLongStream().toArray();
        SDVariable shape = sameDiff.concat(0, lead, sameDiff.constant(Nd4j.createFromArray(tail)));
        return new Node(x.variable.reshape(shape));
    }

    /**
     * Gives {@code x} the shape of {@code leading} followed by all dimensions of {@code like} from {@code from} on, which
     * are known only at run time.
     */
    public Node reshapeToTrailing(Node x, int[] leading, Node like, int from, int rank) {
        SDVariable shape = sameDiff.shape(like.variable).get(SDIndex.interval(from, rank)).castTo(DataType.INT64);
        if (leading.length > 0) {
            long[] lead = Arrays.stream(leading).asLongStream().toArray();
            shape = sameDiff.concat(0, sameDiff.constant(Nd4j.createFromArray(lead)), shape);
        }
        return new Node(x.variable.reshape(shape));
    }

    /** Gives every parameter its value; from then on the parameters are trainable variables of SameDiff. */
    void bind(Map<String, Tensor> values) {
        List<SDVariable> declared = new ArrayList<>();
        for (String name : parameters.keySet()) {
            SDVariable variable = sameDiff.getVariable(name);
            sameDiff.associateArrayWithVariable(NdArrays.fromTensor(values.get(name), precision), variable);
            if (variable.getVariableType() == VariableType.PLACEHOLDER) declared.add(variable);
        }
        if (!declared.isEmpty()) sameDiff.convertToVariables(declared);
    }

    /** Frees the native memory of the bound values; the graph cannot run again before others are bound. */
    void free() {
        for (String name : parameters.keySet()) {
            INDArray value = sameDiff.getVariable(name).getArr();
            if (value != null) NdArrays.free(value);
        }
    }
}
