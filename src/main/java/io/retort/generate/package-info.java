/**
 * The teacher at work: what it is asked and how its answers become replies.
 *
 * <p>Entry types: {@link io.retort.generate.PromptFormat} (how a context is put to a generator;
 * {@link io.retort.generate.PromptEncoder} writes it as token ids).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd}, {@code graph},
 * {@code model} and {@code search}. Prompt formats and encoders are immutable and belong to any thread.
 */
package io.retort.generate;
