/**
 * Conversations as data: dialogues, contexts and replies out of them, distilled candidates, ranking tests, and their
 * files.
 *
 * {@snippet :
 * try (RecordReader<Dialogue> dialogues = DialogueFile.FORMAT.open(Path.of("talks.jsonl.gz"))) {
 *     while (dialogues.hasNext()) System.out.println(dialogues.next().turns().size() + " turns");
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.dialogue.RecordFile} (tells and opens the file formats),
 * {@link io.retort.dialogue.Exchanges} (contexts and replies out of dialogues), {@link io.retort.dialogue.ResponseSet}
 * (what a retrieval model may say).
 *
 * <p>May import {@code files} and {@code settings}. Records are immutable and belong to any thread; readers, writers and the response set to
 * one.
 */
package io.retort.dialogue;
