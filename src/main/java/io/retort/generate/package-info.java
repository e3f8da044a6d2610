/**
 * The teacher at work: what it is asked and how its answers become replies.
 *
 * <p>Entry types: {@link io.retort.generate.PromptFormat} (how a context is put to a generator;
 * {@link io.retort.generate.PromptEncoder} writes it as token ids),
 * {@link io.retort.generate.ReplyCleaning} (replies out of what it wrote, with the reasons for what is dropped).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd}, {@code graph},
 * {@code model} and {@code search}. Prompt formats, encoders and cleaning are immutable and belong to any thread.
 */
package io.retort.generate;
