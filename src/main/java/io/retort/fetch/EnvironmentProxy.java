package io.retort.fetch;

import io.retort.files.BadInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The proxy that {@code HTTPS_PROXY}, {@code http_proxy} and {@code NO_PROXY} name, as other programs read them; Java
 * itself knows its properties ({@code https.proxyHost}) alone, which take precedence. This machine is never asked
 * through a proxy. Passwords in these variables are not sent. Immutable; any thread.
 */
final class EnvironmentProxy extends ProxySelector {
    private final Map<String, String> environment;
    private final ProxySelector otherwise;

    /**
     * Reads the proxies out of environment variables.
     *
     * @param otherwise decides where the environment is silent
     */
    EnvironmentProxy(Map<String, String> environment, ProxySelector otherwise) {
        this.environment = Map.copyOf(environment);
        this.otherwise = otherwise;
    }

    /** The proxies of this process's environment, over which Java's own properties take precedence. */
    static ProxySelector ofThisProcess() {
        return new EnvironmentProxy(System.getenv(), ProxySelector.getDefault());
    }

    /**
     * The proxy for an address, or a direct connection.
     *
     * @throws BadInput if the variable names no HTTP proxy
     */
    @Override
    public List<Proxy> select(URI target) {
        String scheme = target.getScheme().toLowerCase(Locale.ROOT);
        // HTTP_PROXY is left alone: in a web server's child it may be a header of a request ("httpoxy").
        String address = scheme.equals("https") ? either("https_proxy", "HTTPS_PROXY") : either("http_proxy", "");
        if (address.isEmpty() || System.getProperty(scheme + ".proxyHost") != null) return otherwise.select(target);
        return List.of(isDirect(target.getHost()) ? Proxy.NO_PROXY : proxy(address));
    }

    private String either(String first, String second) {
        return environment.getOrDefault(first, environment.getOrDefault(second, "")).strip();
    }

    private boolean isDirect(String name) {
        String host = name.toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) return true;
        for (String exception : either("no_proxy", "NO_PROXY").toLowerCase(Locale.ROOT).split("[,\\s]+")) {
            String domain = exception.replaceFirst("^\\*?\\.", "");
            if (exception.equals("*") || host.equals(domain)) return true;
            if (!domain.isEmpty() && host.endsWith("." + domain)) return true;
        }
        return false;
    }

    private static Proxy proxy(String address) {
        try {
            URI uri = URI.create(address.contains("://") ? address : "http://" + address);
            if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) throw unusable();
            int port = uri.getPort() < 0 ? 80 : uri.getPort();
            return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), port));
        } catch (IllegalArgumentException e) {
            throw unusable();
        }
    }

    /** The error for an unusable variable. It does not show the value, which may hold a password. */
    private static BadInput unusable() {
        return BadInput.of("the proxy named in HTTPS_PROXY or http_proxy is no HTTP proxy", "write http://HOST:PORT");
    }

    @Override
    public void connectFailed(URI target, SocketAddress proxy, IOException failure) {
        // The download itself reports a failed connection.
    }
}
