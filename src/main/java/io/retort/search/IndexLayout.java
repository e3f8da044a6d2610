package io.retort.search;

/**
 * Where the sections of an index lie. All of it follows from four numbers, so that a header cannot point anywhere else.
 *
 * @param count         replies
 * @param stride        bytes of a row of vectors
 * @param metadataBytes length of the metadata section
 * @param textBytes     length of the text section
 */
record IndexLayout(int count, long stride, long metadataBytes, long textBytes) {
    static final int HEADER_BYTES = 192;
    static final int TRAILER_BYTES = 32;
    static final int BLOCK_BYTES = 4 << 20;
    static final int ALIGNMENT = 64;

    /**
     * @throws ArithmeticException if the file would be longer than a long can say
     */
    IndexLayout {
        long fixed = Math.addExact(Math.addExact(metadataBytes, textBytes), 8L * count + 1024);
        Math.addExact(Math.multiplyExact(stride, count), Math.multiplyExact(2, fixed));
    }

    private static long align(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    long metadata() {
        return HEADER_BYTES;
    }

    long textOffsets() {
        return align(metadata() + metadataBytes);
    }

    long texts() {
        return align(textOffsets() + Long.BYTES * (count + 1L));
    }

    long vectors() {
        return align(texts() + textBytes);
    }

    long vectorBytes() {
        return stride * count;
    }

    long footer() {
        return align(vectors() + vectorBytes());
    }

    int blocks() {
        return Math.toIntExact((footer() + BLOCK_BYTES - 1) / BLOCK_BYTES);
    }

    long footerBytes() {
        return (long) Integer.BYTES * blocks() + TRAILER_BYTES;
    }

    long fileBytes() {
        return footer() + footerBytes();
    }

    /** The section that a byte belongs to, for messages. */
    String sectionAt(long offset) {
        if (offset < metadata()) return "header";
        if (offset < textOffsets()) return "metadata";
        if (offset < texts()) return "text offsets";
        if (offset < vectors()) return "texts";
        return offset < footer() ? "vectors" : "footer";
    }
}
