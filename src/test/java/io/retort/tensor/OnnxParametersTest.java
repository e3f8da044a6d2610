package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxParametersTest {
    private static final float[] STORED = {1, 2, 3, 4, 5, 6};
    private static final float[] TRANSPOSED = {1, 4, 2, 5, 3, 6};
    private static final String RENAMED = "onnx::MatMul_737";

    @TempDir
    private Path folder;

    private OnnxFile open(Proto graph) throws IOException {
        return OnnxFile.open(Files.write(folder.resolve("m.onnx"), Proto.model(graph).toBytes()));
    }

    private static Proto matrix(String name) {
        return Proto.tensor(name, 1, 2, 3).bytes(9, Proto.littleEndian(STORED));
    }

    private static Proto graph(Proto... nodes) {
        var graph = new Proto().message(5, matrix(RENAMED));
        for (Proto node : nodes) graph.message(1, node);
        return graph;
    }

    private void assertUnchanged(Proto graph) throws IOException {
        try (OnnxFile file = open(graph)) {
            assertEquals(new OnnxParameter(RENAMED, RENAMED, false), file.origins().get(RENAMED));
            assertEquals(Shape.of(2, 3), file.parameters().get(RENAMED).shape());
        }
    }

    @Test
    void theNodeThatMultipliesByItNamesARenamedWeight() throws IOException {
        try (OnnxFile file = open(graph(Proto.node("MatMul", "/encoder/layer.0/dense/MatMul", "x", RENAMED)))) {
            String name = "encoder.layer.0.dense.weight";
            assertEquals(new OnnxParameter(name, RENAMED, true), file.origins().get(name));
            assertEquals(new TensorInfo(name, ElementType.F32, Shape.of(3, 2)), file.parameters().get(name));
            assertArrayEquals(TRANSPOSED, file.parameter(name).toFloats());
            assertArrayEquals(STORED, file.read(RENAMED).toFloats());
        }
    }

    @Test
    void gemmSaysItselfWhetherItsWeightIsTransposed() throws IOException {
        Proto plain = Proto.node("Gemm", "/fc/Gemm", "x", RENAMED);
        try (OnnxFile file = open(graph(plain))) {
            assertArrayEquals(TRANSPOSED, file.parameter("fc.weight").toFloats());
        }
        Proto transposing = Proto.node("Gemm", "/fc/Gemm", "x", RENAMED).message(5,
                Proto.integerAttribute("transB", 1));
        try (OnnxFile file = open(graph(transposing))) {
            assertEquals(Shape.of(2, 3), file.parameters().get("fc.weight").shape());
            assertArrayEquals(STORED, file.parameter("fc.weight").toFloats());
        }
    }

    @Test
    void namesThatLookLikeParametersStay() throws IOException {
        var graph = new Proto().message(5, matrix("fc.weight"))
                .message(1, Proto.node("MatMul", "/other/MatMul", "x", "fc.weight"));
        try (OnnxFile file = open(graph)) {
            assertEquals(new OnnxParameter("fc.weight", "fc.weight", false), file.origins().get("fc.weight"));
            assertArrayEquals(STORED, file.parameter("fc.weight").toFloats());
        }
    }

    @Test
    void whereNoNameCanBeToldTheInitializerKeepsItsOwn() throws IOException {
        assertUnchanged(graph());
        assertUnchanged(graph(Proto.node("MatMul", "/a/MatMul", "x", RENAMED),
                Proto.node("MatMul", "/b/MatMul", "x", RENAMED)));
        assertUnchanged(graph(Proto.node("MatMul", "/a/MatMul", RENAMED, RENAMED)));
        assertUnchanged(graph(Proto.node("MatMul", "/a/MatMul", RENAMED, "x")));
        assertUnchanged(graph(Proto.node("MatMul", "/a/MatMul_1", "x", RENAMED)));
        assertUnchanged(graph(Proto.node("MatMul", "/MatMul", "x", RENAMED)));
        assertUnchanged(graph(Proto.node("MatMul", "MatMul_12", "x", RENAMED)));
        assertUnchanged(graph(Proto.node("Add", "/a/Add", "x", RENAMED)));
    }

    @Test
    void aNameThatAnotherInitializerHasIsNotTaken() throws IOException {
        Proto node = Proto.node("MatMul", "/fc/MatMul", "x", RENAMED);
        assertUnchanged(graph(node).message(5, matrix("fc.weight")));
        Proto second = Proto.node("MatMul", "/fc/MatMul", "x", "onnx::MatMul_2");
        try (OnnxFile file = open(graph(node, second).message(5, matrix("onnx::MatMul_2")))) {
            assertEquals(RENAMED, file.origins().get("fc.weight").initializer());
            assertTrue(file.origins().containsKey("onnx::MatMul_2"));
        }
    }
}
