package io.retort.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Ways in which a file gets damaged or is made to harm: one to four of them at a time. */
public final class Mutations {
    /** Numbers that overflow, wrap, or are just beyond a limit. */
    private static final long[] HOSTILE = {-1, 0, 1, 2, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 1 << 20, Integer.MAX_VALUE,
        Integer.MIN_VALUE, 0xFFFF_FFFFL, 1L << 32, 1L << 40, Long.MAX_VALUE / 8, Long.MAX_VALUE / 4 + 1,
        Long.MAX_VALUE - 7, Long.MAX_VALUE, Long.MIN_VALUE};

    private final RandomGenerator random;

    public Mutations(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Another file than {@code whole}, most often.
     *
     * @param other a file whose parts are spliced in
     */
    public byte[] of(byte[] whole, byte[] other) {
        byte[] bytes = whole.clone();
        for (int n = 1 + random.nextInt(4); n > 0 && bytes.length > 0; n--) bytes = once(bytes, other);
        return bytes;
    }

    private byte[] once(byte[] bytes, byte[] other) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> putNumber(bytes, at);
            case 4 -> putNumber(bytes, at / 4 * 4);
            case 5 -> putDigits(bytes, at);
            case 6 -> {
                return splice(bytes, at, other);
            }
            default -> {
                int from = random.nextInt(bytes.length);
                int length = random.nextInt(Math.min(64, bytes.length - Math.max(at, from)) + 1);
                System.arraycopy(bytes, from, bytes, at, length);
            }
        }
        return bytes;
    }

    /** A length, count or offset, of 4 or 8 bytes. */
    private void putNumber(byte[] bytes, int at) {
        long value = HOSTILE[random.nextInt(HOSTILE.length)];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (random.nextBoolean() && at + Long.BYTES <= bytes.length) buffer.putLong(at, value);
        else if (at + Integer.BYTES <= bytes.length) buffer.putInt(at, (int) value);
    }

    /** What changes the numbers and the grammar of JSON. */
    private void putDigits(byte[] bytes, int at) {
        String signs = "0123456789-.eE{}[]\",:\\u";
        int length = Math.min(1 + random.nextInt(12), bytes.length - at);
        boolean digits = random.nextBoolean();
        for (int i = 0; i < length; i++)
            bytes[at + i] = (byte) signs.charAt(random.nextInt(digits ? 10 : signs.length()));
    }

    /** The start of one file and the end of another, or a part of the other in the middle of the one. */
    private byte[] splice(byte[] bytes, int at, byte[] other) {
        int from = random.nextInt(other.length);
        int to = random.nextBoolean() ? other.length : Math.min(other.length, from + random.nextInt(200));
        byte[] middle = Arrays.copyOfRange(other, from, to);
        int resume = random.nextBoolean() ? bytes.length : at;
        byte[] spliced = Arrays.copyOf(bytes, at + middle.length + bytes.length - resume);
        System.arraycopy(middle, 0, spliced, at, middle.length);
        System.arraycopy(bytes, resume, spliced, at + middle.length, bytes.length - resume);
        return spliced;
    }
}
