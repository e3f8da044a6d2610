/**
 * Retrieval models on disk: Retort's own folders, and those of sentence-transformers and of the Hugging Face Hub, which
 * are read as their makers meant them and imported with a strict report; exports for other programs.
 *
 * <p>Entry types: {@link io.retort.store.ModelFolder} (a model on disk), {@link io.retort.store.ModelImport} (what another
 * program wrote), {@link io.retort.store.parlai.ParlaiImport} (ParlAI's files), {@link io.retort.store.BotFolder} (a student with the index it answers from), {@link
 * io.retort.store.SentenceTransformersExport}.
 *
 * <p>May import {@code files}, {@code text}, {@code tensor}, {@code simd}, {@code graph} and
 * {@code retrieval}. Folders are immutable once written; any thread.
 */
package io.retort.store;
