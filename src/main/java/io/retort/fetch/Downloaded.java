package io.retort.fetch;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that came whole.
 *
 * @param file     where it is now
 * @param size     in bytes
 * @param sha256   of the whole file, 64 lower-case hexadecimal digits
 * @param revision the commit it belongs to, if the server told ({@code X-Repo-Commit} of the Hugging Face Hub)
 */
record Downloaded(Path file, long size, String sha256, Optional<String> revision) {}
