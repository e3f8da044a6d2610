package io.retort.serve;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.retort.files.BadInput;
import io.retort.runtime.RetortRuntime;
import io.retort.serve.Gate.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP: open, ready and warmed up from the moment it is there until it is closed. It computes with the
 * runtime it is given, which stays the caller's. Any thread.
 */
public final class ReplyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyServer.class);
    private static final int LONGEST_LINE = 4096, LARGEST_HEADERS = 16_384;

    private final ServeSettings settings;
    private final ServerMetrics metrics;
    private final Deployment deployment;
    private final Gate gate;
    private final WebServer http;
    private final Watchdog watchdog;
    private final PageEndpoints page;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean isClosed;

    private ReplyServer(ServeSettings settings, ServerMetrics metrics, Deployment deployment, Gate gate,
            WebServer http, Watchdog watchdog, PageEndpoints page) {
        this.settings = settings;
        this.metrics = metrics;
        this.deployment = deployment;
        this.gate = gate;
        this.http = http;
        this.watchdog = watchdog;
        this.page = page;
    }

    /**
     * Opens model and index, answers some made-up contexts until answers are quick, and begins to listen. The API key
     * is taken out of the file that the settings name, or of the environment variable {@code RETORT_API_KEY}.
     *
     * @throws BadInput if model or index cannot be used, other machines could come without a key, or the port is taken
     */
    public static ReplyServer open(RetortRuntime runtime, ServeSettings settings) throws IOException {
        return open(runtime, settings, PageSettings.defaults());
    }

    /**
     * Opens a server as {@link #open(RetortRuntime, ServeSettings)} does.
     *
     * @param people what those can do who come by a browser
     * @throws BadInput also if the study, or its votes, cannot be used
     */
    public static ReplyServer open(RetortRuntime runtime, ServeSettings settings, PageSettings people)
            throws IOException {
        if (runtime == null) throw new IllegalArgumentException("runtime is null");
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (people == null) throw new IllegalArgumentException("people is null");
        Optional<ApiKey> key = ApiKey.of(settings, System.getenv(ApiKey.VARIABLE));
        ServerMetrics metrics = new ServerMetrics();
        Deployment deployment = Deployment.open(runtime, settings, metrics);
        Watchdog watchdog = new Watchdog();
        PageEndpoints page = null;
        try {
            Gate gate = new Gate(settings, key, metrics, watchdog);
            page = PageEndpoints.open(settings, people, metrics, gate, deployment);
            WebServer http = listening(settings, gate, routing(settings, metrics, gate, deployment, page));
            return new ReplyServer(settings, metrics, deployment, gate, http, watchdog, page);
        } catch (Throwable e) {
            if (page != null) page.close();
            watchdog.close();
            deployment.close();
            throw e;
        }
    }

    private static HttpRouting.Builder routing(ServeSettings settings, ServerMetrics metrics, Gate gate,
            Deployment deployment, PageEndpoints people) {
        ReplyEndpoints replies = new ReplyEndpoints(deployment, settings, metrics);
        ChatCompletions chat = new ChatCompletions(deployment, settings, metrics);
        Models models = new Models(deployment, settings, metrics);
        ResponseEndpoints responses = new ResponseEndpoints(deployment, settings);
        Operations operations = new Operations(deployment, metrics, gate::isClosing);
        PageFiles page = people.files();
        return people.on(gate.new Routes()).on("POST", "/v1/reply", Access.CLIENTS, replies::reply)
                .on("POST", "/v1/replies", Access.CLIENTS, replies::replies)
                .on("POST", "/v1/chat/completions", Access.CLIENTS, chat::complete)
                .on("POST", "/v1/embeddings", Access.CLIENTS, models::embed)
                .on("GET", "/v1/models", Access.CLIENTS, models::list)
                .on("GET", "/v1/models/{id}", Access.CLIENTS, models::get)
                .on("GET", "/v1/responses", Access.CLIENTS, responses::list)
                .on("POST", "/v1/responses", Access.OWNERS, responses::add)
                .on("GET", "/v1/responses/{id}", Access.CLIENTS, responses::get)
                .on("DELETE", "/v1/responses/{id}", Access.OWNERS, responses::disable)
                .on("POST", "/admin/reload", Access.OWNERS, operations::reload)
                .on("GET", "/health/live", Access.ANYBODY, operations::live)
                .on("GET", "/health/ready", Access.ANYBODY, operations::ready)
                .on("GET", "/metrics", Access.CLIENTS, operations::metrics)
                .on("GET", "/openapi.json", Access.ANYBODY, page::description)
                .on("GET", "/api", Access.ANYBODY, page::described).routing();
    }

    private static WebServer listening(ServeSettings settings, Gate gate, HttpRouting.Builder routing)
            throws IOException {
        WebServerConfig.Builder config = WebServer.builder().host(settings.host()).port(settings.port())
                .shutdownHook(false).useNio(false).featuresDiscoverServices(false)
                .maxTcpConnections(settings.maxConnections())
                .idleConnectionTimeout(Duration.ofSeconds(settings.idleTimeout()))
                .idleConnectionPeriod(Duration.ofSeconds(Math.max(1, settings.idleTimeout() / 4)))
                .shutdownGracePeriod(Duration.ofMillis(500)).backlog(1024)
                .connectionOptions(SocketOptions.builder().readTimeout(Duration.ofSeconds(settings.idleTimeout()))
                        .tcpNoDelay(true).build())
                .errorHandling(ErrorHandling.builder().includeEntity(true).build())
                .contentEncoding(ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
                .directHandlers(gate.directHandlers()).protocolsDiscoverServices(false)
                .addProtocol(Http1Config.builder().maxPrologueLength(LONGEST_LINE).maxHeadersSize(LARGEST_HEADERS)
                        .build())
                .routing(routing);
        if (settings.tlsCert().isPresent()) {
            config.tls(TlsConfig.builder()
                    .sslContext(TlsFiles.open(settings.tlsCert().get(), settings.tlsKey().orElseThrow())).build());
        }
        WebServer http = config.build();
        try {
            http.start();
        } catch (IllegalStateException | UncheckedIOException e) {
            http.stop();
            throw BadInput.of("cannot listen on " + settings.host() + " port " + settings.port(),
                    "take another \"port\", or end what has it").causedBy(e);
        }
        if (!http.isRunning()) {
            throw BadInput.of("cannot listen on " + settings.host() + " port " + settings.port(),
                    "take another \"port\", or end what has it");
        }
        return http;
    }

    /** The port that it listens on. */
    public int port() {
        return http.port();
    }

    /** Where it is reached on this machine. */
    public URI url() {
        String host = settings.host().equals("0.0.0.0") || settings.host().equals("::") ? "localhost" : settings.host();
        return URI.create((http.hasTls() ? "https" : "http") + "://"
                + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/");
    }

    /** The name of the model that serves. */
    public String model() {
        Generation now = deployment.lease();
        try {
            return now.name();
        } finally {
            now.release();
        }
    }

    /** Number of responses that it answers with. */
    public int responses() {
        Generation now = deployment.lease();
        try {
            return now.responder().size();
        } finally {
            now.release();
        }
    }

    /** Waits until somebody closes the server. */
    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    /**
     * Takes no more requests, lets those under way end, streams included, for as long as the settings say, and closes
     * everything. Closing again does nothing.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (isClosed) return;
            isClosed = true;
        }
        gate.beginClosing();
        long until = System.nanoTime() + Duration.ofSeconds(settings.drain()).toNanos();
        boolean interrupted = false;
        while (metrics.underWay() > 0 && System.nanoTime() < until && !interrupted) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (metrics.underWay() > 0) LOG.warn("{} requests did not end in time and are cut off", metrics.underWay());
        try {
            http.stop();
            watchdog.close();
            page.close();
            deployment.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            closed.countDown();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
