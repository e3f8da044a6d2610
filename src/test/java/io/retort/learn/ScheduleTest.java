package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final File GOLDEN = new File("src/test/resources/io/retort/learn/schedules.golden.json");
    private static final ValidationHistory NONE = new ValidationHistory(List.of(), true);

    @Test
    void factorsAreThoseOfTransformers() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(GOLDEN).required("warmups");
        assertEquals(4, golden.size());
        for (Map.Entry<String, JsonNode> cases : golden.properties()) {
            for (JsonNode one : cases.getValue()) {
                Schedule schedule = schedule(cases.getKey(), one.required("warmup").asLong(),
                        one.required("steps").asLong());
                for (int step = 0; step < one.required("factors").size(); step++) {
                    assertEquals(one.required("factors").get(step).doubleValue(), schedule.factor(step, NONE), 1e-12,
                            schedule + " at step " + step);
                }
            }
        }
    }

    private static Schedule schedule(String name, long warmUp, long steps) {
        return switch (name) {
            case "constant" -> new Schedule.Constant(warmUp);
            case "linear" -> new Schedule.Linear(warmUp, steps);
            case "cosine" -> new Schedule.Cosine(warmUp, steps);
            case "inverse-sqrt" -> new Schedule.InverseSquareRoot(warmUp);
            default -> throw new AssertionError(name);
        };
    }

    @Test
    void aPlateauReducesWhenPyTorchDoes() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(GOLDEN).required("plateau");
        assertEquals(5, golden.size());
        for (JsonNode one : golden) {
            Schedule schedule = new Schedule.ReduceOnPlateau(0, one.required("patience").asInt(),
                    one.required("factor").asDouble());
            ValidationHistory history = new ValidationHistory(List.of(), one.required("greater").asBoolean());
            for (int i = 0; i < one.required("metrics").size(); i++) {
                history = history.with(validation(i, one.required("metrics").get(i).asDouble()));
                assertEquals(one.required("factors").get(i).asDouble(), schedule.factor(i, history), 1e-12,
                        one + " after " + i);
            }
        }
    }

    @Test
    void aPlateauInTheWarmUpDoesNotCount() {
        ValidationHistory flat = NONE.with(validation(0, 0.5)).with(validation(10, 0.5)).with(validation(20, 0.5));
        assertEquals(0.25, new Schedule.ReduceOnPlateau(0, 0, 0.5).factor(20, flat));
        assertEquals(0.5, new Schedule.ReduceOnPlateau(10, 0, 0.5).factor(20, flat));
        assertEquals(1, new Schedule.ReduceOnPlateau(15, 0, 0.5).factor(20, flat));
    }

    @Property(tries = 200)
    void noFactorIsBelowZeroOrAboveOneAndTheWarmUpRises(@ForAll @IntRange(max = 50) int warmUp,
            @ForAll @IntRange(min = 1, max = 100) int steps) {
        for (Schedule schedule : List.of(new Schedule.Constant(warmUp), new Schedule.Linear(warmUp, steps),
                new Schedule.Cosine(warmUp, steps), new Schedule.InverseSquareRoot(warmUp))) {
            double last = -1;
            for (int step = 0; step < steps + 5; step++) {
                double factor = schedule.factor(step, NONE);
                assertTrue(factor >= 0 && factor <= 1, schedule + " at " + step);
                if (step > 0)
                    assertTrue(step <= warmUp && step < steps
                            ? factor > last
                            : step < warmUp || factor <= last
                                    || step == warmUp,
                            schedule + " at " + step);
                last = factor;
            }
        }
    }

    private static Validation validation(long step, double metric) {
        return new Validation(step, new LinkedHashMap<>(Map.of("hits@1", metric)));
    }
}
