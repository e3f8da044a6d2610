package io.retort.simd;

import io.retort.files.BadInput;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/** Chooses kernels without touching a class of the Vector API before it is known to be there. */
final class KernelChoice {
    private static final String MODULE = "jdk.incubator.vector";
    private static final String PLAIN = "plain";
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private KernelChoice() {
    }

    static Kernels best() {
        return choose(System.getProperty(Kernels.PROPERTY, "auto"),
                ModuleLayer.boot().findModule(MODULE).isPresent());
    }

    static boolean isPlain() {
        return PLAIN.equals(System.getProperty(Kernels.PROPERTY));
    }

    static Kernels choose(String wanted, boolean moduleAdded) {
        return switch (wanted) {
            case "scalar", PLAIN -> new ScalarKernels();
            case "vector" -> vector(moduleAdded);
            case "auto" -> {
                String obstacle = obstacle(moduleAdded);
                if (obstacle == null) yield new VectorKernels();
                tellOnce(obstacle);
                yield new ScalarKernels();
            }
            default -> throw BadInput.of("-D" + Kernels.PROPERTY + "=" + wanted + " is unknown",
                    "use auto, plain, scalar or vector");
        };
    }

    private static Kernels vector(boolean moduleAdded) {
        String obstacle = obstacle(moduleAdded);
        if (obstacle != null) throw BadInput.of("-D" + Kernels.PROPERTY + "=vector cannot run", obstacle);
        return new VectorKernels();
    }

    /** Says what keeps vector kernels from running and what to do about it; null if nothing does. */
    private static String obstacle(boolean moduleAdded) {
        if (!moduleAdded) return "start java with --add-modules " + MODULE;
        if (VectorKernels.preferredBits() < 128) return "this CPU or JVM has no vectors of 128 bits or more";
        return null;
    }

    private static void tellOnce(String obstacle) {
        if (TOLD.compareAndSet(false, true)) {
            LoggerFactory.getLogger(Kernels.class).warn("SIMD is off, search will be several times slower: {}",
                    obstacle);
        }
    }
}
