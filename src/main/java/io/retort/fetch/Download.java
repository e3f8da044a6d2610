package io.retort.fetch;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Brings a file over HTTP(S) to the disk, whole and verified or not at all. What has come of it waits in {@code
 * TARGET.partial}, so that a later try, even of another process, asks only for the rest; the target itself appears, or
 * is replaced, at the very end.
 *
 * <p>Made for the {@code resolve} addresses of the Hugging Face Hub, which redirect to a network of caches and tell
 * size, SHA-256 and commit of the file in the headers of that first answer; any HTTP server will do.
 *
 * <p>Immutable; {@link #fetch()} works in the calling thread, and one at a time for each target.
 */
final class Download {
    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]*");

    /**
     * What the file must be, so far as it is known beforehand.
     *
     * @param size   in bytes, −1 if not known
     * @param sha256 64 hexadecimal digits, empty if not known
     */
    public record Expected(long size, String sha256) {
        public static final Expected UNKNOWN = new Expected(-1, "");

        public Expected {
            if (size < -1) throw BadInput.of(size + " is no size of a file", "give bytes, or -1 if not known");
            if (!sha256.matches("(\\p{XDigit}{64})?")) {
                throw BadInput.of("\"" + sha256 + "\" is no SHA-256", "give 64 hexadecimal digits");
            }
            sha256 = sha256.toLowerCase(Locale.ROOT);
        }

        /** Fills what is not known here from {@code told}, which must not contradict the rest. */
        private Expected and(Expected told, URI source) {
            if (size >= 0 && told.size >= 0 && size != told.size) {
                throw mismatch(source, size + " bytes", told.size + " bytes");
            }
            if (!sha256.isEmpty() && !told.sha256.isEmpty() && !sha256.equals(told.sha256)) {
                throw mismatch(source, "SHA-256 " + sha256, told.sha256);
            }
            return new Expected(Math.max(size, told.size), sha256.isEmpty() ? told.sha256 : sha256);
        }

        private static BadInput mismatch(URI source, String expected, String found) {
            return BadInput.of(source + ": expected " + expected + ", found " + found,
                    "the file was changed or damaged: check the revision asked for, or try again");
        }
    }

    private final URI source;
    private final Path target;
    private final Expected expected;
    private final String token;
    private final Progress progress;
    private final RetryPolicy retries;

    private Download(URI source, Path target, Expected expected, String token, Progress progress, RetryPolicy retries) {
        this.source = source;
        this.target = target;
        this.expected = expected;
        this.token = token;
        this.progress = progress;
        this.retries = retries;
    }

    /**
     * A download whose size and checksum are not known beforehand. It does nothing before {@link #fetch()} is called.
     */
    public static Download of(URI source, Path target) {
        if (source.getRawUserInfo() != null) throw BadInput.of("an address with a password in it", "use a token");
        if (!isHttp(source)) throw BadInput.of(source + " is no address of a file", "begin it with https://");
        return new Download(source, target, Expected.UNKNOWN, "", Progress.NONE, RetryPolicy.DEFAULT);
    }

    /** This download with a size and checksum to be met; where one is not known, that told by the server holds. */
    public Download expecting(Expected file) {
        return new Download(source, target, file, token, progress, retries);
    }

    /**
     * This download with a bearer token, which is sent to the host of the source and never to another one it redirects
     * to; an empty text stands for none.
     */
    public Download withToken(String bearer) {
        // The message must not show the token.
        if (!PRINTABLE.matcher(bearer).matches()) {
            throw BadInput.of("the token has characters that no token has", "look for line ends and spaces in it");
        }
        return new Download(source, target, expected, bearer, progress, retries);
    }

    /** This download with a listener that is told how many bytes have come, those of an earlier try included. */
    public Download reportingTo(Progress watcher) {
        return new Download(source, target, expected, token, watcher, retries);
    }

    Download with(RetryPolicy limits) {
        return new Download(source, target, expected, token, progress, limits);
    }

    static boolean isHttp(URI address) {
        String scheme = address.getScheme();
        return address.getHost() != null && ("https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme));
    }

    /**
     * Downloads the file, or the rest of it, verifies it and gives it the target's name. Tries again after cut
     * connections and passing errors of the server.
     *
     * @throws BadInput    if the server cannot be reached, refuses, gives up, or has another file than expected; the
     * message tells what to
     *                     do. A file that arrived and is not the expected one is removed
     * @throws IOException if the disk fails or is full, or the thread was interrupted; what has come is kept
     */
    public Downloaded fetch() throws IOException {
        try (PartialFile partial = PartialFile.open(target);
                HttpSource server = new HttpSource(source, token, retries)) {
            long furthest = partial.length();
            for (int vain = 0;;) {
                try {
                    return fetch(partial, server);
                } catch (HttpSource.ConnectionCut cut) {
                    vain = partial.length() > furthest ? 1 : vain + 1;
                    furthest = Math.max(furthest, partial.length());
                    if (vain >= retries.tries()) throw givenUp(partial, cut);
                    pause(retries.pause(vain, cut.requestedPause()));
                }
            }
        }
    }

    /**
     * Downloads, as {@link #fetch} does, a file that need not exist; the result is empty if the server has none of that
     * name.
     *
     * @throws BadInput as {@link #fetch}, for any other reason
     */
    public Optional<Downloaded> fetchIfThere() throws IOException {
        try {
            return Optional.of(fetch());
        } catch (BadInput e) {
            if (e.getCause() instanceof FileNotFoundException) return Optional.empty();
            throw e;
        }
    }

    private BadInput givenUp(PartialFile partial, HttpSource.ConnectionCut cut) {
        String remedy = partial.length() == 0
                ? "try again later"
                : "try again later; the " + partial.length() + " bytes that came are kept";
        return BadInput.of(source + ": " + cut.getMessage() + ", " + retries.tries() + " times in a row", remedy)
                .causedBy(cut);
    }

    private static void pause(Duration time) throws InterruptedIOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while downloading");
        }
    }

    private Downloaded fetch(PartialFile partial, HttpSource server) throws IOException {
        long from = partial.origin().isIdentified() ? partial.length() : 0;
        try (FinalResponse answer = server.open(from, partial.origin().etag())) {
            refuseErrors(answer);
            Expected whole = expected.and(answer.linked().expected(), source)
                    .and(new Expected(answer.deliveredSize(), ""), source);
            switch (answer.status()) {
                case 200 -> partial.restart(answer.origin());
                case 206 -> continueOrRestart(partial, answer, from);
                default -> requireComplete(partial, answer, from);
            }
            if (answer.status() != 416) receive(answer.body(), partial, whole.size());
            requireEnd(partial, answer);
            return finish(partial, whole, answer.linked().revision());
        }
    }

    /** Throws for every status but 200, 206 and 416, which the caller tells apart. */
    private void refuseErrors(FinalResponse answer) throws HttpSource.ConnectionCut {
        int status = answer.status();
        String problem = source + ": ";
        switch (status) {
            case 200, 206 -> {
                if (answer.isPlain()) return;
                throw BadInput.of(problem + "the server compresses what was asked for plain", "try another mirror");
            }
            case 416 -> {
                return;
            }
            case 401, 403 -> {
                // The caches behind the first host refuse addresses that have expired; it gives fresh ones.
                if (!answer.fromFirstHost()) throw new HttpSource.ConnectionCut("HTTP " + status + " after a redirect");
                throw BadInput.of(problem + "access refused (HTTP " + status + ")", accessRemedy());
            }
            case 404, 410 -> throw BadInput.of(problem + "there is no such file (HTTP " + status + ")",
                    "check the spelling of the model, the file and the revision")
                    .causedBy(new FileNotFoundException(source.toString()));
            default -> {
                if (status == 408 || status == 429 || status >= 500) {
                    throw new HttpSource.ConnectionCut("HTTP " + status, answer.retryAfter());
                }
                throw BadInput.of(problem + "unexpected answer (HTTP " + status + ")", "check the address");
            }
        }
    }

    private String accessRemedy() {
        return token.isEmpty()
                ? "check the spelling; if the model is gated or private, accept its terms on its page and set HF_TOKEN"
                : "check the spelling, that the token in HF_TOKEN is valid, and that its owner accepted the "
                        + "model's terms";
    }

    private static void continueOrRestart(PartialFile partial, FinalResponse answer, long from) throws IOException {
        boolean fits = answer.range().filter(range -> range.start() == from).isPresent();
        if (from > 0 && fits && !partial.origin().contradicts(answer.origin())) return;
        partial.restart(PartialFile.Origin.UNKNOWN);
        throw new HttpSource.ConnectionCut("the server has another file than before");
    }

    /** Judges a refused range (status 416): either nothing is missing, or the bytes here belong to a longer file. */
    private static void requireComplete(PartialFile partial, FinalResponse answer, long from) throws IOException {
        boolean complete = from > 0 && answer.declaredSize() == from
                && !partial.origin().contradicts(answer.origin());
        if (complete) return;
        partial.restart(PartialFile.Origin.UNKNOWN);
        throw new HttpSource.ConnectionCut("the server has another file than before");
    }

    private void receive(TimedBody body, PartialFile partial, long size) throws IOException {
        for (List<ByteBuffer> pieces = body.next(); !pieces.isEmpty(); pieces = body.next()) {
            for (ByteBuffer piece : pieces) {
                if (size >= 0 && partial.length() + piece.remaining() > size) {
                    partial.discard();
                    throw Expected.mismatch(source, size + " bytes", "more");
                }
                partial.append(piece);
            }
            progress.update(partial.length(), size);
        }
    }

    /**
     * Checks that the answer reached the end of the file: servers may send less of a range than asked for, or not
     * notice that their own source dried up.
     */
    private static void requireEnd(PartialFile partial, FinalResponse answer) throws HttpSource.ConnectionCut {
        if (partial.length() < answer.declaredSize())
            throw new HttpSource.ConnectionCut("the server stopped before the end");
    }

    private Downloaded finish(PartialFile partial, Expected whole, String revision) throws IOException {
        String sha256 = partial.sha256();
        try {
            whole.and(new Expected(partial.length(), sha256), source);
        } catch (BadInput mismatch) {
            partial.discard();
            throw mismatch;
        }
        partial.commit();
        return new Downloaded(target, partial.length(), sha256, Optional.of(revision).filter(id -> !id.isEmpty()));
    }

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

    /**
     * A file that has come whole and is verified.
     *
     * @param file     where it is now
     * @param size     in bytes
     * @param sha256   of the whole file, 64 lower-case hexadecimal digits
     * @param revision the commit it belongs to, if the server told ({@code X-Repo-Commit} of the Hugging Face Hub)
     */
    record Downloaded(Path file, long size, String sha256, Optional<String> revision) {}
}
