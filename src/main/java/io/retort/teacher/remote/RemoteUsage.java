package io.retort.teacher.remote;

import java.util.Locale;
import java.util.Optional;

/**
 * What a {@link RemoteTeacher} has asked of its server so far.
 *
 * @param requests   that were sent, those that were sent again included
 * @param again      that were sent again after a fault or a limit
 * @param read       tokens that the server says it read
 * @param written    tokens that it says it wrote
 * @param unreadable candidates that the server could not tell apart from their contexts, which have no opinion
 */
public record RemoteUsage(long requests, long again, long read, long written, long unreadable) {
    /** The usage since an earlier one. */
    public RemoteUsage since(RemoteUsage earlier) {
        return new RemoteUsage(requests - earlier.requests, again - earlier.again, read - earlier.read,
                written - earlier.written, unreadable - earlier.unreadable);
    }

    /** Says the usage in a sentence, and what it costs if a price is known. */
    public String sentence(Optional<Price> price) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "%,d requests to the teacher's server%s: %,d tokens read, %,d written", requests,
                again == 0 ? "" : String.format(Locale.ROOT, " (%,d of them again)", again), read, written));
        price.ifPresent(asked -> text.append(String.format(Locale.ROOT, ", about %.4f at %s for a million",
                asked.of(read, written), asked)));
        if (unreadable > 0) {
            text.append(String.format(Locale.ROOT, "; %,d candidates had no likelihood, for the server's tokens do not "
                    + "part where they begin", unreadable));
        }
        return text.toString();
    }
}
