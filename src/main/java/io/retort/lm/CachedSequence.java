package io.retort.lm;

import java.util.Arrays;

/** A sequence in a {@link DecoderCache}: the blocks that hold its tokens, each filled from its start, in ascending order. */
final class CachedSequence implements Sequence {
    private final DecoderCache cache;
    private final CacheSlots slots;
    private int[] blocks = new int[4];
    private int[] filled = new int[4];
    private int count;
    private int length;
    private float[] hidden;
    private boolean closed;

    CachedSequence(DecoderCache cache, CacheSlots slots) {
        this.cache = cache;
        this.slots = slots;
    }

    boolean isIn(DecoderCache other) {
        return cache == other && !closed;
    }

    @Override
    public int length() {
        return length;
    }

    /** The hidden state of the last token, {@code [dim]}: what says the next one. */
    float[] hidden() {
        return hidden;
    }

    void hidden(float[] state) {
        hidden = state;
    }

    /** A slot for one more token. A block that a fork holds too is left as it is. */
    int extend() {
        int last = count - 1;
        if (last < 0 || filled[last] == CacheSlots.BLOCK || slots.isShared(blocks[last])) {
            if (count == blocks.length) {
                blocks = Arrays.copyOf(blocks, 2 * count);
                filled = Arrays.copyOf(filled, 2 * count);
            }
            blocks[count] = slots.take(last < 0 ? -1 : blocks[last]);
            filled[count] = 0;
            last = count++;
        }
        length++;
        return blocks[last] * CacheSlots.BLOCK + filled[last]++;
    }

    /** Lets a row of a run see all tokens. */
    void show(DecoderInputs inputs, int row) {
        int position = 0;
        for (int i = 0; i < count; i++) {
            int from = blocks[i] * CacheSlots.BLOCK;
            inputs.see(row, from, from + filled[i], position);
            position += filled[i];
        }
    }

    @Override
    public Sequence fork() {
        if (closed) throw new IllegalStateException("the sequence is closed");
        CachedSequence fork = new CachedSequence(cache, slots);
        fork.blocks = blocks.clone();
        fork.filled = filled.clone();
        fork.count = count;
        fork.length = length;
        fork.hidden = hidden;
        for (int i = 0; i < count; i++) slots.hold(blocks[i]);
        return fork;
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        for (int i = 0; i < count; i++) slots.release(blocks[i]);
    }
}
