package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.ReduceOp;
import org.nd4j.linalg.api.ops.ScalarOp;

/**
 * What a graph says, with the names that SameDiff has for operations but in terms that know nothing of ND4J: this is
 * all that a compiler needs of it.
 *
 * @param calls     in an order in which each comes after those it depends on
 * @param leaves    what no call computes
 * @param integers  values of the constants that say shapes and axes
 * @param constants values of the other constants
 */
record Recording(List<Call> calls, Map<String, Leaf> leaves, Map<String, long[]> integers,
        Map<String, Tensor> constants) {

    /**
     * One operation of the graph with its arguments.
     *
     * @param operation ND4J's name, such as {@code matmul_bp}
     * @param integers  its integer arguments: axes, transpositions, dimensions
     * @param reals     its floating-point arguments
     * @param keep      whether reduced dimensions stay with size 1
     */
    record Call(String operation, List<String> inputs, List<String> outputs, long[] integers, double[] reals,
            boolean keep) {
        /** The same operation on values of these names. */
        Call between(List<String> inputs, List<String> outputs) {
            return new Call(operation, inputs, outputs, integers, reals, keep);
        }

        @Override
        public String toString() {
            return operation + inputs + " -> " + outputs;
        }
    }

    /** What a value is that no operation computes. */
    enum Leaf {
        INPUT, STATE, PARAMETER, CONSTANT
    }

    /**
     * Reads a SameDiff graph.
     *
     * @param parameters names of the values that are parameters; other variables, such as the 1 that gradients start
     * from, never change
     * @param states     names of the inputs that callers keep
     */
    static Recording of(SameDiff sameDiff, Set<String> parameters, Set<String> states) {
        List<Call> calls = sameDiff.getOps().values().stream().map(Recording::call).toList();
        Map<String, Leaf> leaves = new LinkedHashMap<>();
        Map<String, long[]> integers = new LinkedHashMap<>();
        Map<String, Tensor> constants = new LinkedHashMap<>();
        for (SDVariable variable : sameDiff.variables()) {
            String name = variable.name();
            if (parameters.contains(name)) {
                leaves.put(name, Leaf.PARAMETER);
                continue;
            }
            switch (variable.getVariableType()) {
                case PLACEHOLDER -> leaves.put(name, states.contains(name) ? Leaf.STATE : Leaf.INPUT);
                case VARIABLE, CONSTANT -> {
                    leaves.put(name, Leaf.CONSTANT);
                    INDArray value = variable.getArr();
                    if (value.dataType().isFPType()) constants.put(name, NdArrays.toTensor(value));
                    else integers.put(name, value.data().asLong());
                }
                default -> { // computed by a call
                }
            }
        }
        return new Recording(calls, leaves, integers, constants);
    }

    /** Returns the inputs that none of these outputs depends on. */
    Set<String> notNeededBy(List<String> outputs) {
        Set<String> needed = new HashSet<>(outputs);
        for (Call call : calls.reversed()) {
            if (call.outputs().stream().anyMatch(needed::contains)) needed.addAll(call.inputs());
        }
        return leaves.keySet().stream().filter(name -> leaves.get(name) == Leaf.INPUT && !needed.contains(name))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Call call(SameDiffOp each) {
        DifferentialFunction function = each.getOp();
        List<String> inputs = each.getInputsToOp() == null ? List.of() : List.copyOf(each.getInputsToOp());
        List<String> outputs = List.copyOf(each.getOutputsOfOp());
        long[] integers = {};
        double[] reals = {};
        boolean keep = false;
        switch (function) {
            case DynamicCustomOp custom -> {
                integers = custom.iArgs();
                reals = custom.tArgs();
                boolean[] booleans = custom.bArgs();
                keep = booleans.length > 0 && booleans[0];
            }
            case ReduceOp reduce -> {
                integers = Arrays.stream(function.getDimensions()).asLongStream().toArray();
                keep = reduce.isKeepDims();
            }
            case ScalarOp scalar -> reals = new double[]{scalar.scalar().getDouble(0)};
            default -> { // no arguments
            }
        }
        return new Call(function.opName(), inputs, outputs, integers, reals, keep);
    }
}
