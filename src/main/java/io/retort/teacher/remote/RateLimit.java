package io.retort.teacher.remote;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds all requests back while a server says that it takes none. Any thread may use it. */
final class RateLimit {
    /** A wait beyond this is no pause but the end of a day's quota, for which no job should sit idle. */
    static final Duration LONGEST = Duration.ofMinutes(15);
    private static final Pattern PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|h|m|s)");
    private static final Pattern PARTS = Pattern.compile("(?:\\d{1,9}(?:\\.\\d{1,9})?(?:ms|h|m|s))+");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(?:\\.\\d{1,9})?");

    private final AtomicReference<Instant> open = new AtomicReference<>(Instant.MIN);

    /** Waits until requests may be sent again. */
    void await() throws InterruptedException {
        Duration left = Duration.between(Instant.now(), open.get().equals(Instant.MIN) ? Instant.now() : open.get());
        if (left.isPositive()) Thread.sleep(left);
    }

    /** Takes note of what an answer says of limits, and returns how long it asks everybody to wait. */
    Optional<Duration> note(int status, HttpHeaders headers) {
        Instant now = Instant.now();
        Optional<Duration> wait = asked(status, headers, now);
        wait.ifPresent(time -> open.accumulateAndGet(now.plus(time.compareTo(LONGEST) < 0 ? time : LONGEST),
                (one, other) -> one.isAfter(other) ? one : other));
        return wait;
    }

    /**
     * How long an answer asks to wait: by {@code Retry-After} in seconds or as a date, or by what is left of requests
     * and tokens.
     */
    static Optional<Duration> asked(int status, HttpHeaders headers, Instant now) {
        boolean isRefused = status == 429 || status == 503;
        if (isRefused) {
            Optional<Duration> milliseconds = headers.firstValue("retry-after-ms").filter(SECONDS.asMatchPredicate())
                    .map(text -> duration(Double.parseDouble(text)));
            if (milliseconds.isPresent()) return milliseconds;
            Optional<Duration> after = headers.firstValue("retry-after").flatMap(text -> retryAfter(text, now));
            if (after.isPresent()) return after;
        }
        Optional<Duration> longest = Optional.empty();
        for (String what : List.of("requests", "tokens")) {
            boolean isUsedUp = headers.firstValue("x-ratelimit-remaining-" + what).map(String::strip)
                    .filter("0"::equals).isPresent();
            if (!isUsedUp) continue;
            Optional<Duration> reset = headers.firstValue("x-ratelimit-reset-" + what).flatMap(RateLimit::parts);
            if (reset.isPresent() && (longest.isEmpty() || reset.get().compareTo(longest.get()) > 0)) longest = reset;
        }
        return longest;
    }

    private static Optional<Duration> retryAfter(String text, Instant now) {
        String value = text.strip();
        if (SECONDS.matcher(value).matches()) return Optional.of(duration(1000 * Double.parseDouble(value)));
        try {
            Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** A time such as {@code 6m0s}, {@code 20ms} or, without a unit, seconds. */
    private static Optional<Duration> parts(String text) {
        String value = text.strip();
        if (SECONDS.matcher(value).matches()) return Optional.of(duration(1000 * Double.parseDouble(value)));
        if (!PARTS.matcher(value).matches()) return Optional.empty();
        double milliseconds = 0;
        Matcher part = PART.matcher(value);
        while (part.find()) {
            milliseconds += Double.parseDouble(part.group(1)) * switch (part.group(2)) {
                case "ms" -> 1;
                case "s" -> 1000;
                case "m" -> 60_000;
                default -> 3_600_000;
            };
        }
        return Optional.of(duration(milliseconds));
    }

    private static Duration duration(double milliseconds) {
        return Duration.ofMillis((long) Math.ceil(milliseconds));
    }
}
