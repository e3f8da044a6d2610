package io.retort.chat;

/**
 * A reply that was found.
 *
 * @param rank from 1
 * @param row its place in the index
 * @param score greater is better
 */
public record RankedReply(int rank, int row, float score, String text) {}
