package io.retort.learn;

import io.retort.files.BadInput;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a model is made of: what its provenance and its card say, and what a reproduction checks first.
 *
 * @param summary a sentence on the model and how it is trained, in Markdown
 * @param data    files that it is trained on, then those it is validated on
 * @param parents models that it starts from or learns from
 */
public record TrainingSources(String summary, List<Source> data, List<Source> parents) {
    /**
     * One data file or parent model that goes into a trained model.
     *
     * @param name    as the user named it
     * @param digest  SHA-256 of a file, the fingerprint of a model, in hex
     * @param licence as far as known, else empty
     */
    public record Source(String name, String digest, String licence) {
    }

    /** The digests of all data files and parent models, in their order. */
    List<String> digests() {
        return all().map(Source::digest).toList();
    }

    /**
     * Refuses to resume a run with data or parents other than those it was begun with.
     *
     * @throws BadInput naming the first that has changed
     */
    void requireDigests(List<String> begun) {
        List<Source> now = all().toList();
        for (int i = 0; i < now.size(); i++) {
            if (i < begun.size() && begun.get(i).equals(now.get(i).digest())) continue;
            throw BadInput.of(now.get(i).name() + " has changed since the run was begun",
                    "put back what it was, or train in another \"out\"");
        }
    }

    private Stream<Source> all() {
        return Stream.concat(data.stream(), parents.stream());
    }
}
