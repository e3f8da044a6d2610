package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.retort.fetch.CatalogEntry;
import io.retort.fetch.ModelCatalog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are known by name and come from the Hub alone. */
class HubNamesTest {
    @TempDir
    Path work;

    @Test
    void aNameIsAskedForAtItsRepository() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try {
            Run.refused(Run.of("pull", "all-mpnet-base-v2", "-o", work.resolve("out"), "--hub",
                    "http://127.0.0.1:" + server.getAddress().getPort()), "config.json");
        } finally {
            server.stop(0);
        }
        assertEquals("/sentence-transformers/all-mpnet-base-v2/resolve/main/modules.json", asked.getFirst());
    }

    @Test
    void namesAreUniqueAndListedWithTheOthers() throws IOException {
        ModelCatalog catalog = ModelCatalog.bundled();
        String list = Run.ok("pull", "--list");
        for (CatalogEntry.HubModel model : catalog.hubModels()) {
            assertTrue(model.repository().matches("[\\w.-]+/[\\w.-]+"), model.repository());
            assertTrue(catalog.find(model.name()).isEmpty(), model.name());
            assertTrue(list.contains(model.name()), list);
        }
        assertEquals(catalog.hubModels().size(),
                catalog.hubModels().stream().map(CatalogEntry.HubModel::name).distinct().count());
        assertEquals(catalog.hubModels().size() + catalog.entries().size(),
                Run.json("pull", "--list", "--json").path("models").size());
    }
}
