package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.retort.files.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the order in which the files that come with Retort are looked for. */
class BundleSearchTest {
    private static final String NAME = BundledFiles.STUDENT + "/made-up.txt";

    @TempDir
    Path folder;

    @Test
    void theSourceTreeComesFirstThenJarsInTheirOrder() throws IOException {
        Path tree = folder.resolve("weights");
        Path first = jar("first.jar", "first"), second = jar("second.jar", "second");
        List<Path> jars = List.of(folder.resolve("absent.jar"), first, second);
        assertEquals("first", text(search(tree, jars)));
        assertEquals("second", text(search(null, List.of(second, first))));
        Files.createDirectories(tree.resolve(NAME).getParent());
        Files.writeString(tree.resolve(NAME), "tree");
        assertEquals("tree", text(search(tree, jars)));
    }

    @Test
    void whatIsNowhereIsNull() throws IOException {
        assertNull(search(folder, List.of()).find(NAME));
        assertNull(search(folder, List.of(jar("a.jar", "a"))).find(BundledFiles.STUDENT + "/another.txt"));
    }

    @Test
    void theArtefactIsDownloadedOnceIfItIsNowhereElse() throws IOException {
        byte[] jar = Files.readAllBytes(jar("served.jar", "central"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/retort-student.jar", exchange -> {
            exchange.sendResponseHeaders(200, jar.length);
            exchange.getResponseBody().write(jar);
            exchange.close();
        });
        server.start();
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/retort-student.jar");
        BundleSearch search = new BundleSearch(null, List.of(), Optional.of(address), folder.resolve("downloads"));
        assertEquals("central", text(search));
        assertNull(search.find(BundledFiles.DEMO + "/made-up.txt"), "only the student is published");
        server.stop(0);
        assertEquals("central", text(search));
    }

    @Test
    void whoCannotDownloadIsToldWhichArtefactToAdd() {
        URI nobody = URI.create("http://127.0.0.1:1/retort-student.jar");
        BundleSearch search = new BundleSearch(null, List.of(), Optional.of(nobody), folder.resolve("downloads"));
        String message = assertThrows(BadInput.class, () -> search.find(NAME)).getMessage();
        assertTrue(message.contains("io.retort:retort") && message.contains("classifier student"), message);
    }

    @Test
    void aDamagedJarIsNamed() throws IOException {
        Path damaged = Files.writeString(folder.resolve("damaged.jar"), "no zip");
        String message = assertThrows(BadInput.class, () -> search(null, List.of(damaged)).find(NAME)).getMessage();
        assertTrue(message.contains("damaged.jar"), message);
    }

    private BundleSearch search(Path tree, List<Path> jars) {
        return new BundleSearch(tree, jars, Optional.empty(), folder.resolve("downloads"));
    }

    private static String text(BundleSearch search) throws IOException {
        try (InputStream in = search.find(NAME)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path jar(String name, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(BundleSearch.ROOT + NAME));
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }
}
