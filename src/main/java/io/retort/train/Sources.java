package io.retort.train;

import java.util.List;

/**
 * What a model is made of: what its provenance and its card say, and what a reproduction checks first.
 *
 * @param summary a sentence on the model and how it is trained, in Markdown
 * @param data    files that it is trained on, then those it is validated on
 * @param parents models that it starts from or learns from
 */
public record Sources(String summary, List<Source> data, List<Source> parents) {
    /**
     * One file or model.
     *
     * @param name    as the user named it
     * @param digest  SHA-256 of a file, the fingerprint of a model, in hex
     * @param licence as far as known, else empty
     */
    public record Source(String name, String digest, String licence) {
    }
}
