package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of every {@link TensorFile}, whatever its format. */
class TensorFileContractTest {
    @TempDir
    private Path folder;

    /** Named so that its name cannot help. */
    private TensorFile open(Samples.Format format) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("weights.bin"), format.bytes()));
    }

    @ParameterizedTest
    @EnumSource
    void isOpenedByItsContentAndKnowsItsPath(Samples.Format format) throws IOException {
        try (TensorFile file = open(format)) {
            Class<?> expected = switch (format) {
                case SAFETENSORS -> SafetensorsFile.class;
                case GGUF -> GgufFile.class;
                case ONNX_RAW, ONNX_PACKED, ONNX_UNPACKED -> OnnxFile.class;
            };
            assertEquals(expected, file.getClass());
            assertEquals(folder.resolve("weights.bin"), file.path());
        }
    }

    @ParameterizedTest
    @EnumSource
    void listsItsTensorsInOrder(Samples.Format format) throws IOException {
        try (TensorFile file = open(format)) {
            var expected = List.of(new TensorInfo("layer.weight", ElementType.F32, Shape.of(2, 3)),
                    new TensorInfo("layer.bias", ElementType.F32, Shape.of(2)));
            assertEquals(expected, List.copyOf(file.tensors().values()));
            assertEquals(List.of("layer.weight", "layer.bias"), List.copyOf(file.tensors().keySet()));
            assertEquals(expected, List.copyOf(file.parameters().values()));
            assertThrows(UnsupportedOperationException.class, () -> file.tensors().clear());
            assertThrows(UnsupportedOperationException.class, () -> file.parameters().clear());
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsItsTensorsBitForBit(Samples.Format format) throws IOException {
        try (TensorFile file = open(format)) {
            Samples.tensors().forEach((name, tensor) -> {
                assertTrue(Samples.same(tensor, file.read(name)), name);
                assertTrue(Samples.same(tensor, file.parameter(name)), name);
            });
            assertArrayEquals(Samples.FIRST, file.read("layer.weight").toFloats());
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesANameItHasNotAndNamesOneItHas(Samples.Format format) throws IOException {
        try (TensorFile file = open(format)) {
            String message = assertThrows(BadInput.class, () -> file.read("layer.wait")).getMessage();
            assertTrue(message.contains("weights.bin: no tensor 'layer.wait'"), message);
            assertTrue(message.contains("'layer.weight'"), message);
            assertThrows(BadInput.class, () -> file.parameter("layer.wait"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isReadFromAnyThread(Samples.Format format) throws Exception {
        try (TensorFile file = open(format)) {
            var read = new AtomicReference<float[]>();
            Thread.ofPlatform().start(() -> read.set(file.read("layer.weight").toFloats())).join();
            assertArrayEquals(Samples.FIRST, read.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsTheLifeOfMappedTensorsWhenClosedAndMayBeClosedTwice(Samples.Format format) throws IOException {
        TensorFile file = open(format);
        Tensor tensor = file.read("layer.weight");
        boolean mapped = tensor.data().isMapped();
        assertEquals(format != Samples.Format.ONNX_PACKED && format != Samples.Format.ONNX_UNPACKED, mapped);
        file.close();
        file.close();
        if (mapped) assertThrows(IllegalStateException.class, tensor::toFloats);
        assertThrows(IllegalStateException.class, () -> file.read("layer.weight").toFloats());
    }

    @ParameterizedTest
    @EnumSource(names = {"SAFETENSORS", "GGUF", "ONNX_RAW"})
    void mapsItsBytesReadOnly(Samples.Format format) throws IOException {
        try (TensorFile file = open(format)) {
            Tensor tensor = file.read("layer.weight");
            assertThrows(IllegalArgumentException.class, () -> tensor.data().set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
    }
}
