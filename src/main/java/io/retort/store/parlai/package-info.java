/**
 * Files of ParlAI: checkpoints with their options and dictionary, turned into model folders and into folders of the
 * Hugging Face Hub. May import what its room {@code store} may, and {@code store}. {@link
 * io.retort.store.parlai.ParlaiImport} is the way in.
 */
package io.retort.store.parlai;
