package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of {@code torch.save}: what they hold is read, and nothing that they ask for is run. */
class PyTorchFileTest {
    @TempDir
    private Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("model"), bytes);
    }

    private String refusal(byte[] bytes) throws IOException {
        Path file = file(bytes);
        String message = assertThrows(BadInput.class, () -> TensorFile.open(file).close()).getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        return message;
    }

    private String refusal(PickleBytes pickle) throws IOException {
        return refusal(PickleBytes.zip(pickle.stop(), PickleBytes.storages()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCheckpointsStateDictIsReadFromEitherContainer(boolean zip) throws IOException {
        byte[] pickle = PickleBytes.checkpoint();
        Path path = file(zip
                ? PickleBytes.zip(pickle, PickleBytes.storages())
                : PickleBytes.stream(pickle, PickleBytes.storages()));
        try (TensorFile file = TensorFile.open(path)) {
            assertEquals(List.of("a.weight", "a.transposed", "b.bias"), List.copyOf(file.tensors().sequencedKeySet()));
            assertArrayEquals(new float[]{1, 2, 3, 4, 5, 6}, file.read("a.weight").toFloats());
            assertArrayEquals(new float[]{1, 4, 2, 5, 3, 6}, file.read("a.transposed").toFloats());
            assertArrayEquals(new float[]{8, 9, 10}, file.read("b.bias").toFloats());
            assertEquals(Shape.of(3, 2), file.tensors().get("a.transposed").shape());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"os.system", "builtins.eval", "builtins.__import__", "posix.system", "subprocess.Popen",
        "torch.load", "torch.nn.modules.linear.Linear", "numpy.load", "builtins.getattr", "pickle.loads"})
    void everyNameThatIsNotOnTheListIsRefusedAtItsPlace(String name) throws IOException {
        int dot = name.lastIndexOf('.');
        PickleBytes pickle = PickleBytes.start().global(name.substring(0, dot), name.substring(dot + 1)).text("x")
                .raw(0x85, 'R');
        byte[] bytes = PickleBytes.zip(pickle.stop(), Map.of());
        String message = refusal(bytes);
        int at = indexOf(bytes, "c" + name.substring(0, dot) + "\n");
        assertTrue(message.contains("at byte " + at + ": the pickle asks for '" + name + "', which is never run"),
                message);
        assertTrue(message.contains("state_dict()"), message);
    }

    @Test
    void everyOpcodeThatIsNotOnTheListIsRefusedAtItsPlace() throws IOException {
        String allowed = "(NKMJGXUTCB]})taesucRbQqrhj.";
        int[] wide = {0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x8d, 0x8e, 0x93, 0x94, 0x95};
        for (int opcode = 0; opcode < 256; opcode++) {
            int code = opcode;
            if (allowed.indexOf((char) opcode) >= 0 || Arrays.stream(wide).anyMatch(known -> known == code)) continue;
            String message = refusal(PickleBytes.start().raw('N', opcode, 'N', 'N'));
            assertTrue(message.contains(String.format("opcode 0x%02x", opcode)), message);
            assertTrue(message.contains("at byte "), message);
        }
    }

    @Test
    void whatIsOnTheListCannotBeCalledOtherwise() throws IOException {
        assertTrue(refusal(PickleBytes.start().text("os.system").text("x").raw(0x85, 'R')).contains("nothing to call"));
        assertTrue(refusal(PickleBytes.start().global("torch", "FloatStorage").raw(')', 'R')).contains("nothing to"));
        assertTrue(refusal(PickleBytes.start().text("x").raw('}', 'b')).contains("state of what has none"));
        assertTrue(refusal(PickleBytes.start().text("x").raw('Q')).contains("no storage"));
    }

    @Test
    void tensorsBeyondTheirStorageAreRefused() throws IOException {
        int[][][] views = {{{6}, {1}, {1}}, {{2, 3}, {4, 1}, {0}}, {{2, 3}, {1 << 30, 1 << 30}, {0}},
            {{1 << 30, 1 << 30, 1 << 30}, {0, 0, 0}, {0}}, {{7}, {0}, {0}}, {{1 << 20, 1 << 20}, {0, 0}, {0}}};
        for (int[][] view : views) {
            String message = refusal(PickleBytes.start().raw('}').text("x").tensor("0", 6, view[2][0], view[0], view[1])
                    .raw('s'));
            assertTrue(message.contains("a tensor "), message);
        }
        String missing = refusal(PickleBytes.start().raw('}').text("x").tensor("9", 6, 0, new int[]{6}, new int[]{1})
                .raw('s'));
        assertTrue(missing.contains("tensor 'x' needs storage '9' of 6 elements, which is not there"), missing);
        String longer = refusal(PickleBytes.start().raw('}').text("x").tensor("0", 7, 0, new int[]{7}, new int[]{1})
                .raw('s'));
        assertTrue(longer.contains("which has 24 bytes"), longer);
    }

    @Test
    void selfContainedValuesAndDeepOnesAreReadWithoutRecursion() throws IOException {
        PickleBytes pickle = PickleBytes.start().raw('}', 'q', 0).text("self").raw('h', 0, 's').text("deep");
        for (int i = 0; i < 200_000; i++) pickle.raw(']');
        for (int i = 0; i < 199_999; i++) pickle.raw('a');
        pickle.raw('s').text("x").tensor("0", 6, 0, new int[]{6}, new int[]{1}).raw('s');
        try (TensorFile file = TensorFile.open(file(PickleBytes.zip(pickle.stop(), PickleBytes.storages())))) {
            assertEquals(1, file.tensors().size());
        }
        assertTrue(refusal(PickleBytes.start().raw('}').raw(']', 0x85, 'N', 's')).contains("dictionary's key"));
    }

    @Test
    void endlessPicklesAndLyingLengthsAreRefused() throws IOException {
        PickleBytes endless = PickleBytes.start();
        for (int i = 0; i < 2_200_000; i++) endless.raw('N');
        assertTrue(refusal(endless).contains("operations"));
        assertTrue(refusal(PickleBytes.start().raw('X').little(-1, 4)).contains("4294967295 bytes where"));
        assertTrue(refusal(PickleBytes.start().raw(0x8d).little(Long.MAX_VALUE, 8)).contains("bytes where"));
        assertTrue(refusal(PickleBytes.start().raw('t')).contains("did not begin"));
        assertTrue(refusal(PickleBytes.start().raw('j').little(77, 4)).contains("recalls value 77"));
        assertTrue(refusal(PickleBytes.start().raw('N', '(', 'a')).contains("more values than there are"));
    }

    @Test
    void cutFilesAreRefusedWhereverTheyAreCut() throws IOException {
        byte[] zip = PickleBytes.zip(PickleBytes.checkpoint(), PickleBytes.storages());
        byte[] stream = PickleBytes.stream(PickleBytes.checkpoint(), PickleBytes.storages());
        for (byte[] whole : List.of(zip, stream)) {
            for (int length = 1; length < whole.length; length += 7) refusal(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void archivesOfOtherProgramsAreRefusedByWhatTheyAre() throws IOException {
        byte[] script = PickleBytes.zip(PickleBytes.checkpoint(), PickleBytes.storages());
        String text = new String(script, StandardCharsets.ISO_8859_1);
        byte[] other = text.replace("archive/data.pkl", "archive/dada.pkl")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(refusal(other).contains("without data.pkl"));
        byte[] big = text.replace("little", "biggie").getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(refusal(big).contains("big-endian"));
        assertTrue(refusal(PickleBytes.start().raw(']')).contains("holds no state dict"));
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }
}
