package io.retort.teacher;

/**
 * What a {@link Teacher} can do.
 *
 * @param generates whether it writes replies
 * @param judges    whether it tells how likely replies are
 */
public record Capabilities(boolean generates, boolean judges) {
}
