package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The arguments of a kernel, which a launch reads without making anything anew. They can be set again, by position from
 * 0, between launches; one thread at a time.
 */
public final class KernelArguments implements AutoCloseable {
    private static final int SLOT = 8;

    private final Arena arena = Arena.ofShared();
    private final int[] widths;
    private final Kind[] kinds;
    private final DeviceMemory[] memories;
    private final MemorySegment[] structs;
    private final MemorySegment values;
    private final MemorySegment pointers;

    /** What a parameter is declared as in the kernel. */
    private enum Kind {
        ADDRESS(8), INT32(4), INT64(8), FLOAT32(4), STRUCT(0);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }
    }

    private KernelArguments(List<Kind> kinds) {
        int count = kinds.size();
        this.kinds = kinds.toArray(Kind[]::new);
        widths = new int[count];
        memories = new DeviceMemory[count];
        structs = new MemorySegment[count];
        values = arena.allocate((long) SLOT * Math.max(1, count), SLOT);
        pointers = arena.allocate((long) SLOT * Math.max(1, count), SLOT);
        for (int i = 0; i < count; i++) {
            widths[i] = this.kinds[i].bytes;
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, values.address() + (long) SLOT * i);
        }
    }

    /** Arguments in the order of the kernel's parameters. */
    public static Builder of() {
        return new Builder();
    }

    /** Memory of the card from its beginning on. */
    public KernelArguments address(int position, DeviceMemory memory) {
        return address(position, memory, 0);
    }

    /** Memory of the card from an offset on. It must still be open when the kernel is launched. */
    public KernelArguments address(int position, DeviceMemory memory, long offset) {
        address(position, memory.address(offset));
        memories[position] = memory;
        return this;
    }

    /** An address as it is, such as {@link PinnedMemory#deviceAddress()}, or 0. */
    public KernelArguments address(int position, long address) {
        values.setAtIndex(ValueLayout.JAVA_LONG, slot(position, Kind.ADDRESS), address);
        memories[position] = null;
        return this;
    }

    /** A number of 32 bits, signed or not. */
    public KernelArguments int32(int position, int value) {
        values.set(ValueLayout.JAVA_INT, (long) SLOT * slot(position, Kind.INT32), value);
        return this;
    }

    /** A number of 64 bits, signed or not. */
    public KernelArguments int64(int position, long value) {
        values.setAtIndex(ValueLayout.JAVA_LONG, slot(position, Kind.INT64), value);
        return this;
    }

    /** A float. */
    public KernelArguments float32(int position, float value) {
        values.set(ValueLayout.JAVA_FLOAT, (long) SLOT * slot(position, Kind.FLOAT32), value);
        return this;
    }

    /**
     * A struct as it lies in this machine's memory, off the heap; it is read at each launch, and must be alive then.
     */
    public KernelArguments struct(int position, MemorySegment struct) {
        if (!struct.isNative()) throw new IllegalArgumentException("struct: memory of an array, not off the heap");
        pointers.setAtIndex(ValueLayout.JAVA_LONG, slot(position, Kind.STRUCT), struct.address());
        structs[position] = struct;
        widths[position] = Math.toIntExact(struct.byteSize());
        return this;
    }

    private int slot(int position, Kind kind) {
        if (position < 0 || position >= kinds.length) {
            throw new IllegalArgumentException("position: " + position + " of " + kinds.length + " arguments");
        }
        if (kinds[position] != kind) {
            throw new IllegalArgumentException("position: argument " + position + " is " + kinds[position] + ", not "
                    + kind);
        }
        return position;
    }

    boolean haveWidths(int[] wanted) {
        return Arrays.equals(widths, wanted);
    }

    /** Called under the card's lock. The addresses of the values, for the driver. */
    MemorySegment checked(Gpu card) {
        for (DeviceMemory memory : memories) {
            if (memory != null) memory.checkOpenOn(card);
        }
        for (MemorySegment struct : structs) {
            if (struct != null && !struct.scope().isAlive())
                throw new IllegalStateException("a struct's memory is closed");
        }
        return pointers;
    }

    /** Frees the few bytes of this machine's memory. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }

    @Override
    public String toString() {
        return Arrays.toString(kinds);
    }

    /** Collects arguments in order. */
    public static final class Builder {
        private final List<Kind> kinds = new ArrayList<>();
        private final List<Consumer<KernelArguments>> values = new ArrayList<>();

        private Builder() {
        }

        /** Memory of the card from its beginning on. */
        public Builder address(DeviceMemory memory) {
            int position = kinds.size();
            return add(Kind.ADDRESS, arguments -> arguments.address(position, memory));
        }

        /** An address as it is, or 0. */
        public Builder address(long address) {
            int position = kinds.size();
            return add(Kind.ADDRESS, arguments -> arguments.address(position, address));
        }

        /** A number of 32 bits, signed or not. */
        public Builder int32(int value) {
            int position = kinds.size();
            return add(Kind.INT32, arguments -> arguments.int32(position, value));
        }

        /** A number of 64 bits, signed or not. */
        public Builder int64(long value) {
            int position = kinds.size();
            return add(Kind.INT64, arguments -> arguments.int64(position, value));
        }

        /** A float. */
        public Builder float32(float value) {
            int position = kinds.size();
            return add(Kind.FLOAT32, arguments -> arguments.float32(position, value));
        }

        /** A struct, off the heap. */
        public Builder struct(MemorySegment struct) {
            int position = kinds.size();
            return add(Kind.STRUCT, arguments -> arguments.struct(position, struct));
        }

        private Builder add(Kind kind, Consumer<KernelArguments> value) {
            kinds.add(kind);
            values.add(value);
            return this;
        }

        /** The arguments; to be closed. */
        public KernelArguments build() {
            KernelArguments arguments = new KernelArguments(kinds);
            try {
                values.forEach(value -> value.accept(arguments));
                return arguments;
            } catch (RuntimeException e) {
                arguments.close();
                throw e;
            }
        }
    }
}
