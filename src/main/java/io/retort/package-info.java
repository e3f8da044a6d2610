/**
 * Retort as a library: {@link io.retort.Retort}, from which everything else comes.
 *
 * {@snippet :
 * try (Retort retort = Retort.open(); Responder responder = retort.student().responder()) {
 *     System.out.println(responder.reply("I lost my keys again.").text());
 * }
 * }
 *
 * <p>May import every room but {@code cli}; no room imports it. A {@code Retort} may be used from any thread.
 */
package io.retort;
