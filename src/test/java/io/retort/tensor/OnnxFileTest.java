package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxFileTest {
    @TempDir
    private Path folder;

    private OnnxFile open(byte[] bytes) throws IOException {
        return OnnxFile.open(Files.write(folder.resolve("m.onnx"), bytes));
    }

    private String refusal(byte[] bytes) {
        return assertThrows(BadInput.class, () -> open(bytes)).getMessage();
    }

    private void assertRefused(Proto tensor, String reason) {
        String message = refusal(Samples.onnx(tensor));
        assertTrue(message.contains("m.onnx: at byte "), message);
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @CsvSource({"1,F32,4", "2,U8,1", "3,I8,1", "5,I16,2", "6,I32,4", "7,I64,8", "9,BOOL,1", "10,F16,2", "11,F64,8",
        "16,BF16,2"})
    void rawBytesAreMappedInEveryType(int code, ElementType type, int width) throws IOException {
        byte[] raw = new byte[3 * width];
        for (int i = 0; i < raw.length; i++) raw[i] = (byte) (i % 2);
        try (OnnxFile file = open(Samples.onnx(Proto.tensor("t.t", code, 3).bytes(9, raw)))) {
            Tensor tensor = file.read("t.t");
            assertEquals(type, tensor.type());
            assertTrue(tensor.data().isMapped());
            assertArrayEquals(raw, Samples.bytes(tensor));
        }
    }

    @ParameterizedTest
    @CsvSource({"2,5,255", "3,5,-128", "5,5,-32768", "6,5,-2147483648", "7,7,-9223372036854775808", "9,5,1",
        "10,5,65535",
        "16,5,65535"})
    void numbersInTheirFieldsAreDecodedPackedAndUnpacked(int code, int field, long extreme) throws IOException {
        Proto packed = Proto.tensor("t.t", code, 3).packed(field, 0, 1, extreme);
        Proto unpacked = Proto.tensor("t.t", code, 3).integer(field, 0).integer(field, 1).integer(field, extreme);
        Proto mixed = Proto.tensor("t.t", code, 3).packed(field, 0, 1).integer(field, extreme);
        for (Proto tensor : List.of(packed, unpacked, mixed)) {
            try (OnnxFile file = open(Samples.onnx(tensor))) {
                byte[] bytes = Samples.bytes(file.read("t.t"));
                int width = bytes.length / 3;
                assertEquals(1, bytes[width]);
                for (int i = 0; i < width; i++) assertEquals((byte) (extreme >> 8 * i), bytes[2 * width + i]);
            }
        }
    }

    @Test
    void doublesInTheirFieldAreDecoded() throws IOException {
        byte[] one = {0, 0, 0, 0, 0, 0, (byte) 0xF0, 0x3F};
        try (OnnxFile file = open(Samples.onnx(Proto.tensor("t.t", 11, 1).bytes(10, one)))) {
            assertArrayEquals(new double[]{1}, file.read("t.t").toDoubles());
        }
    }

    @Test
    void scalarsAndEmptyTensorsAreRead() throws IOException {
        byte[] bytes = Samples.onnx(Proto.tensor("scalar", 1).single(4, 7), Proto.tensor("empty", 1, 0, 3),
                Proto.tensor("emptyRaw", 1, 0).bytes(9));
        try (OnnxFile file = open(bytes)) {
            assertArrayEquals(new float[]{7}, file.read("scalar").toFloats());
            assertEquals(Shape.of(), file.read("scalar").shape());
            assertEquals(Shape.of(0, 3), file.read("empty").shape());
            assertEquals(0, file.read("emptyRaw").toFloats().length);
        }
    }

    @Test
    void dimensionsMayBePacked() throws IOException {
        Proto tensor = new Proto().packed(1, 1, 2).integer(2, 1).text(8, "t").bytes(9, new byte[8]);
        try (OnnxFile file = open(Samples.onnx(tensor))) {
            assertEquals(Shape.of(1, 2), file.tensors().get("t").shape());
        }
    }

    @ParameterizedTest
    @CsvSource({"2,256", "2,-1", "3,128", "5,32768", "6,2147483648", "9,2", "10,65536"})
    void aNumberThatDoesNotFitItsTypeIsRefused(int code, long number) throws IOException {
        try (OnnxFile file = open(Samples.onnx(Proto.tensor("t.t", code, 1).packed(5, number)))) {
            String message = assertThrows(BadInput.class, () -> file.read("t.t")).getMessage();
            assertTrue(message.contains(number + " in tensor 't.t'"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,UNDEFINED", "4,UINT16", "8,STRING", "14,COMPLEX64", "17,OTHER", "99,OTHER", "-1,OTHER"})
    void unsupportedTypesAreListedAndRefusedWhenRead(int code, String name) throws IOException {
        Proto good = Proto.tensor("good", 1, 1).bytes(9, new byte[4]);
        try (OnnxFile file = open(Samples.onnx(good, Proto.tensor("odd", code, 2).bytes(9, new byte[3])))) {
            assertEquals(Map.of("odd", name), file.unsupported());
            assertEquals(List.of("good"), List.copyOf(file.tensors().keySet()));
            assertEquals(List.of("good"), List.copyOf(file.parameters().keySet()));
            String message = assertThrows(BadInput.class, () -> file.read("odd")).getMessage();
            assertTrue(message.contains("'odd' is of ONNX type " + name), message);
        }
    }

    @Test
    void weightsOutsideTheFileAreRefused() {
        Proto location = new Proto().text(1, "location").text(2, "../../etc/passwd");
        assertRefused(Proto.tensor("t", 1, 1).message(13, location), "external data");
        assertRefused(Proto.tensor("t", 1, 1).integer(14, 1), "external data");
    }

    private static Proto external(Proto tensor, String... entries) {
        for (int i = 0; i < entries.length; i += 2) {
            tensor.message(13, new Proto().text(1, entries[i]).text(2, entries[i + 1]));
        }
        return tensor.integer(14, 1);
    }

    @Test
    void weightsInFilesBesideItAreReadFromThere() throws IOException {
        Files.write(folder.resolve("m.onnx_data"), Proto.littleEndian(1, 2, 3, 4, 5));
        Files.createDirectories(folder.resolve("more"));
        Files.write(folder.resolve("more/rest.bin"), Proto.littleEndian(6, 7));
        Proto middle = external(Proto.tensor("middle", 1, 3), "location", "m.onnx_data", "offset", "4", "length", "12");
        Proto toTheEnd = external(Proto.tensor("end", 1, 2, 1), "location", "m.onnx_data", "offset", "12");
        Proto whole = external(Proto.tensor("whole", 1, 2), "location", "more/rest.bin");
        Proto inside = Proto.tensor("inside", 1, 1).bytes(9, Proto.littleEndian(9));
        OnnxFile file = open(Samples.onnx(middle, toTheEnd, whole, inside));
        assertArrayEquals(new float[]{2, 3, 4}, file.read("middle").toFloats());
        assertArrayEquals(new float[]{4, 5}, file.read("end").toFloats());
        assertArrayEquals(new float[]{6, 7}, file.read("whole").toFloats());
        assertArrayEquals(new float[]{9}, file.read("inside").toFloats());
        assertEquals(List.of("m.onnx_data", "more/rest.bin"), List.copyOf(file.externalData()));
        Tensor tensor = file.read("middle");
        assertTrue(tensor.data().isMapped());
        file.close();
        assertThrows(IllegalStateException.class, tensor::toFloats);
    }

    @ParameterizedTest
    @CsvSource({"offset,9,but has 11 bytes", "offset,21,from byte 21 of", "offset,-4,whose offset is",
        "offset,x,whose offset is", "offset,99999999999999999999,whose offset is", "length,8,but has 8 bytes",
        "length,13,but has 13 bytes", "length,400,400 bytes from byte 0", "length,1e1,whose length is"})
    void bytesThatTheOtherFileHasNotAreRefused(String key, String value, String reason) throws IOException {
        Files.write(folder.resolve("d"), new byte[20]);
        Proto tensor = Proto.tensor("t", 1, 3);
        assertRefused(external(tensor, "location", "d", key, value), reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "/etc/passwd", "a/../../secret", "./d", "a//d", "", "C:d", "a\\d", "d/", "..",
        "d\u0000", "link", "absent", "folder"})
    void placesOutsideTheFolderAreRefused(String location) throws IOException {
        Path secret = Files.write(folder.resolve("secret"), new byte[4]);
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.write(model.resolve("d"), new byte[4]);
        Files.createDirectory(model.resolve("folder"));
        Files.createSymbolicLink(model.resolve("link"), secret);
        Path file = Files.write(model.resolve("m.onnx"), Samples.onnx(external(Proto.tensor("t", 1, 1), "location",
                location)));
        String message = assertThrows(BadInput.class, () -> OnnxFile.open(file)).getMessage();
        assertTrue(message.startsWith(file + ": at byte ") && message.contains("external data"), message);
    }

    @Test
    void linksToWhereTheFileIsALinkToAsInTheHubsCacheAreFollowed() throws IOException {
        Path blobs = Files.createDirectory(folder.resolve("blobs"));
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Files.write(blobs.resolve("1"), Samples.onnx(external(Proto.tensor("t", 1, 1), "location", "m.onnx_data")));
        Files.write(blobs.resolve("2"), Proto.littleEndian(5));
        Path file = Files.createSymbolicLink(snapshot.resolve("m.onnx"), blobs.resolve("1"));
        Files.createSymbolicLink(snapshot.resolve("m.onnx_data"), blobs.resolve("2"));
        try (OnnxFile opened = OnnxFile.open(file)) {
            assertEquals(5, opened.read("t").toFloats()[0]);
        }
    }

    @Test
    void externalDataThatContradictThemselvesAreRefused() throws IOException {
        Files.write(folder.resolve("d"), new byte[4]);
        assertRefused(external(Proto.tensor("t", 1, 1).bytes(9, new byte[4]), "location", "d"), "external data");
        assertRefused(external(Proto.tensor("t", 1, 1), "location", "d", "location", "e"), "two entries 'location'");
        assertRefused(external(Proto.tensor("t", 1, 1).single(4, 1), "location", "d"), "has 4 bytes and 1 numbers");
    }

    @Test
    void segmentsAndSparseTensorsAreRefused() {
        assertRefused(Proto.tensor("t", 1, 1).message(3, new Proto().integer(1, 0)), "segments");
        byte[] sparse = Proto.model(new Proto().message(15, new Proto())).toBytes();
        assertTrue(refusal(sparse).contains("sparse"));
    }

    @Test
    void sizesThatDoNotMatchTheShapeAreRefused() {
        assertRefused(Proto.tensor("t", 1, 2).bytes(9, new byte[7]), "'t' is F32[2], but has 7 bytes");
        assertRefused(Proto.tensor("t", 1, 2), "has 0 numbers");
        assertRefused(Proto.tensor("t", 1, 2).single(4, 1), "has 1 numbers");
        assertRefused(Proto.tensor("t", 1, 1).integer(7, 1), "has 1 numbers");
        assertRefused(Proto.tensor("t", 1, 1).bytes(9, new byte[4]).single(4, 1), "4 bytes and 1 numbers");
        assertRefused(Proto.tensor("t", 1, 1).bytes(4, new byte[3]), "within a number");
        assertRefused(Proto.tensor("t", 7, 1).bytes(7, (byte) 0x80), "within a number");
        assertRefused(Proto.tensor("t", 1, 1).integer(4, 1L << 21), "wire type 0");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31})
    void dimensionsThatAreNoneAreRefused(long dim) {
        assertRefused(Proto.tensor("t", 1, dim).bytes(9, new byte[4]), "impossible shape");
    }

    @Test
    void dimensionsThatOverflowAreRefused() {
        long most = Integer.MAX_VALUE;
        assertRefused(Proto.tensor("t", 1, most, most, most), "impossible shape");
        assertRefused(Proto.tensor("t", 11, most, most).bytes(9, new byte[8]), "but has 8 bytes");
        assertRefused(Proto.tensor("t", 1, new long[65]), "too many dimensions");
    }

    @Test
    void namelessAndRepeatedTensorsAreRefused() {
        Proto tensor = Proto.tensor("t", 1, 1).bytes(9, new byte[4]);
        assertTrue(refusal(Samples.onnx(tensor, tensor)).contains("two tensors named 't'"));
        assertTrue(refusal(Samples.onnx(Proto.tensor("", 1, 1).bytes(9, new byte[4]))).contains("without a name"));
    }

    @Test
    void lengthsThatLeaveTheirMessageAreRefused() {
        for (long length : new long[]{1, 1 << 20, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, -1}) {
            byte[] model = new Proto().integer(1, 8).tag(7, 2).raw(length).toBytes();
            assertTrue(
                    refusal(model).contains("a field of " + Long.toUnsignedString(length) + " bytes where 0 are left"));
        }
        // The outer message has room, the inner has not.
        Proto tensor = Proto.tensor("t", 1, 1).tag(9, 2).raw(4);
        byte[] model = Proto.model(new Proto().message(5, tensor).text(2, "graph's name")).toBytes();
        assertTrue(refusal(model).contains("a field of 4 bytes where 0 are left"));
    }

    @Test
    void groupsUnknownWireTypesAndFieldNumbersAreRefused() {
        for (int wireType : new int[]{3, 4, 6, 7}) {
            assertTrue(refusal(new Proto().integer(1, 8).tag(99, wireType).toBytes()).contains("group"));
        }
        assertTrue(refusal(new Proto().integer(1, 8).tag(0, 0).raw(0).toBytes()).contains("field number"));
        assertTrue(refusal(new Proto().integer(1, 8).raw(1L << 40).raw(0).toBytes()).contains("field number"));
    }

    @Test
    void anEndlessNumberIsRefused() {
        byte[] model = new byte[40];
        Arrays.fill(model, (byte) 0xFF);
        model[0] = 8;
        assertTrue(refusal(model).contains("more than 10 bytes"));
    }

    @Test
    void messagesNestedDeeplyAreNotFollowed() throws IOException {
        var deep = new Proto();
        for (int depth = 0; depth < 5_000; depth++) deep = new Proto().message(6, deep);
        Proto node = Proto.node("If", "/If", "x").message(5, deep);
        try (OnnxFile file = open(Proto.model(new Proto().message(1, node)).toBytes())) {
            assertEquals(1, file.nodes().size());
        }
    }

    @Test
    void namesThatAreNotUtf8OrEndlessAreRefused() {
        assertRefused(new Proto().bytes(8, (byte) 0xC0), "not UTF-8");
        assertRefused(new Proto().text(8, "x".repeat(70_000)), "a name of 70000 bytes");
    }

    @Test
    void aModelWithoutAGraphIsRefused() {
        assertTrue(refusal(new Proto().integer(1, 8).toBytes()).contains("no graph"));
    }

    @Test
    void nodesAreListedWithTheirIntegerAttributes() throws IOException {
        Proto node = Proto.node("Gemm", "/fc/Gemm", "x", "", "b").message(5, Proto.integerAttribute("transB", 1))
                .message(5, new Proto().text(1, "alpha").tag(2, 5).raw(0).raw(0).raw(0).raw(0));
        try (OnnxFile file = open(Proto.model(new Proto().message(1, node)).toBytes())) {
            assertEquals(List.of(new OnnxNode("/fc/Gemm", "Gemm", List.of("x", "", "b"), List.of("/fc/Gemm_output_0"),
                    Map.of("transB", 1L))), file.nodes());
            assertEquals(1, file.nodes().getFirst().integer("transB", 0));
            assertEquals(5, file.nodes().getFirst().integer("transA", 5));
        }
    }
}
