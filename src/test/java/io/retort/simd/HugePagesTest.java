package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HugePagesTest {
    private static final long[] SIZES = {0, 1, 100, (2L << 20) - 1, 2L << 20, (2L << 20) + 1, 5_000_000};

    @Test
    void memoryIsAsLongAsAskedForAlignedAndZero() {
        try (Arena arena = Arena.ofShared()) {
            for (long bytes : SIZES) {
                MemorySegment memory = HugePages.allocate(bytes, arena);
                assertEquals(bytes, memory.byteSize());
                assertEquals(0, memory.address() % PackedMatrix.ALIGNMENT);
                assertFalse(memory.elements(ValueLayout.JAVA_BYTE).anyMatch(b -> b.get(ValueLayout.JAVA_BYTE, 0) != 0));
                memory.fill((byte) 1);
            }
        }
    }

    @Test
    void piecesOfSlabsAreAlignedAndDoNotOverlap() {
        try (Arena arena = Arena.ofShared()) {
            HugePages pages = new HugePages(arena);
            List<MemorySegment> pieces = new ArrayList<>();
            for (int i = 0; i < 200; i++) pieces.add(pages.allocate(1 + i * 977L, PackedMatrix.ALIGNMENT));
            for (long bytes : SIZES) pieces.add(pages.allocate(bytes, PackedMatrix.ALIGNMENT));
            for (MemorySegment piece : pieces) assertEquals(0, piece.address() % PackedMatrix.ALIGNMENT);
            for (int i = 0; i < pieces.size(); i++) pieces.get(i).fill((byte) i);
            for (int i = 0; i < pieces.size(); i++) {
                byte mark = (byte) i;
                assertTrue(pieces.get(i).elements(ValueLayout.JAVA_BYTE)
                        .allMatch(b -> b.get(ValueLayout.JAVA_BYTE, 0) == mark));
            }
        }
    }

    @Test
    void memoryEndsWithItsArena() {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = HugePages.allocate(4L << 20, arena);
        }
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }
}
