package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.retort.files.BadInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentProxyTest {
    /** Stands for Java's own selector. */
    private static final Proxy JAVAS = new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("javas", 1));

    @ParameterizedTest
    @CsvSource({"HTTPS_PROXY, http://proxy.test:3128, https://hub.test/x, proxy.test:3128",
        "https_proxy, proxy.test:3128, https://hub.test/x, proxy.test:3128",
        "https_proxy, http://user:secret@proxy.test, https://hub.test/x, proxy.test:80",
        "http_proxy, http://proxy.test:8080/, http://hub.test/x, proxy.test:8080",
        "http_proxy, http://proxy.test:8080, https://hub.test/x, javas:1",
        "HTTP_PROXY, http://proxy.test:8080, http://hub.test/x, javas:1",
        "HTTPS_PROXY, '', https://hub.test/x, javas:1"})
    void eachVariableServesItsScheme(String variable, String value, URI target, String expected) {
        InetSocketAddress found = (InetSocketAddress) only(Map.of(variable, value), target).address();
        assertEquals(expected, found.getHostString() + ":" + found.getPort());
    }

    @ParameterizedTest
    @CsvSource({"hub.test, true", "'other.test, HUB.test', true", ".test, true", "*.test, true", "test, true",
        "*, true", "ub.test, false", "'', false", "hub.test.org, false"})
    void exceptionsAreWholeNamesOrDomains(String exceptions, boolean direct) {
        Proxy found = only(Map.of("https_proxy", "http://proxy.test:1", "no_proxy", exceptions),
                URI.create("https://hub.test/x"));
        assertEquals(direct, found.equals(Proxy.NO_PROXY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]/x"})
    void thisMachineIsAskedDirectly(URI target) {
        assertEquals(Proxy.NO_PROXY, only(Map.of("http_proxy", "http://proxy.test:1"), target));
    }

    @Test
    void whatIsNoHttpProxyIsRefusedWithoutShowingIt() {
        for (String value : List.of("socks5://me:secret@proxy.test:1", "http://me:secret@", "http://me:secret@a b:1")) {
            BadInput refusal = assertThrows(BadInput.class,
                    () -> only(Map.of("https_proxy", value), URI.create("https://hub.test/x")));
            assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
        }
    }

    private static Proxy only(Map<String, String> environment, URI target) {
        List<Proxy> found = new EnvironmentProxy(environment, new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(JAVAS);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {
                throw new AssertionError(failure);
            }
        }).select(target);
        assertEquals(1, found.size());
        return found.getFirst();
    }
}
