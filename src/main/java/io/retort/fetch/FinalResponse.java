package io.retort.fetch;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answer at the end of the redirects, its body yet to be read.
 *
 * @param linked        what the first host said of the file
 * @param fromFirstHost whether that host answered itself
 */
record FinalResponse(HttpSource.Reply reply, RedirectHeaders linked, boolean fromFirstHost) implements AutoCloseable {
    int status() {
        return reply.status();
    }

    TimedBody body() {
        return reply.body();
    }

    PartialFile.Origin origin() {
        return new PartialFile.Origin(RedirectHeaders.strongEtag(headers()), linked.linkedEtag(), declaredSize());
    }

    /**
     * Size of the whole file in bytes, as the sending host declares it, else as the first host does; −1 if neither
     * does.
     */
    long declaredSize() {
        return deliveredSize() >= 0 ? deliveredSize() : linked.size();
    }

    /** Size of the whole file in bytes by the headers of this answer alone; −1 if they do not tell. */
    long deliveredSize() {
        return switch (status()) {
            case 200 -> RedirectHeaders.number(headers(), "Content-Length");
            case 206, 416 -> range().map(ContentRange::total).orElse(-1L);
            default -> -1;
        };
    }

    Optional<ContentRange> range() {
        return headers().firstValue("Content-Range").flatMap(ContentRange::parse);
    }

    /** Whether the body is the file's own bytes, not a compressed form whose offsets mean nothing here. */
    boolean isPlain() {
        return headers().firstValue("Content-Encoding").orElse("identity").equalsIgnoreCase("identity");
    }

    /** The pause asked for with {@code Retry-After}, in seconds; dates are not worth a clock's trouble. */
    Duration retryAfter() {
        return Duration.ofSeconds(Math.clamp(RedirectHeaders.number(headers(), "Retry-After"), 0, 86_400));
    }

    private HttpHeaders headers() {
        return reply.headers();
    }

    @Override
    public void close() {
        body().close();
    }

    /**
     * The header {@code Content-Range} (RFC 9110, 14.4): {@code bytes 100-199/200}, or {@code bytes *}{@code /200} of a
     * refused range.
     *
     * @param start offset of the first byte sent, −1 in a refusal
     * @param total size of the whole file, −1 if the server does not tell
     */
    record ContentRange(long start, long total) {
        private static final Pattern FORM = Pattern.compile("bytes (?:(\\d{1,18})-\\d{1,18}|\\*)/(\\d{1,18}|\\*)");

        static Optional<ContentRange> parse(String header) {
            Matcher form = FORM.matcher(header);
            if (!form.matches()) return Optional.empty();
            return Optional.of(new ContentRange(number(form.group(1)), number(form.group(2))));
        }

        private static long number(String digits) {
            return digits == null || digits.equals("*") ? -1 : Long.parseLong(digits);
        }
    }
}
