package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static ReadAhead<Integer> upTo(int end, AtomicInteger given, long weight) {
        return new ReadAhead<>(() -> given.get() == end ? null : given.getAndIncrement(), _ -> weight);
    }

    @Test
    void itemsComeInTheirOrderAndOnce() throws IOException {
        for (int count : new int[]{0, 1, 63, 64, 65, 1000}) {
            try (ReadAhead<Integer> ahead = upTo(count, new AtomicInteger(), 1)) {
                for (int i = 0; i < count; i++) assertEquals(i, ahead.next());
                assertNull(ahead.next());
                assertNull(ahead.next());
            }
        }
    }

    @Test
    void aFailureComesAfterTheItemsBeforeIt() throws IOException {
        AtomicInteger given = new AtomicInteger();
        try (ReadAhead<Integer> ahead = new ReadAhead<>(() -> {
            if (given.get() == 100) throw BadInput.of("line 101 is broken", "mend it");
            return given.getAndIncrement();
        }, _ -> 1)) {
            for (int i = 0; i < 100; i++) assertEquals(i, ahead.next());
            assertTrue(assertThrows(BadInput.class, ahead::next).getMessage().contains("line 101"));
        }
    }

    @Test
    void heavyItemsDoNotPileUpAndClosingEndsTheThread() throws IOException {
        AtomicInteger given = new AtomicInteger();
        ReadAhead<Integer> ahead = upTo(Integer.MAX_VALUE, given, Long.MAX_VALUE / 2);
        assertEquals(0, ahead.next());
        ahead.close();
        assertTrue(given.get() <= 8, given + " items were read");
    }
}
