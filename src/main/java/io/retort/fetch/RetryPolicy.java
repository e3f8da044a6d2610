package io.retort.fetch;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a download waits, and how often it tries.
 *
 * @param connect    for a connection
 * @param silence    for the next byte, and the longest pause a server may ask for
 * @param tries      in a row that bring nothing new, after which the download gives up
 * @param firstPause between the first two tries; doubles with every further one
 */
record RetryPolicy(Duration connect, Duration silence, int tries, Duration firstPause) {
    static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofSeconds(15), Duration.ofSeconds(60), 5,
            Duration.ofSeconds(1));

    /**
     * The pause after so many tries in vain: exponential, and random by half so that many clients do not return at
     * once.
     */
    Duration pause(int vain, Duration requested) {
        long millis = firstPause.toMillis() << Math.clamp(vain - 1, 0, 16);
        Duration backOff = Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        Duration wished = requested.compareTo(silence) < 0 ? requested : silence;
        return wished.compareTo(backOff) > 0 ? wished : backOff;
    }
}
