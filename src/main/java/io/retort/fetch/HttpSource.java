package io.retort.fetch;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Asks for a file over HTTP and follows redirects by hand: the headers of the first answer matter, and the token is for
 * the first host alone. Every request begins at the source, since what it redirects to may expire. One thread.
 */
final class HttpSource implements AutoCloseable {
    private static final int MOST_REDIRECTS = 5;

    /** An answer whose status and headers have come, while the body is still to be read. */
    record Reply(int status, HttpHeaders headers, TimedBody body) {}

    private final URI source;
    private final String token;
    private final Download.RetryPolicy retries;
    private final HttpClient client;
    private boolean reached;

    HttpSource(URI source, String token, Download.RetryPolicy retries) {
        this.source = source;
        this.token = token;
        this.retries = retries;
        // A download is one stream of bytes, to which HTTP/2 would only add its small windows.
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(retries.connect())
                .proxy(EnvironmentProxy.ofThisProcess()).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    /**
     * Asks for the file from a byte on and follows redirects to the final answer.
     *
     * @param from first byte wanted; 0 asks for the whole file
     * @param etag of the bytes before it; if the server has others now, it is to send the whole file. May be empty
     */
    FinalResponse open(long from, String etag) throws IOException {
        URI at = source;
        RedirectHeaders linked = RedirectHeaders.NOTHING;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            Reply reply = send(request(at, from, etag));
            boolean first = isFirstHost(at);
            if (first) linked = linked.or(RedirectHeaders.in(reply.headers()));
            if (!redirects(reply.status())) return new FinalResponse(reply, linked, first);
            reply.body().close();
            at = next(at, reply.headers().firstValue("Location").orElse(""));
        }
        throw BadInput.of(source + ": redirected more than " + MOST_REDIRECTS + " times", "check the address");
    }

    private HttpRequest request(URI at, long from, String etag) {
        HttpRequest.Builder request = HttpRequest.newBuilder(at).GET().header("User-Agent", "retort")
                .header("Accept-Encoding", "identity");
        if (!token.isEmpty() && isFirstHost(at)) request.header("Authorization", "Bearer " + token);
        if (from > 0) request.header("Range", "bytes=" + from + "-");
        if (from > 0 && !etag.isEmpty()) request.header("If-Range", etag);
        return request.build();
    }

    private boolean isFirstHost(URI at) {
        return at.getScheme().equalsIgnoreCase(source.getScheme()) && at.getHost().equalsIgnoreCase(source.getHost())
                && port(at) == port(source);
    }

    private static int port(URI at) {
        if (at.getPort() >= 0) return at.getPort();
        return isSecure(at) ? 443 : 80;
    }

    private static boolean isSecure(URI at) {
        return at.getScheme().equalsIgnoreCase("https");
    }

    private static boolean redirects(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    private URI next(URI at, String location) {
        URI next;
        try {
            next = at.resolve(new URI(location));
        } catch (URISyntaxException e) {
            throw refusedRedirect("an address that is none").causedBy(e);
        }
        if (location.isEmpty() || !Download.isHttp(next)) throw refusedRedirect("an address that is not HTTP");
        if (isSecure(at) && !isSecure(next)) throw refusedRedirect("plain http, which anybody on the way can change");
        return next;
    }

    private BadInput refusedRedirect(String where) {
        return BadInput.of(source + ": redirected to " + where, "check the address");
    }

    private Reply send(HttpRequest request) throws IOException {
        // Taken at the head: the client's own future fails with a body cut early, and the bytes that did come would
        // be lost.
        var reply = new CompletableFuture<Reply>();
        CompletableFuture<?> exchange = client.sendAsync(request, head -> {
            var body = new TimedBody(retries.silence());
            reply.complete(new Reply(head.statusCode(), head.headers(), body));
            return body;
        });
        exchange.whenComplete((response, failure) -> {
            if (failure != null && !reply.completeExceptionally(failure)) reply.join().body().onError(failure);
        });
        return await(request, reply, exchange);
    }

    private Reply await(HttpRequest request, CompletableFuture<Reply> reply, CompletableFuture<?> exchange)
            throws IOException {
        try {
            // The request's own timeout is not used, as newer JDKs count the time of the body into it.
            Reply came = reply.get(retries.connect().plus(retries.silence()).toMillis(), TimeUnit.MILLISECONDS);
            reached = true;
            return came;
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new ConnectionCut(host(request.uri()) + " does not answer").causedBy(e);
        } catch (InterruptedException e) {
            exchange.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while downloading");
        } catch (ExecutionException e) {
            throw failure(request.uri(), e.getCause());
        }
    }

    /**
     * Tells failures apart: a host that was never reached is reported at once, as most likely there is no network; one
     * that answered before gets another try.
     */
    private ConnectionCut failure(URI at, Throwable cause) {
        String host = host(at);
        // EnvironmentProxy refused what the environment says, while the client asked it.
        if (cause instanceof BadInput refusal) throw refusal;
        if (cause instanceof SSLHandshakeException) {
            throw BadInput.of("no secure connection to " + host + ": " + cause.getMessage(),
                    "check the clock and the certificates of this machine, and the proxy if there is one")
                    .causedBy(cause);
        }
        String unreachable = unreachable(cause);
        if (unreachable.isEmpty()) {
            return new ConnectionCut("the connection to " + host + " was cut (" + cause.getMessage() + ")")
                    .causedBy(cause);
        }
        String problem = "cannot reach " + host + ": " + unreachable;
        if (reached) return new ConnectionCut(problem).causedBy(cause);
        throw BadInput
                .of(problem, "check the spelling, the network and the proxy; without a network, bring the file from "
                        + "another machine")
                .causedBy(cause);
    }

    private static String unreachable(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof UnresolvedAddressException || at instanceof UnknownHostException) return "unknown host";
            if (at instanceof HttpConnectTimeoutException) return "it does not answer";
            if (at instanceof NoRouteToHostException) return "there is no way to it";
        }
        return cause instanceof ConnectException ? "the connection is refused" : "";
    }

    private static String host(URI at) {
        return at.getPort() < 0 ? at.getHost() : at.getHost() + ":" + at.getPort();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /**
     * The server or the way to it failed for now: worth another try. Kept apart from the errors of the local disk, which
     * are not.
     */
    static final class ConnectionCut extends IOException {
        private static final long serialVersionUID = 1L;

        private final Duration requestedPause;

        ConnectionCut(String message) {
            this(message, Duration.ZERO);
        }

        /**
         * Makes a passing failure with the pause to keep before the next try.
         *
         * @param requestedPause how long the server asked to be left alone
         */
        ConnectionCut(String message, Duration requestedPause) {
            super(message);
            this.requestedPause = requestedPause;
        }

        ConnectionCut causedBy(Throwable cause) {
            initCause(cause);
            return this;
        }

        Duration requestedPause() {
            return requestedPause;
        }
    }
}
