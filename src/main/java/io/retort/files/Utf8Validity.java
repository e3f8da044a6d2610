package io.retort.files;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Whether bytes are UTF-8, fast where they are ASCII. */
final class Utf8Validity {
    /** Told of a sequence that begins well and ends with the bytes that are there. */
    static final int CUT = -1;
    private static final int WRONG = 0;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Utf8Validity() {}

    /** The place of the first byte that is not ASCII, or {@code limit}. */
    static int firstNonAscii(byte[] bytes, int from, int limit) {
        int at = from;
        while (at + Long.BYTES <= limit && ((long) WORDS.get(bytes, at) & HIGH_BITS) == 0) at += Long.BYTES;
        while (at < limit && bytes[at] >= 0) at++;
        return at;
    }

    /**
     * The length of the letter that begins at a byte which is not ASCII: 2 to 4, {@link #CUT} if only the bytes after
     * the limit can tell, 0 if it is none. Overlong forms, surrogates and what is beyond Unicode are none.
     */
    static int sequence(byte[] bytes, int at, int limit) {
        int first = bytes[at] & 0xff;
        int length = first >= 0xc2 && first <= 0xdf
                ? 2
                : first >= 0xe0 && first <= 0xef
                        ? 3
                        : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
        if (length == 0) return WRONG;
        for (int i = 1; i < length; i++) {
            if (at + i >= limit) return CUT;
            int value = bytes[at + i] & 0xff;
            int least = i > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            int most = i > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            if (value < least || value > most) return WRONG;
        }
        return length;
    }
}
