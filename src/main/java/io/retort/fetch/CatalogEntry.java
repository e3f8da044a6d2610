package io.retort.fetch;

import io.retort.retrieval.ModelConfig;

/**
 * A model that {@code retort pull} knows: one line of {@code weights/manifest.json}.
 *
 * @param mapping which rules bring its parameters to our names; {@code bert} is the one there is
 * @param config what goes into its {@code config.json}
 */
public record CatalogEntry(String name, String description, String licence, String origin, String mapping,
        MavenSource maven, HubSource hub,
        ModelConfig config) {

    /**
     * A jar in a Maven repository that holds an ONNX file and a {@code tokenizer.json}.
     *
     * @param artifact {@code group:artifact:version}
     */
    public record MavenSource(String artifact, PackedFile weights, PackedFile tokenizer) {}

    /** A file in a jar, with the size in bytes and the SHA-256 that it must have. */
    public record PackedFile(String entry, long size, String sha256) {}

    /**
     * A model that is known by name and comes from the Hugging Face Hub alone, whose files say what it is.
     *
     * @param licence in its makers' words
     * @param repository {@code OWNER/NAME}
     */
    public record HubModel(String name, String description, String licence, String repository) {
    }

    /** A repository of the Hugging Face Hub at one of its revisions (a branch, tag or commit). */
    public record HubSource(String repository, String revision) {}
}
