package io.retort.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the model that made an index was at that time, as the index's metadata say it: the student that comes with
 * Retort, a model that was pulled, or a folder, told from the index's own folder so that both may move together. It is a
 * hint: whoever opens the model there still compares fingerprints.
 *
 * @param text {@code bundled}, {@code pulled}, or a path that begins with a dot or a root, with slashes
 */
public record ModelPlace(String text) {
    /** The student that comes with Retort. */
    public static final ModelPlace BUNDLED = new ModelPlace("bundled");
    /** The folder of models that were pulled. */
    public static final ModelPlace PULLED = new ModelPlace("pulled");
    private static final String KEY = "model_at";

    /** The place of a model's folder, told to an index. */
    public static ModelPlace of(Path model, Path index) {
        Path there = model.toAbsolutePath().normalize(), here = folder(index);
        if (!there.getRoot().equals(here.getRoot())) return new ModelPlace(there.toString());
        String path = here.relativize(there).toString().replace('\\', '/');
        return new ModelPlace(path.startsWith("..") ? path : "./" + path);
    }

    private static Path folder(Path index) {
        return index.toAbsolutePath().normalize().getParent();
    }

    /** The folder that an index in this file is told; empty for a place that is none. */
    public Optional<Path> folder(ResponseIndex index) {
        if (equals(BUNDLED) || equals(PULLED)) return Optional.empty();
        try {
            return Optional.of(folder(index.file()).resolve(text).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty(); // the index comes from a system with other paths
        }
    }

    /** The place that an index tells of its model; empty for one that does not, such as those of version 0.1. */
    public static Optional<ModelPlace> in(ResponseIndex index) {
        JsonNode text = index.spec().metadata().path(KEY);
        return text.isTextual() ? Optional.of(new ModelPlace(text.textValue())) : Optional.empty();
    }

    /** Writes the place into the metadata of an index, or takes it out of them. */
    static void put(Optional<ModelPlace> place, ObjectNode metadata) {
        metadata.remove(KEY);
        place.ifPresent(some -> metadata.put(KEY, some.text));
    }

    /** The place that the first of several indexes tells, as another index in another folder would tell it. */
    static Optional<ModelPlace> moved(ResponseIndex from, Path to) {
        return in(from).map(place -> place.folder(from).map(folder -> of(folder, to)).orElse(place));
    }
}
