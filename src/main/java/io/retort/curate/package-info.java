/**
 * What of people's texts may be kept: personal data that are found and masked, replies that come too often or nearly
 * again, the language of a text, and lines that look as if something went wrong before they came here.
 *
 * {@snippet :
 * PersonalData personal = PersonalData.of(List.of(PersonalKind.values()), List.of("Ada Byron"));
 * personal.mask("I am Ada Byron, ada@example.com"); // I am [name], [email]
 * }
 *
 * <p>Entry types: {@link io.retort.curate.Curation} (what is kept of dialogues), {@link io.retort.curate.PersonalData},
 * {@link io.retort.curate.ReplyRepetition}, {@link io.retort.curate.LanguageGuess}, {@link io.retort.curate.Suspicion}.
 *
 * <p>May import {@code files}, {@code settings} and {@code dialogue}. What finds things is immutable and belongs to any
 * thread; what counts belongs to one.
 */
package io.retort.curate;
