package io.retort.search;

/** A reply that was found: its row in the index and its score, greater is better. */
public record Hit(int row, float score) {
}
