package io.retort.retrieval;

import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.FlatSum;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One encoder in training. A batch goes forward to vectors; the gradient of a loss with respect to them comes back, and
 * with it the gradients of every weight, those of the embedding tables included. In its graph that is the loss {@code
 * Σ v · u}, whose gradient is v's, pulled back, times a fed u.
 *
 * <p>A step is any number of batches: {@link #begin}, {@link #forward} for each, {@link Batch#backward} for each. One
 * thread at a time.
 */
final class TrainableTower implements AutoCloseable {
    /** What a tower makes of a text. */
    enum Output {
        /** The one vector of a text, {@code [dim]}. */
        POOLED,
        /** The several vectors of a context that the scoring form asks for, {@code [count, dim]}. */
        SEVERAL;

        /** Returns which of the outputs the model makes of contexts. */
        static Output ofContexts(ModelConfig config) {
            return config.form().contextVectors().isEmpty() ? POOLED : SEVERAL;
        }

        String input() {
            return name() + ".upstream";
        }

        int[] shape(int texts, ModelConfig config) {
            return this == POOLED ? new int[]{texts, config.dim()} : config.contextShape(texts);
        }
    }

    private final Arena arena = Arena.ofShared();
    private final ModelConfig config;
    private final Set<Output> outputs;
    private final Dropout dropout;
    private final TrainableEmbeddings embeddings;
    private final GradientProgram program;
    private final GradientSum sum;
    private int waiting;

    /**
     * Compiles an encoder for training.
     *
     * @param prefix prefix of the parameters' names
     * @param outputs one, or both where sides share the encoder but not the output
     * @param dropout the masks of this encoder
     * @param weights of the model, which are copied
     */
    TrainableTower(ModelConfig config, String prefix, Set<Output> outputs, Dropout dropout,
            Map<String, Tensor> weights, Engine engine, WorkerPool pool) {
        this.config = config;
        this.outputs = outputs;
        this.dropout = dropout;
        try (CloseOnFailure made = new CloseOnFailure()) {
            made.with(arena, Arena::close);
            this.embeddings = new TrainableEmbeddings(config.encoder(), prefix, weights, arena);
            Graph graph = Graph.of(ElementType.F32);
            TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix, dropout);
            Node hidden = encoder.hidden();
            Node loss = null;
            for (Output output : outputs) {
                Node vectors = switch (output) {
                    case POOLED -> PooledOutput.of(graph, config, prefix, hidden);
                    case SEVERAL -> config.form().contextVectors().orElseThrow().of(graph, hidden, encoder.mask(),
                            config.encoder().dim());
                };
                Node product = product(graph, vectors.named(output.name()), output);
                loss = loss == null ? product : graph.add(loss, product);
            }
            this.program = made.with(engine.differentiate(graph, weights, loss,
                    outputs.stream().map(Output::name).toList(), List.of(EncoderInputs.EMBEDDINGS)),
                    GradientProgram::close);
            this.sum = new GradientSum(encoderBuffer(), pool, arena);
            made.finish();
        }
    }

    private Node product(Graph graph, Node vectors, Output output) {
        int[] dims = output.shape(Graph.ANY, config);
        int dim = dims[dims.length - 1];
        Node products = graph.multiply(vectors, graph.input(output.input(), dims));
        return graph.sum(graph.sum(graph.flatten(products, dim), 1, false), 0, false);
    }

    private TrainableBuffer encoderBuffer() {
        return new TrainableBuffer(program.layout(), program.parameters(), program.gradients());
    }

    /**
     * Returns everything that is trained: the embedding tables, then the encoder. The buffers live until {@link
     * #close()}.
     */
    List<TrainableBuffer> buffers() {
        return List.of(embeddings.buffer(), encoderBuffer());
    }

    /** Begins a step by forgetting the gradients of the last one. */
    void begin() {
        embeddings.clearGradients();
        waiting = 0;
    }

    /**
     * Computes the forward half for a batch.
     *
     * @param numbers of the texts that the batch was planned from, for dropout
     * @param seed seed of the step's dropout masks
     * @param held whether everything is kept for the backward half; else it is computed again
     */
    Batch forward(TokenBatch batch, int[] numbers, long seed, boolean held) {
        waiting++;
        return new Batch(batch, numbers, seed, held);
    }

    /** A batch between its forward and its backward half. */
    final class Batch {
        private final TokenBatch batch;
        private final int[] numbers;
        private final long seed;
        private final GradientProgram.Waiting half;
        private final Map<String, Tensor> vectors;

        private Batch(TokenBatch batch, int[] numbers, long seed, boolean held) {
            this.batch = batch;
            this.numbers = numbers;
            this.seed = seed;
            Map<String, Shape> later = new LinkedHashMap<>();
            for (Output output : outputs) later.put(output.input(), Shape.of(output.shape(batch.batch(), config)));
            this.half = held ? program.begin(inputs(), later) : null;
            this.vectors = held ? half.outputs() : program.outputs(inputs());
        }

        private Map<String, Tensor> inputs() {
            Map<String, Tensor> inputs = EncoderInputs.of(config.encoder(), batch, embeddings.gather(batch));
            if (outputs.contains(Output.POOLED)) EncoderInputs.addPooling(batch, config.head().poolings(), inputs);
            dropout.feed(batch, numbers, seed, config.encoder().dim(), inputs);
            return inputs;
        }

        TokenBatch tokens() {
            return batch;
        }

        boolean isHeld() {
            return half != null;
        }

        /** Returns the output for each text of the batch, one row after the other. */
        float[] vectors(Output output) {
            return vectors.get(output.name()).toFloats();
        }

        /**
         * Computes the backward half. After that of the last batch, the gradients of {@link #buffers()} are those of
         * the whole step.
         *
         * @param upstream gradients of the loss with respect to {@link #vectors}; zeros where there is none
         */
        void backward(EnumMap<Output, float[]> upstream) {
            Map<String, Tensor> late = new LinkedHashMap<>();
            for (Output output : outputs) {
                int[] shape = output.shape(batch.batch(), config);
                float[] zeros = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
                late.put(output.input(), Tensor.of(upstream.getOrDefault(output, zeros), shape));
            }
            Tensor gradient = finish(late).inputGradients().get(EncoderInputs.EMBEDDINGS);
            embeddings.scatter(batch, gradient);
            if (--waiting > 0) sum.keep();
            else sum.finish();
        }

        private GradientProgram.Result finish(Map<String, Tensor> late) {
            if (half != null) return half.finish(late);
            Map<String, Tensor> all = inputs();
            all.putAll(late);
            return program.run(all);
        }
    }

    @Override
    public void close() {
        program.close();
        if (arena.scope().isAlive()) arena.close();
    }

    /**
     * Adds up the gradients of several passes, each of which overwrites those before. A step of a single pass costs
     * nothing. To be used by one thread at a time.
     */
    private static final class GradientSum {
        private static final long ALIGNMENT_BYTES = 64;

        private final TrainableBuffer buffer;
        private final WorkerPool pool;
        private final Arena arena;
        private MemorySegment sum;
        private boolean empty = true;

        GradientSum(TrainableBuffer buffer, WorkerPool pool, Arena arena) {
            this.buffer = buffer;
            this.pool = pool;
            this.arena = arena;
        }

        /** Adds the buffer's gradients to the sum, so that the next pass may overwrite them. */
        void keep() {
            if (sum == null) sum = arena.allocate(buffer.layout().bytes(), ALIGNMENT_BYTES);
            if (empty) sum.copyFrom(buffer.gradients());
            else FlatSum.add(sum, buffer.gradients(), 1, pool);
            empty = false;
        }

        /** Adds the sum to the buffer's gradients, which are those of the last pass, and forgets the sum. */
        void finish() {
            if (!empty) FlatSum.add(buffer.gradients(), sum, 1, pool);
            empty = true;
        }
    }
}
