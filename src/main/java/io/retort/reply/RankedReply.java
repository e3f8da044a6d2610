package io.retort.reply;

/**
 * A reply that was found for a context.
 *
 * @param rank  from 1
 * @param row   its place in the index, from 0
 * @param score greater is better; comparable among the replies to one context
 * @param text  what it says
 */
public record RankedReply(int rank, int row, float score, String text) {}
