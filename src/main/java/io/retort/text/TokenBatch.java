package io.retort.text;

import java.util.Arrays;

/**
 * Sequences padded to one length, for one pass through a model. The arrays are the batch's own; nobody may change them.
 *
 * @param ids token ids {@code [batch, time]}, row by row, padding at the end of each row
 * @param lengths tokens of each row that are not padding {@code [batch]}
 * @param time padded length
 * @param rows place of each row in the list the batch was planned from {@code [batch]}
 */
public record TokenBatch(int[] ids, int[] lengths, int time, int[] rows) {
    /** Number of sequences, the rows of the batch. */
    public int batch() {
        return lengths.length;
    }

    /** The mask {@code [batch, time]} that a model reads: one for tokens, zero for padding. */
    public float[] mask() {
        float[] mask = new float[ids.length];
        for (int row = 0; row < batch(); row++) Arrays.fill(mask, row * time, row * time + lengths[row], 1);
        return mask;
    }

    /**
     * Copies this batch's vectors {@code [batch, dim]} to their places in the vectors of all sequences
     * {@code [all, dim]}.
     */
    public void scatter(float[] vectors, int dim, float[] all) {
        for (int row = 0; row < batch(); row++) System.arraycopy(vectors, row * dim, all, rows[row] * dim, dim);
    }
}
