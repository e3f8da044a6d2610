package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileFormatTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, value = {"'',empty",
        "PK\u0003\u0004,PyTorch checkpoints",
        "\u0080\u0002,pickles", "version https://git-lfs.github.com/spec/v1,git lfs pull", "hello world,known format",
        "\b,known format", "{,known format"})
    void anyOtherContentIsRefusedByWhatItIs(String content, String reason) throws IOException {
        Path file = Files.write(folder.resolve("model.safetensors"), content.getBytes(StandardCharsets.ISO_8859_1));
        String message = assertThrows(BadInput.class, () -> TensorFile.open(file)).getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains("supported are safetensors, GGUF and ONNX"), message);
    }

    @Test
    void aMissingFileAndAnEmptyFolderAreBadInput() {
        assertTrue(assertThrows(BadInput.class, () -> TensorFile.open(folder.resolve("none"))).getMessage()
                .contains("no such file"));
        assertTrue(assertThrows(BadInput.class, () -> TensorFile.open(folder)).getMessage()
                .contains("holds neither model.safetensors nor model.safetensors.index.json"));
    }

    @Test
    void safetensorsWithADamagedLengthIsStillCalledByItsName() throws IOException {
        byte[] bytes = Samples.Format.SAFETENSORS.bytes();
        bytes[7] = 0x7F;
        Path file = Files.write(folder.resolve("model"), bytes);
        String message = assertThrows(BadInput.class, () -> TensorFile.open(file)).getMessage();
        assertTrue(message.contains("at byte 0: header of"), message);
    }
}
