package io.retort.gpu;

/**
 * What is done, step by step, to find the best rows for a batch of queries: by a card ({@link CardSteps}), or in plain
 * Java, which is the specification ({@link ScalarSteps}). One thread.
 *
 * <p>Each query has a threshold, below which no score is among the k best of the rows, and candidates: rows of which the
 * bound reached the threshold as it was. Candidates beyond the capacity are lost, which is told in the end.
 */
interface ScanSteps {
    /** Queries in codes; no threshold, no candidates. */
    void prepare();

    /** Adds the phase's candidates. */
    void scan(ScanPhase phase);

    /** Raises thresholds to the k-th best lower bound of the candidates, and drops those whose bound is below. */
    void tighten();

    /** Scores the candidates as {@link io.retort.simd.Kernels} does, and chooses the k best. */
    void choose();

    /** Waits until the results are there. */
    void finish();

    /** How many were chosen for a query: k, or all its candidates if they are fewer. */
    int chosen(int query);

    /** Whether candidates were lost, so that what was chosen may not be the best. */
    boolean overflowed(int query);

    /** Row of the chosen candidate of that rank. */
    int row(int query, int rank);

    /** Its score, of which zero's sign is not told. */
    float score(int query, int rank);
}
