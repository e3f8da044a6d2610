/**
 * Conversation: from a context to ranked replies, and a session that remembers what was said.
 *
 * <p>Entry types: {@link io.retort.chat.Replier} (one context in, replies out, with the time of each stage) and
 * {@link io.retort.chat.ChatSession} (turns in, one reply out, no repetition).
 *
 * <p>May import every room before it but {@code distill} and {@code train}. A replier may be used from any thread, a
 * session from one.
 */
package io.retort.chat;
