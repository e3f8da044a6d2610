package io.retort.text.template;

import java.util.Objects;

/**
 * A message as chat templates know it.
 *
 * @param role {@code system}, {@code user} or {@code assistant}; trusted
 * @param content what is said; never trusted
 */
public record ChatMessage(String role, String content) {
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }
}
