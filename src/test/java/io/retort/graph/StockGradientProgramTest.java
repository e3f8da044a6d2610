package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.SampleGraphs.Size;
import io.retort.graph.SampleGraphs.Written;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle's gradients against central differences, in double, through the buffers that an optimiser sees. */
class StockGradientProgramTest {
    private static final Size SIZE = new Size(2, 3, 4, 2);
    private static final double STEP = 1e-6;
    private static final double TOLERANCE = 1e-6;
    /** Elements that are all tried. */
    private static final int FEW = 20;

    @ParameterizedTest
    @EnumSource
    void gradientsOfEveryParameterEqualCentralDifferences(SampleGraphs sample) {
        assertSlopes(sample, 5);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void everyGradientEqualsCentralDifferences(SampleGraphs sample) {
        assertSlopes(sample, 1);
    }

    /**
     * Compares gradients of all elements of what has few, and of each so-many-th of what has many, which should be no
     * divisor of any size here, so that every row and column has its turn.
     */
    private static void assertSlopes(SampleGraphs sample, int every) {
        Written written = sample.written(ElementType.F64, SIZE);
        Map<String, Tensor> inputs = sample.inputs(ElementType.F64, SIZE);
        try (GradientProgram program = differentiate(written)) {
            GradientProgram.Result result = program.run(inputs);
            assertEquals(result.scalar("loss"), loss(program, inputs));
            double[] fromEmbeddings = result.inputGradients().get(SampleGraphs.EMBEDDINGS).toDoubles();
            double[] gradients = program.gradients().toArray(ValueLayout.JAVA_DOUBLE);
            for (ParameterLayout.Entry entry : program.layout().entries()) {
                long size = entry.shape().size();
                for (long i = entry.offset(); i < entry.offset() + size; i += size < FEW ? 1 : every) {
                    assertSlope(program, inputs, program.parameters(), i, gradients[(int) i], entry.name());
                }
            }
            MemorySegment embeddings = inputs.get(SampleGraphs.EMBEDDINGS).data();
            for (int i = 0; i < fromEmbeddings.length; i += fromEmbeddings.length < FEW ? 1 : every) {
                assertSlope(program, inputs, embeddings, i, fromEmbeddings[i], SampleGraphs.EMBEDDINGS);
            }
        }
    }

    private static void assertSlope(GradientProgram program, Map<String, Tensor> inputs, MemorySegment values, long i,
            double gradient, String name) {
        double original = values.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original + STEP);
        double up = loss(program, inputs);
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original - STEP);
        double down = loss(program, inputs);
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original);
        double slope = (up - down) / (2 * STEP);
        assertEquals(slope, gradient, TOLERANCE * Math.max(1, Math.abs(slope)), name + " at " + i);
    }

    /** The loss by a forward pass alone, which is a third of a run's work. */
    private static double loss(GradientProgram program, Map<String, Tensor> inputs) {
        return program.outputs(inputs).get("loss").toDoubles()[0];
    }

    private static GradientProgram differentiate(Written written) {
        return Engine.stock().differentiate(written.graph(), written.parameters(), written.loss(),
                List.of(SampleGraphs.OUTPUT, "loss"), List.of(SampleGraphs.EMBEDDINGS));
    }
}
