package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.TinyDecoder;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import io.retort.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** Whatever owns several programs closes those it has when the engine cannot make the next one. */
class CloseOnFailureTest {
    private int open;
    private int left;

    /** An engine that makes so many programs and then fails. */
    private Engine failing(int after) {
        left = after;
        return proxy(Engine.class, Engine.stock(), (method, made) -> made instanceof Program program
                ? counted(Program.class, program)
                : made instanceof GradientProgram gradients ? counted(GradientProgram.class, gradients) : made);
    }

    private <P> P counted(Class<P> type, P program) {
        open++;
        return proxy(type, program, (method, result) -> {
            if (method.getName().equals("close")) open--;
            return result;
        });
    }

    private interface After {
        Object returned(Method method, Object result);
    }

    private <T> T proxy(Class<T> type, T of, After after) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (_, method, arguments) -> {
            boolean makes = method.getName().equals("compile") || method.getName().equals("differentiate");
            if (makes && left-- == 0) throw new IllegalStateException("no more memory");
            try {
                return after.returned(method, method.invoke(of, arguments));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    /** Makes something with engines that fail later and later, until one does not. */
    private void assertNothingIsLeftOpen(int programs, Making making) throws IOException {
        for (int after = 0; after < programs; after++) {
            Engine engine = failing(after);
            assertThrows(IllegalStateException.class, () -> making.make(engine));
            assertEquals(0, open, after + " made");
        }
        try (AutoCloseable _ = making.make(failing(programs))) {
            assertEquals(programs, open);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertEquals(0, open);
        assertTrue(left >= 0);
    }

    private interface Making {
        AutoCloseable make(Engine engine) throws IOException;
    }

    @Test
    void ofAStudentAtWork() throws IOException {
        ModelConfig config = RandomModels.polyEncoder(false, 2);
        Map<String, Tensor> weights = RandomModels.weights(config, 1);
        assertNothingIsLeftOpen(3, engine -> new RetrievalModel(config,
                HuggingFaceTokenizer.parse(Path.of("tiny"), TinyTokenizer.json(config.encoder().vocabulary())), weights,
                engine));
    }

    @Test
    void ofAStudentWhosePoolingStandsBetweenTwoGraphs() throws IOException {
        ModelConfig mean = RandomModels.biEncoder(false, Similarity.COSINE, 1);
        ModelConfig config = new ModelConfig(mean.form(), mean.encoder(), mean.tied(),
                VectorHead.of(Pooling.MAXIMUM, mean.similarity()), mean.similarity(), 1, mean.text());
        Map<String, Tensor> weights = RandomModels.weights(config, 1);
        assertNothingIsLeftOpen(4, engine -> new RetrievalModel(config,
                HuggingFaceTokenizer.parse(Path.of("tiny"), TinyTokenizer.json(config.encoder().vocabulary())), weights,
                engine));
    }

    @Test
    void ofAStudentInTraining() throws IOException {
        ModelConfig config = RandomModels.polyEncoder(false, 2);
        Map<String, Tensor> weights = RandomModels.weights(config, 1);
        Objective objective = (graph, scores) -> total(graph, scores);
        try (WorkerPool pool = new WorkerPool(1)) {
            assertNothingIsLeftOpen(3, engine -> new TrainableStudent(config, weights, engine, pool,
                    new TrainableStudent.Settings(1, 0, 64, 64), objective));
        }
    }

    private static SequencedMap<String, Node> total(Graph graph, Node scores) {
        SequencedMap<String, Node> losses = new LinkedHashMap<>();
        losses.put(Objective.TOTAL, graph.sum(graph.sum(scores, 1, false), 0, false));
        return losses;
    }

    @Test
    void ofALanguageModelAtWorkAndInTraining() throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(TinyDecoder.of("tiny-gpt2").folder())) {
            assertNothingIsLeftOpen(2, files::load);
            assertNothingIsLeftOpen(2, files::trainable);
        }
    }
}
