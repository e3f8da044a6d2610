package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.FoldersInMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SafetensorsRoundTripTest {
    private static Path path;

    // Once for each of the two engines that run this class.
    @BeforeAll
    @BeforeContainer
    static void makeFile() throws IOException {
        path = Files.createTempFile(FoldersInMemory.place(), "retort", ".safetensors");
    }

    @AfterAll
    @AfterContainer
    static void deleteFile() throws IOException {
        Files.deleteIfExists(path);
    }

    /** Any type and shape, empty ones and scalars among them, with any bits, so with NaN, infinities and subnormals. */
    private static Arbitrary<Tensor> tensor() {
        Arbitrary<int[]> dims = Arbitraries.integers().between(0, 5).array(int[].class).ofMaxSize(4);
        return Combinators.combine(Arbitraries.of(ElementType.class), dims, Arbitraries.longs())
                .as((type, shape, seed) -> {
                    byte[] bytes = new byte[(int) Shape.of(shape).size() * type.bytes()];
                    new Random(seed).nextBytes(bytes);
                    return new Tensor(type, Shape.of(shape), MemorySegment.ofArray(bytes));
                });
    }

    @Provide
    Arbitrary<Map<String, Tensor>> tensors() {
        Arbitrary<String> names = Arbitraries.strings().alpha().withChars(".\"\\\u0000\n\u20AC").ofMaxLength(12);
        return Arbitraries.maps(names, tensor()).ofMaxSize(8);
    }

    @Property(tries = 150)
    void whatIsWrittenIsRead(@ForAll("tensors") Map<String, Tensor> some) throws IOException {
        var tensors = new LinkedHashMap<>(some);
        var metadata = Map.of("format", "pt", "note", "\"\u20AC\n");
        SafetensorsWriter.write(path, tensors, metadata);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(List.copyOf(tensors.keySet()), List.copyOf(file.tensors().keySet()));
            assertEquals(metadata, file.metadata());
            tensors.forEach((name, tensor) -> assertTrue(Samples.same(tensor, file.read(name)), name));
        }
    }

    @Property(tries = 60)
    void everyElementIsAlignedInTheFile(@ForAll("tensors") Map<String, Tensor> some) throws IOException {
        SafetensorsWriter.write(path, new LinkedHashMap<>(some), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (String name : some.keySet()) {
                Tensor tensor = file.read(name);
                // The mapping starts at a page.
                assertEquals(0, tensor.data().address() % tensor.type().bytes());
            }
        }
    }

    @Test
    void theSameTensorsGiveTheSameBytesWhateverTheOrderOfTheMetadata() throws IOException {
        var forward = new LinkedHashMap<String, String>();
        var backward = new LinkedHashMap<String, String>().reversed();
        for (String key : List.of("a", "b", "c")) {
            forward.put(key, "v");
            backward.put(key, "v");
        }
        assertFalse(List.copyOf(forward.keySet()).equals(List.copyOf(backward.keySet())));
        SafetensorsWriter.write(path, Samples.tensors(), forward);
        byte[] first = Files.readAllBytes(path);
        SafetensorsWriter.write(path, Samples.tensors(), backward);
        assertArrayEquals(first, Files.readAllBytes(path));
    }

    @Test
    void theDataStartAtAMultipleOf64() throws IOException {
        SafetensorsWriter.write(path, Samples.tensors(), Map.of());
        byte[] bytes = Files.readAllBytes(path);
        assertEquals(4 * 8, bytes.length % 64);
        assertEquals(0, (8 + bytes[0]) % 64);
        assertEquals(' ', bytes[bytes.length - 4 * 8 - 1]);
    }

    @Test
    void floatsAreConvertedOnTheWayAndIntegersAreNot() throws IOException {
        SequencedMap<String, Tensor> tensors = Samples.tensors();
        var integers = new Tensor(ElementType.I64, Shape.of(2), MemorySegment.ofArray(new long[]{1, -1}));
        tensors.putFirst("ids", integers);
        for (ElementType half : List.of(ElementType.F16, ElementType.BF16)) {
            SafetensorsWriter.write(path, tensors, Map.of(), half);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals(half, file.tensors().get("layer.weight").type());
                assertArrayEquals(Samples.FIRST, file.read("layer.weight").toFloats());
                assertArrayEquals(Samples.SECOND, file.read("layer.bias").toFloats());
                assertTrue(Samples.same(integers, file.read("ids")));
            }
        }
    }

    @Test
    void tensorsLargerThanTheBufferAreWrittenWhole() throws IOException {
        float[] values = new float[(1 << 19) + 3];
        for (int i = 0; i < values.length; i++) values[i] = i;
        SafetensorsWriter.write(path, new LinkedHashMap<>(Map.of("a", Tensor.of(values, values.length))), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(values, file.read("a").toFloats());
        }
    }

    @Test
    void aFileMayBeRewrittenFromItsOwnMappedTensors() throws IOException {
        SafetensorsWriter.write(path, Samples.tensors(), Map.of());
        byte[] before = Files.readAllBytes(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            var tensors = new LinkedHashMap<String, Tensor>();
            for (String name : file.tensors().keySet()) tensors.put(name, file.read(name));
            SafetensorsWriter.write(path, tensors, Map.of());
        }
        assertArrayEquals(before, Files.readAllBytes(path));
    }

    @Test
    void namesTheFormatCannotHoldAreRefusedAndLeaveTheOldFile() throws IOException {
        SafetensorsWriter.write(path, Samples.tensors(), Map.of());
        byte[] before = Files.readAllBytes(path);
        for (String name : List.of("__metadata__", "\uD800")) {
            var tensors = new LinkedHashMap<>(Map.of(name, Tensor.of(new float[1], 1)));
            assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(path, tensors, Map.of()));
        }
        assertThrows(IllegalArgumentException.class,
                () -> SafetensorsWriter.write(path, Samples.tensors(), Map.of("k", "\uDC00")));
        assertThrows(IllegalArgumentException.class,
                () -> SafetensorsWriter.write(path, Samples.tensors(), Map.of(), ElementType.I8));
        assertArrayEquals(before, Files.readAllBytes(path));
    }
}
