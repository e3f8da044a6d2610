package io.retort.jobs;

import io.retort.teacher.remote.RemoteTeacherSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a teacher is: a file or a folder, or a server's address.
 *
 * @param text the path or the address
 */
public record TeacherPlace(String text) {
    /** @throws IllegalArgumentException if it is an address that no teacher has, which is not told again */
    public TeacherPlace {
        Objects.requireNonNull(text, "text");
        text = RemoteTeacherSettings.isAddress(text)
                ? RemoteTeacherSettings.address(text).toString()
                : Path.of(text).toString();
    }

    /** A teacher in a file or a folder. */
    public static TeacherPlace of(Path path) {
        return new TeacherPlace(path.toString());
    }

    /**
     * Reads a place as people write it.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static TeacherPlace parse(String text) {
        return new TeacherPlace(text);
    }

    /** The server's address; empty of a file. */
    public Optional<URI> address() {
        return RemoteTeacherSettings.isAddress(text) ? Optional.of(URI.create(text)) : Optional.empty();
    }

    /**
     * The file or the folder.
     *
     * @throws IllegalStateException if it is a server's address
     */
    public Path path() {
        if (address().isPresent()) throw new IllegalStateException("the teacher is no file but a server");
        return Path.of(text);
    }

    /** The place as {@link #parse} reads it. */
    @Override
    public String toString() {
        return text;
    }
}
