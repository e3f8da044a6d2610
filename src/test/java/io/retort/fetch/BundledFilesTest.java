package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.RankingFile;
import io.retort.eval.RankingRun;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Checks that the files that come with Retort are unpacked whole or not at all, and are what the manifest says. */
@Isolated("sets retort.home")
class BundledFilesTest {
    private static final long MOST_BYTES = 30_000_000;

    @TempDir
    Path home;
    private final Map<String, byte[]> resources = new HashMap<>();
    private final ObjectNode manifest = new ObjectMapper().createObjectNode();

    @BeforeEach
    void moveIn() {
        System.setProperty("retort.home", home.toString());
        ArrayNode files = manifest.putObject("bundles").putArray("pair");
        add(files, "a.txt", "one");
        add(files, "b.txt", "two and more");
    }

    @AfterEach
    void moveOut() {
        System.clearProperty("retort.home");
    }

    private void add(ArrayNode files, String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        resources.put("pair/" + name, bytes);
        files.addObject().put("entry", name).put("size", bytes.length).put("sha256", new Sha256().update(bytes).hex());
    }

    private Path unpacked() throws IOException {
        return new BundledFiles(manifest, name -> resources.containsKey(name)
                ? new ByteArrayInputStream(resources.get(name))
                : null).folder("pair");
    }

    @Test
    void aBundleIsUnpackedOnceAndFoundAgain() throws IOException {
        Path folder = unpacked();
        assertEquals("pair", folder.getFileName().toString());
        assertEquals("two and more", Files.readString(folder.resolve("b.txt")));
        resources.clear();
        assertEquals(folder, unpacked());
    }

    @Test
    void aBundleThatLostAFileIsUnpackedAgain() throws IOException {
        Files.delete(unpacked().resolve("a.txt"));
        assertEquals("one", Files.readString(unpacked().resolve("a.txt")));
        Files.writeString(unpacked().resolve("a.txt"), "on");
        assertEquals("one", Files.readString(unpacked().resolve("a.txt")));
    }

    @Test
    void anotherVersionOfABundleIsAnotherFolder() throws IOException {
        Path folder = unpacked();
        moveIn();
        add((ArrayNode) manifest.at("/bundles/pair"), "c.txt", "three");
        assertFalse(folder.equals(unpacked()));
    }

    @Test
    void aFileThatIsNotWhatTheManifestSaysIsRefusedAndNothingIsLeft() throws IOException {
        resources.put("pair/b.txt", "two and less".getBytes(StandardCharsets.UTF_8));
        assertTrue(assertThrows(BadInput.class, this::unpacked).getMessage().contains("weights/pair/b.txt"));
        resources.remove("pair/b.txt");
        assertTrue(assertThrows(BadInput.class, this::unpacked).getMessage().contains("weights/pair/b.txt"));
        try (Stream<Path> files = Files.walk(home)) {
            assertEquals(0, files.filter(Files::isRegularFile).count());
        }
    }

    @Test
    void aBundleWhoseFilesAreNowhereNamesTheArtefactThatHasThem() {
        resources.clear();
        String message = assertThrows(BadInput.class, this::unpacked).getMessage();
        assertTrue(message.contains("classifier") && message.contains("io.retort:retort"), message);
    }

    @Test
    void theStudentIsSmallAndRanksBetterThanWhatItWasMadeFrom() throws IOException {
        Path folder = BundledFiles.own().folder(BundledFiles.STUDENT);
        assertTrue(Files.size(folder.resolve(ModelFolder.WEIGHTS)) <= MOST_BYTES);
        double trained = hitsAt1(ModelFolder.open(folder));
        double untrained = hitsAt1(DefaultModel.folder());
        assertTrue(trained > untrained, trained + " against " + untrained);
    }

    private static double hitsAt1(ModelFolder folder) throws IOException {
        Path test = BundledFiles.own().folder(BundledFiles.DEMO).resolve("test.jsonl.gz");
        try (RetrievalModel model = folder.load(Engine.best(2))) {
            return RankingRun.of(model, RankingFile.FORMAT.readAll(test), Progress.NONE).scored().stream()
                    .mapToDouble(scored -> scored.rank() == 1 ? 1 : 0).average().orElseThrow();
        }
    }
}
