/**
 * Answering: from a context to ranked replies, and a session that remembers what was said.
 *
 * <p>Entry types: {@link io.retort.reply.Responder} (a model and an index that belong together; contexts in, ranked
 * replies out, with the time of each stage) and {@link io.retort.reply.ChatSession} (turns in, one reply out, no
 * repetition).
 *
 * <p>May import every room before it but {@code distill} and {@code train}. A responder may be used from any thread, a
 * session from one.
 */
package io.retort.reply;
