package io.retort.simd;

import io.retort.files.BadInput;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this JVM's kernels: the widest of the CPU, or what {@value #PROPERTY} says. They are constants,
 * because the JIT compiler makes machine code of the Vector API only where the species is one; another width is another
 * JVM, and the build runs its tests at each.
 */
final class Lanes {
    /** System property that forces a width in bits: {@code 128}, {@code 256} or {@code 512}. */
    static final String PROPERTY = "retort.simd.bits";

    static final VectorSpecies<Float> FLOATS = species(System.getProperty(PROPERTY, "auto"));
    /** Floats of a vector: 4, 8 or 16. */
    static final int COUNT = FLOATS.length();

    private Lanes() {
    }

    private static VectorSpecies<Float> species(String bits) {
        return switch (bits) {
            case "128" -> FloatVector.SPECIES_128;
            case "256" -> FloatVector.SPECIES_256;
            case "512" -> FloatVector.SPECIES_512;
            case "auto" -> FloatVector.SPECIES_PREFERRED.length() > 16
                    ? FloatVector.SPECIES_512
                    : FloatVector.SPECIES_PREFERRED;
            default -> throw BadInput.of("-D" + PROPERTY + "=" + bits + " is no vector width",
                    "use 128, 256, 512 or auto");
        };
    }
}
