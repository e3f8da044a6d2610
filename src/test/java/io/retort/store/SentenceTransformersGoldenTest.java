package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.DenseActivation;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.VectorHead;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that sentence-transformers saved, and its vectors; made by bench/peers/sentence_transformers_golden.py. */
class SentenceTransformersGoldenTest {
    private static final Path MODELS = Path.of("src/test/resources/io/retort/retrieval");
    private static final List<String> TEXTS = List.of("hello you", "I do not like Rain", "no",
            "the cat is home and we are home he she we they am", "ÉCOLE tea");

    @TempDir
    Path work;

    @ParameterizedTest
    @ValueSource(strings = {"st-mean-cls-dense", "st-distil-dot", "st-roberta-prompt"})
    void vectorsEqualThoseOfSentenceTransformers(String name) throws IOException {
        Path folder = MODELS.resolve(name);
        float[] golden;
        try (TensorFile file = TensorFile.open(folder.resolve("golden.safetensors"))) {
            golden = file.read("vectors").toFloats().clone();
        }
        ModelImport work = ModelImport.of(folder, null, ModelImport.Leniency.STRICT);
        assertTrue(work.report().isClean(), () -> report(work));
        ModelFolder imported = work.write(this.work.resolve(name), JsonNodeFactory.instance.objectNode());
        int dim = golden.length / TEXTS.size();
        for (ModelFolder model : List.of(ModelFolder.open(folder), imported)) {
            for (Engine engine : List.of(Engine.stock(), Engine.simd(1))) {
                try (RetrievalModel loaded = model.load(engine)) {
                    assertEquals(dim, loaded.dim());
                    float[][] vectors = loaded.publishedReplies(TEXTS, Progress.NONE);
                    for (int i = 0; i < TEXTS.size(); i++) {
                        assertArrayEquals(Arrays.copyOfRange(golden, i * dim, (i + 1) * dim), vectors[i], 1e-5f,
                                name + ", " + TEXTS.get(i));
                    }
                }
            }
        }
    }

    private static String report(ModelImport work) {
        try {
            return work.report().summary();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void whatTheFilesSayIsWhatTheModelIs() throws IOException {
        ModelConfig dense = ModelFolder.open(MODELS.resolve("st-mean-cls-dense")).config();
        assertEquals(new VectorHead(List.of(Pooling.MEAN, Pooling.FIRST),
                List.of(new VectorHead.Dense(32, 6, true, DenseActivation.GELU)), true), dense.head());
        assertEquals(32, dense.text().maxReplyTokens());
        ModelConfig distil = ModelFolder.open(MODELS.resolve("st-distil-dot")).config();
        assertEquals(new VectorHead(List.of(Pooling.FIRST), List.of(), false), distil.head());
        assertEquals(Similarity.DOT, distil.similarity());
        assertEquals(9, distil.text().maxContextTokens());
        ModelConfig roberta = ModelFolder.open(MODELS.resolve("st-roberta-prompt")).config();
        assertEquals(List.of("<s>", "</s>", "hi ", "hi "), List.of(roberta.text().startToken(),
                roberta.text().endToken(), roberta.text().contextPrefix(), roberta.text().replyPrefix()));
        assertEquals(2, roberta.encoder().positionOffset());
        assertEquals(Similarity.COSINE, roberta.similarity());
    }
}
