package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said where there is no driver, or none that will do. */
class DriverLibraryTest {
    private final FakeDriver fake = new FakeDriver();

    private DriverLibrary.Attempt attempt() {
        return DriverLibrary.attempt("Linux", name -> fake.library());
    }

    @Test
    void theLibraryHasTheNameOfItsSystem() {
        List<String> names = new ArrayList<>();
        for (String system : List.of("Linux", "Windows 11")) {
            DriverLibrary.Attempt attempt = DriverLibrary.attempt(system, name -> {
                names.add(name);
                return fake.library();
            });
            assertNotNull(attempt.driver());
            assertNull(attempt.obstacle());
        }
        assertEquals(List.of("libcuda.so.1", "nvcuda.dll"), names);
        assertEquals("there is no CUDA for Mac OS X: NVIDIA's driver runs on Linux and Windows",
                DriverLibrary.attempt("Mac OS X", name -> {
                    throw new AssertionError(name);
                }).obstacle());
    }

    @Test
    void aMachineWithoutADriverIsToldSo() {
        assertEquals(
                "this machine has no NVIDIA driver: the library libcuda.so.1 is not found (a container must be given it)",
                DriverLibrary.attempt("Linux", name -> {
                    throw new IllegalArgumentException("Cannot open library: " + name);
                }).obstacle());
        assertTrue(DriverLibrary.attempt("Linux", name -> {
            throw new IllegalCallerException("Illegal native access");
        }).obstacle().contains("native access is denied"));
    }

    @Test
    void aFunctionThatIsMissingIsNamedWithTheDriverThatHasIt() {
        for (DriverFunction function : DriverFunction.values()) {
            fake.missing.clear();
            fake.missing.add(function.symbol());
            boolean dispensable = List.of("cuFuncGetParamInfo", "cuEventElapsedTime_v2").contains(function.symbol());
            String obstacle = attempt().obstacle();
            if (dispensable) assertNull(obstacle);
            else
                assertEquals("the GPU's driver has no function " + function.symbol()
                        + ", which drivers for CUDA 11.0 and newer have: update the driver", obstacle);
        }
    }

    @Test
    void aDriverThatDoesNotStartOrFindsNoCardSaysWhy() {
        fake.cards = 0;
        assertTrue(attempt().obstacle().contains("finds no card: see nvidia-smi"));
        fake.fail("cuInit", 999);
        assertTrue(attempt().obstacle().contains("cuInit gave CUDA_ERROR_UNKNOWN (999): words for 999"));
        fake.fail("cuInit", 803);
        assertTrue(attempt().obstacle().endsWith("cuInit gave error 803; the driver was updated while its old module is"
                + " loaded: restart the machine"), attempt().obstacle());
    }
}
