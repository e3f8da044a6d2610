/**
 * What may be said in public: whether a text is a person's cry for help, abuse, or in another language than the replies,
 * told by patterns of words through their disguises and by a small classifier on a student's vectors.
 *
 * {@snippet :
 * SafetyScreen screen = SafetyScreen.of(SafetySettings.defaults());
 * SafetyVerdict verdict = screen.checkTurn("I want to k1ll myself");
 * verdict.category(); // Optional[CRISIS]
 * }
 *
 * <p>Entry types: {@link io.retort.safety.SafetyScreen} (a text in, a verdict out), {@link
 * io.retort.safety.SafetySettings} (how strict, which languages, what is said instead), {@link
 * io.retort.safety.SafetyClassifier} (what a student's vectors tell).
 *
 * <p>May import {@code files}, {@code settings}, {@code dialogue} and {@code curate}. Everything here is immutable and
 * belongs to any thread.
 */
package io.retort.safety;
