/**
 * Answering: from a context to ranked replies, and a session that remembers what was said.
 *
 * {@snippet :
 * try (Retort retort = Retort.open();
 *         Responder responder = retort.student(Path.of("my-student")).responder(Path.of("my.index"))) {
 *     for (RankedReply reply : responder.reply(Context.of("i love tea", "do you"), 3).ranked()) {
 *         System.out.println(reply.rank() + ". " + reply.text());
 *     }
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.reply.Responder} (contexts in, ranked replies out, with the time of
 * each stage), {@code ModelResponder} (a model and an index that belong together) and {@link io.retort.reply.ChatSession} (turns in, one reply out, no
 * repetition).
 *
 * <p>May import every room before it but {@code distill} and {@code learn}. A responder may be used from any thread, a
 * session from one.
 */
package io.retort.reply;
