package io.retort.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The terminal that standard error goes to, if it goes to one. */
final class Terminal {
    private static final boolean IS_THERE = Boolean.getBoolean("retort.terminal");
    private static final int USUAL_COLUMNS = 80;
    private static final int STANDARD_ERROR = 2;
    /** The request for a terminal's size, in Linux on common processors, and in BSD and macOS. */
    private static final long SIZE_ON_LINUX = 0x5413, SIZE_ON_BSD = 0x40087468L;

    /** The system's call that tells a terminal's size; empty where there is none. */
    private static final class SizeCall {
        static final Optional<MethodHandle> HANDLE = handle();

        @SuppressWarnings("restricted") // The function is the system's, and its types are those of its manual.
        private static Optional<MethodHandle> handle() {
            try {
                Linker linker = Linker.nativeLinker();
                return linker.defaultLookup().find("ioctl").map(function -> linker.downcallHandle(function,
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(2)));
            } catch (UnsupportedOperationException | IllegalCallerException e) {
                return Optional.empty();
            }
        }
    }

    private Terminal() {}

    /** Whether standard error is a terminal, as the launcher found. */
    static boolean isThere() {
        return IS_THERE;
    }

    /** Whether the terminal breaks lines anew when it is made narrower, as most do, instead of cutting them. */
    static boolean breaksLinesAnew() {
        String kind = Optional.ofNullable(System.getenv("TERM")).orElse("");
        boolean isScreen = kind.startsWith("screen") && System.getenv("TMUX") == null;
        return System.getenv("XTERM_VERSION") == null && !isScreen && !kind.equals("linux");
    }

    /** The columns that the terminal has now. */
    static int columns() {
        return SizeCall.HANDLE.map(Terminal::asked).filter(columns -> columns > 0).orElseGet(Terminal::told);
    }

    private static int asked(MethodHandle ioctl) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            boolean isLinux = System.getProperty("os.name").startsWith("Linux");
            int failed = (int) ioctl.invokeExact(STANDARD_ERROR, isLinux ? SIZE_ON_LINUX : SIZE_ON_BSD, size);
            return failed != 0 ? 0 : Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
        } catch (Throwable e) {
            throw new IllegalStateException("cannot ask for the size of the terminal", e);
        }
    }

    /** What the shell tells of the terminal's columns, if it does. */
    private static int told() {
        try {
            return Math.max(1, Integer.parseInt(Optional.ofNullable(System.getenv("COLUMNS")).orElse("")));
        } catch (NumberFormatException e) {
            return USUAL_COLUMNS;
        }
    }
}
