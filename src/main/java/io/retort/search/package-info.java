/**
 * Replies and their vectors in one file, and the search for the best of them.
 *
 * <p>Entry types: {@link io.retort.search.ResponseIndex} (the file, open), {@link io.retort.search.IndexWriter} (makes
 * it), {@link io.retort.search.IndexBuilder} (fills it with a model, or appends to one), {@link
 * io.retort.search.IndexMerge} (makes one of several), {@link io.retort.search.ResponseSearch} (the contract of search,
 * with its {@link io.retort.search.Exactness}), {@link io.retort.search.SearchMethod} (its implementations: {@link
 * io.retort.search.ExactSearch}, the oracle, {@link io.retort.search.ScreenedSearch}, the fast one, and {@link
 * io.retort.search.GpuSearch}, on a card, {@link io.retort.search.HnswSearch}, which misses some), {@link io.retort.search.SearchPlan} (which of them is taken), {@link
 * io.retort.search.SyntheticVectors} (rows and queries to measure them with).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code ingest}, {@code curate}, {@code text}, {@code simd}, {@code gpu} and {@code retrieval}. An open
 * index and its searches may be used from any thread; a writer belongs to one.
 */
package io.retort.search;
