package io.retort.search;

/**
 * Where the sections of an index lie. All of it follows from six numbers, so that a header cannot point anywhere else.
 *
 * @param count             replies
 * @param stride            bytes of a row of vectors
 * @param metadataBytes     length of the metadata section
 * @param textBytes         length of the text section
 * @param replyMetadataBytes length of the section of the replies' own metadata, or {@value #NONE}: the file has none,
 *                          and is of version 1
 * @param contextBytes      length of the section of the replies' contexts, or {@value #NONE}: the file has none, and is
 *                          of version 1 or 2
 */
record IndexLayout(int count, long stride, long metadataBytes, long textBytes, long replyMetadataBytes,
        long contextBytes) {
    static final int HEADER_BYTES = 192;
    static final int TRAILER_BYTES = 32;
    static final int BLOCK_BYTES = 4 << 20;
    static final int ALIGNMENT = 64;
    static final long NONE = -1;

    /**
     * @throws ArithmeticException if the file would be longer than a long can say
     */
    IndexLayout {
        if (contextBytes != NONE && replyMetadataBytes == NONE) {
            throw new IllegalArgumentException("contexts without a section of metadata before them");
        }
        long texts = Math.addExact(Math.addExact(metadataBytes, textBytes), Math.max(0, replyMetadataBytes));
        long fixed = Math.addExact(Math.addExact(texts, Math.max(0, contextBytes)), 24L * count + 4096);
        Math.addExact(Math.multiplyExact(stride, count), Math.multiplyExact(2, fixed));
    }

    private static long align(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    boolean hasReplyMetadata() {
        return replyMetadataBytes != NONE;
    }

    boolean hasContexts() {
        return contextBytes != NONE;
    }

    long metadata() {
        return HEADER_BYTES;
    }

    long textOffsets() {
        return align(metadata() + metadataBytes);
    }

    /** Length of a section of offsets: one for each reply, and one for the end of the last. */
    long offsetBytes() {
        return Long.BYTES * (count + 1L);
    }

    long texts() {
        return align(textOffsets() + offsetBytes());
    }

    long replyMetadataOffsets() {
        return align(texts() + textBytes);
    }

    long replyMetadata() {
        return align(replyMetadataOffsets() + offsetBytes());
    }

    long contextOffsets() {
        return align(replyMetadata() + replyMetadataBytes);
    }

    long contexts() {
        return align(contextOffsets() + offsetBytes());
    }

    long vectors() {
        if (hasContexts()) return align(contexts() + contextBytes);
        return hasReplyMetadata() ? align(replyMetadata() + replyMetadataBytes) : align(texts() + textBytes);
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
        if (hasContexts() && offset >= contextOffsets() && offset < vectors()) {
            return offset < contexts() ? "offsets of the contexts" : "contexts";
        }
        if (hasReplyMetadata() && offset >= replyMetadataOffsets() && offset < vectors()) {
            return offset < replyMetadata() ? "offsets of the replies' metadata" : "the replies' metadata";
        }
        if (offset < vectors()) return "texts";
        return offset < footer() ? "vectors" : "footer";
    }
}
