package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
    @Test
    void thePropertyForcesEither() {
        assertInstanceOf(ScalarKernels.class, KernelChoice.choose("scalar", true));
        assertInstanceOf(VectorKernels.class, KernelChoice.choose("vector", true));
        assertInstanceOf(VectorKernels.class, KernelChoice.choose("auto", true));
    }

    @Test
    void anUnknownValueIsRefusedWithTheKnownOnes() {
        String message = assertThrows(BadInput.class, () -> KernelChoice.choose("sse", true)).getMessage();
        assertTrue(message.contains("retort.simd=sse") && message.contains("auto, plain, scalar or vector"), message);
    }

    @Test
    void vectorsWithoutTheModuleAreRefusedWithTheFlagThatAddsIt() {
        String message = assertThrows(BadInput.class, () -> KernelChoice.choose("vector", false)).getMessage();
        assertTrue(message.contains("--add-modules jdk.incubator.vector"), message);
    }

    @Test
    void aJvmWithoutTheModuleFallsBackWithOneLineThatSaysSo() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Chosen.class.getName()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("chosen: scalar"), output);
        assertEquals(1, output.lines().filter(line -> line.contains("--add-modules jdk.incubator.vector")).count(),
                output);
    }

    /** What the other JVM runs. */
    static final class Chosen {
        private Chosen() {
        }

        public static void main(String[] args) {
            Kernels.best();
            System.out.println("chosen: " + Kernels.best().name());
        }
    }
}
