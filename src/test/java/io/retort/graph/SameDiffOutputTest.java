package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SameDiffOutputTest {
    /** A process of its own, whose standard output holds nothing but what a gradient program prints. */
    static final class Differentiation {
        private Differentiation() {}

        public static void main(String[] arguments) {
            for (Engine engine : List.of(Engine.stock(), Engine.simd(1))) {
                Graph graph = Graph.of(ElementType.F32);
                Node loss = graph.sum(graph.tanh(graph.parameter("w", 2)), 0, false);
                try (GradientProgram _ = engine.differentiate(graph,
                        Map.of("w", Tensor.of(new float[]{1, 2}, 2)), loss, List.of(), List.of())) {
                    System.out.println(engine.name());
                }
            }
        }
    }

    @Test
    void nothingButTheProgramsOwnResultsIsPrintedWhileAGradientGraphIsBuilt() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Differentiation.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), printed);
        assertEquals(List.of("stock", "simd"), printed.lines().toList());
    }
}
