package io.retort.fetch;

import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the first host says of the file it redirects to: the Hugging Face Hub keeps large files on a network of caches,
 * and names their content in headers of its own. Everything unknown is empty or −1, also what a server wrote in a form
 * no honest one uses.
 *
 * @param linkedEtag {@code X-Linked-Etag}: for large files their SHA-256
 * @param etag       the host's own {@code ETag}
 * @param size       {@code X-Linked-Size}, bytes
 * @param revision   {@code X-Repo-Commit}: the commit that a name such as {@code main} stood for
 */
record RedirectHeaders(String linkedEtag, String etag, long size, String revision) {
    static final RedirectHeaders NOTHING = new RedirectHeaders("", "", -1, "");

    private static final Pattern TAG = Pattern.compile("(?:W/)?\"?[\\x21\\x23-\\x7e]{1,200}\"?");
    private static final Pattern SHA256 = Pattern.compile("\"?(\\p{XDigit}{64})\"?");
    private static final Pattern COMMIT = Pattern.compile("[\\w.-]{1,100}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    static RedirectHeaders in(HttpHeaders headers) {
        return new RedirectHeaders(header(headers, "X-Linked-Etag", TAG), header(headers, "ETag", TAG),
                number(headers, "X-Linked-Size"), header(headers, "X-Repo-Commit", COMMIT));
    }

    /** Fills what is unknown here from a later answer of the same host. */
    RedirectHeaders or(RedirectHeaders later) {
        return new RedirectHeaders(linkedEtag.isEmpty() ? later.linkedEtag : linkedEtag,
                etag.isEmpty() ? later.etag : etag,
                size < 0 ? later.size : size, revision.isEmpty() ? later.revision : revision);
    }

    /** The file's size and checksum, so far as these headers tell them. */
    Download.Expected expected() {
        return new Download.Expected(size, sha256(linkedEtag).or(() -> sha256(etag)).orElse(""));
    }

    /** The tag of the bytes themselves as {@code If-Range} takes it; weak ones promise too little and count as none. */
    static String strongEtag(HttpHeaders headers) {
        String tag = header(headers, "ETag", TAG);
        return tag.startsWith("\"") && tag.endsWith("\"") ? tag : "";
    }

    /** The tag itself if it has the form of one, and can so be sent back in a header; else empty. */
    static String tag(String text) {
        return TAG.matcher(text).matches() ? text : "";
    }

    static long number(HttpHeaders headers, String name) {
        String digits = header(headers, name, NUMBER);
        return digits.isEmpty() ? -1 : Long.parseLong(digits);
    }

    private static Optional<String> sha256(String tag) {
        return Optional.of(SHA256.matcher(tag)).filter(form -> form.matches()).map(form -> form.group(1));
    }

    private static String header(HttpHeaders headers, String name, Pattern form) {
        return headers.firstValue(name).filter(value -> form.matcher(value).matches()).orElse("");
    }
}
