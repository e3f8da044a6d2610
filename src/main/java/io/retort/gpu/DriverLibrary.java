package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/** The driver's library on this machine, loaded when it is first asked for, and then kept. */
final class DriverLibrary {
    private static final String DOCUMENT = "docs/library.md";

    private DriverLibrary() {
    }

    /** The driver, initialized; or why there is none. */
    record Attempt(Driver driver, String obstacle) {
    }

    static Attempt installed() {
        return Installed.ATTEMPT;
    }

    /** Loads once, and only when asked. */
    private static final class Installed {
        static final Attempt ATTEMPT = attempt(System.getProperty("os.name"), DriverLibrary::open);
    }

    /** Opens a library by its name. */
    interface Opener {
        SymbolLookup open(String name);
    }

    /** Never throws for what the machine lacks. */
    static Attempt attempt(String system, Opener opener) {
        String library = libraryOf(system);
        if (library == null)
            return none("there is no CUDA for " + system + ": NVIDIA's driver runs on Linux and Windows");
        SymbolLookup symbols;
        try {
            symbols = opener.open(library);
        } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
            return none("this machine has no NVIDIA driver: the library " + library
                    + " is not found (a container must be given it)");
        } catch (IllegalCallerException e) {
            return none(
                    "this JVM does not let Retort call functions of the system: native access is denied (" + DOCUMENT
                            + ")");
        }
        try {
            Driver driver = new Driver(symbols);
            driver.init();
            return driver.deviceCount() > 0
                    ? new Attempt(driver, null)
                    : none("the NVIDIA driver finds no card: see nvidia-smi, and CUDA_VISIBLE_DEVICES in the environment");
        } catch (GpuException | UnsatisfiedLinkError e) {
            return none(e.getMessage());
        } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
            return none("the JDK cannot call functions of the system here: "
                    + (e.getCause() == null ? e : e.getCause()));
        }
    }

    /** Null where there is no CUDA. */
    private static String libraryOf(String system) {
        if (system.startsWith("Windows")) return "nvcuda.dll";
        return system.equals("Linux") ? "libcuda.so.1" : null;
    }

    private static Attempt none(String obstacle) {
        return new Attempt(null, obstacle);
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup open(String name) {
        return SymbolLookup.libraryLookup(name, Arena.global());
    }
}
