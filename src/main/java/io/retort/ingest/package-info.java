/**
 * Conversations as other people have them: what a file is taken for, told by its content, and its dialogues one at a
 * time. Files of our own formats come through the same door.
 *
 * {@snippet :
 * SourceFile source = SourceFile.recognise(Path.of("talks.csv"), ReadingSettings.defaults());
 * try (SourceReader<Dialogue> dialogues = source.dialogues()) {
 *     dialogues.forEachRemaining(dialogue -> System.out.println(dialogue.turns().size() + " turns"));
 *     System.out.println(dialogues.report().sentence());
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.ingest.SourceFile} (recognises and opens a file),
 * {@link io.retort.ingest.ConversationFormat} (the seam: one class a format, one line of
 * {@link io.retort.ingest.ConversationFormats#KNOWN}), {@link io.retort.ingest.ReadingSettings} (what a user decides),
 * {@link io.retort.ingest.ReadingReport} (what was read and what was left out).
 *
 * <p>May import {@code files}, {@code settings} and {@code dialogue}. Readers belong to one thread, all else to any.
 */
package io.retort.ingest;
