package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Large memory off the heap, on pages of 2 MB where Linux has them ({@code madvise}): with pages of 4 KB the processor
 * waits for addresses, and its prefetcher stops at each page's end, so that one thread reads weights at half the speed.
 * Elsewhere, and where the system refuses, it is an arena's ordinary memory.
 *
 * <p>As an allocator it cuts pieces out of slabs, so that weights of any size lie on such pages together; one thread.
 */
public final class HugePages implements SegmentAllocator {
    private static final long PAGE = 2L << 20;
    private static final long LARGEST_SLAB = 64L << 20;
    private static final int PROTECTION = 1 | 2; // PROT_READ | PROT_WRITE
    private static final int PRIVATE_ANONYMOUS = 2 | 0x20; // MAP_PRIVATE | MAP_ANONYMOUS
    private static final int HUGE = 14; // MADV_HUGEPAGE
    private static final int NOT_NEEDED = 4; // MADV_DONTNEED
    /** The largest page that ordinary files are mapped by, on any machine that Linux runs Java on. */
    private static final long SMALL_PAGE = 64 << 10;

    private final Arena arena;
    private MemorySegment slab = MemorySegment.NULL;
    private long used;
    private long next = PAGE;

    /** An allocator whose memory lives as long as the arena. */
    public HugePages(Arena arena) {
        this.arena = arena;
    }

    /** Cuts a piece out of the current slab; one that does not fit opens another slab, twice as large. */
    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        long from = (used + alignment - 1) & -alignment;
        if (from + bytes > slab.byteSize()) {
            slab = allocate(Math.max(next, bytes), arena);
            next = Math.min(LARGEST_SLAB, 2 * slab.byteSize());
            from = 0;
        }
        used = from + bytes;
        return slab.asSlice(from, bytes);
    }

    /** Memory of zeros, aligned to a cache line at least, which lives as long as the arena. */
    public static MemorySegment allocate(long bytes, Arena arena) {
        // Asking the system for them takes longer than a single answer gains.
        if (bytes < PAGE || Kernels.arePlain() || Linux.MMAP == null)
            return arena.allocate(bytes, PackedMatrix.ALIGNMENT);
        long whole = (bytes + PAGE - 1) & -PAGE;
        MemorySegment mapped = Linux.map(whole + PAGE, arena);
        if (mapped == null) return arena.allocate(bytes, PackedMatrix.ALIGNMENT);
        MemorySegment aligned = mapped.asSlice(-mapped.address() & PAGE - 1, whole);
        Linux.advise(aligned, HUGE);
        return aligned.asSlice(0, bytes);
    }

    /**
     * Tells the system that what was read of a mapped file is not needed soon, so that it no longer counts as memory of
     * this process; reading it again reads the file again. Does nothing for other memory, and on other systems.
     *
     * @param memory mapped read-only, or any other
     */
    public static void release(MemorySegment memory) {
        if (!memory.isMapped() || !memory.isReadOnly() || Kernels.arePlain() || Linux.MADVISE == null) return;
        long from = (memory.address() + SMALL_PAGE - 1) & -SMALL_PAGE;
        long to = memory.address() + memory.byteSize() & -SMALL_PAGE;
        if (from < to) Linux.advise(memory.asSlice(from - memory.address(), to - from), NOT_NEEDED);
    }

    /** The functions of Linux that map memory and advise the kernel; they are not there on other systems. */
    private static final class Linux {
        static final MethodHandle MMAP = handle("mmap", FunctionDescriptor.of(ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        private static final MethodHandle MUNMAP = handle("munmap",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        private static final MethodHandle MADVISE = handle("madvise", FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

        @SuppressWarnings("restricted")
        private static MethodHandle handle(String name, FunctionDescriptor type) {
            if (!System.getProperty("os.name").equals("Linux")) return null;
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup().find(name).map(address -> linker.downcallHandle(address, type)).orElse(null);
        }

        /** Maps new pages, which are unmapped when the arena closes; null if the system gives none. */
        @SuppressWarnings("restricted")
        static MemorySegment map(long bytes, Arena arena) {
            try {
                long address = (long) MMAP.invokeExact(0L, bytes, PROTECTION, PRIVATE_ANONYMOUS, -1, 0L);
                return address == -1 ? null : owned(address, bytes, arena);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** An arena that is closed already takes nothing over: then the pages are given back at once. */
        @SuppressWarnings("restricted")
        private static MemorySegment owned(long address, long bytes, Arena arena) {
            try {
                return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> unmap(address, bytes));
            } catch (RuntimeException e) {
                unmap(address, bytes);
                throw e;
            }
        }

        private static void unmap(long address, long bytes) {
            try {
                int _ = (int) MUNMAP.invokeExact(address, bytes);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        static void advise(MemorySegment memory, int advice) {
            try {
                int _ = (int) MADVISE.invokeExact(memory.address(), memory.byteSize(), advice);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
