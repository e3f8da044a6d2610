package io.retort.eval;

/**
 * A measured value and what chance leaves open.
 *
 * @param value the value on the sample
 * @param interval where the value of the population lies, at 95 %
 */
public record Estimate(double value, Interval interval) {}
