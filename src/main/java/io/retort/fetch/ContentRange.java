package io.retort.fetch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
