package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedSafetensorsTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    private Path root;
    private Path folder;

    @BeforeEach
    void writeShards() throws IOException {
        folder = Files.createDirectory(root.resolve("model"));
        SafetensorsWriter.write(folder.resolve(FIRST), Samples.tensors(), Map.of());
        SafetensorsWriter.write(folder.resolve(SECOND),
                new LinkedHashMap<>(Map.of("head", Tensor.of(new float[]{9}, 1))), Map.of());
        writeIndex(map("head", SECOND, "layer.weight", FIRST, "layer.bias", FIRST));
    }

    private Path writeIndex(String map) throws IOException {
        return Files.writeString(folder.resolve(INDEX), "{\"metadata\": {\"total_size\": 36}, \"weight_map\": " + map
                + "}\n");
    }

    private static String map(String... pairs) {
        var entries = new java.util.StringJoiner(", ", "{", "}");
        for (int i = 0; i < pairs.length; i += 2) entries.add("\"" + pairs[i] + "\": \"" + pairs[i + 1] + "\"");
        return entries.toString();
    }

    private void assertRefused(String... parts) {
        String message = assertThrows(BadInput.class, () -> TensorFile.open(folder)).getMessage();
        for (String part : parts) assertTrue(message.contains(part), message);
    }

    @Test
    void isOpenedByItsFolderAndByItsIndex() throws IOException {
        for (Path path : List.of(folder, folder.resolve(INDEX))) {
            try (TensorFile file = TensorFile.open(path)) {
                assertEquals(ShardedSafetensors.class, file.getClass());
                assertEquals(folder.resolve(INDEX), file.path());
                assertEquals(List.of("head", "layer.weight", "layer.bias"), List.copyOf(file.tensors().keySet()));
                assertEquals(9, file.read("head").toFloats()[0]);
                Samples.tensors().forEach((name, tensor) -> assertTrue(Samples.same(tensor, file.parameter(name))));
                assertThrows(UnsupportedOperationException.class, () -> file.tensors().clear());
                assertThrows(BadInput.class, () -> file.read("tail"));
            }
        }
    }

    @Test
    void closingEndsTheLifeOfTheTensorsOfEveryShard() throws IOException {
        TensorFile file = TensorFile.open(folder);
        Tensor first = file.read("layer.weight");
        Tensor second = file.read("head");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, first::toFloats);
        assertThrows(IllegalStateException.class, second::toFloats);
    }

    @Test
    void aFolderWithOneFileIsThatFile() throws IOException {
        Files.move(folder.resolve(FIRST), folder.resolve("model.safetensors"));
        try (TensorFile file = TensorFile.open(folder)) {
            assertEquals(SafetensorsFile.class, file.getClass());
        }
    }

    @Test
    void aMissingShardIsRefusedByName() throws IOException {
        Files.delete(folder.resolve(SECOND));
        assertRefused(INDEX + ": names the file '" + SECOND + "', which is not beside it");
    }

    @Test
    void aTensorThatItsShardHasNotIsRefusedByName() throws IOException {
        writeIndex(map("head", FIRST));
        assertRefused(INDEX + ": tensor 'head' is not in " + FIRST);
    }

    @Test
    void aDamagedShardIsRefusedAsItself() throws IOException {
        Files.write(folder.resolve(SECOND), new byte[20]);
        assertRefused(folder.resolve(SECOND).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.safetensors", "/etc/passwd", "", ".", "..", "a/b.safetensors", "a\\\\b",
        "C:model", "\\u0000", "model\\u0000.safetensors", ".hidden"})
    void aNameThatIsNoPlainFileNameIsRefused(String name) throws IOException {
        Files.copy(folder.resolve(FIRST), root.resolve("secret.safetensors"));
        writeIndex(map("layer.bias", name));
        assertRefused(INDEX + ": at byte ", "tensor 'layer.bias' in '", "no plain name of a file beside the index");
    }

    @Test
    void aLinkOutOfTheFolderIsRefused() throws IOException {
        Path outside = Files.move(folder.resolve(SECOND), root.resolve("outside.safetensors"));
        Files.createSymbolicLink(folder.resolve(SECOND), outside);
        assertRefused(INDEX + ": names the file '" + SECOND + "', a link that leads out of the folder");
    }

    @Test
    void linksToWhereTheIndexIsALinkToAsInTheHubsCacheAreFollowed() throws IOException {
        Path snapshot = Files.createDirectory(root.resolve("snapshot"));
        for (String name : List.of(FIRST, SECOND, INDEX)) {
            Files.createSymbolicLink(snapshot.resolve(name), folder.resolve(name));
        }
        try (TensorFile file = TensorFile.open(snapshot)) {
            assertEquals(3, file.tensors().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "{}", "{\"a\": 1}", "{\"a\": null}", "{\"a\": {}}",
        "{\"a\": \"b\", \"a\": \"b\"}", "{\"a\": \"b\"", "{\"a\": \"\\ud800\"}"})
    void anythingButAMapOfNamesIsRefused(String map) throws IOException {
        writeIndex(map);
        assertRefused(INDEX);
    }

    @Test
    void aTensorListedTwiceIsRefusedByName() throws IOException {
        writeIndex(map("head", FIRST, "layer.bias", FIRST, "head", SECOND));
        assertRefused(INDEX + ": at byte ", "Duplicate field 'head'");
    }

    @Test
    void faultsOfJsonAreToldWithoutAdviceForProgrammers() throws IOException {
        for (String map : List.of("{\"a\": NaN}", "{'a': \"b\"}", "{\"a\": \"b\",}", "{\"a\": +1}",
                "{\"a\": \"\\x\"}")) {
            writeIndex(map);
            String message = assertThrows(BadInput.class, () -> TensorFile.open(folder)).getMessage();
            assertTrue(message.startsWith(folder.resolve(INDEX) + ": at byte "), message);
            assertTrue(!message.matches("(?s).*(Feature|enable|Parser|jackson|code \\d).*"), message);
        }
    }

    @Test
    void whatFollowsTheObjectIsRefused() throws IOException {
        writeIndex(map("head", SECOND) + "} {");
        assertRefused(INDEX + ": at byte ", "something follows");
    }
}
