package io.retort.retrieval;

import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.retrieval.TrainableTower.Output;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.LengthBuckets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * A student in training: the texts of a batch in, losses and the gradients of every weight out.
 *
 * <p>A loss compares every context with every reply of its batch, so a batch must not be cut into smaller ones. Its
 * texts are: they go forward in passes that fit memory, the loss is computed from all their vectors, and its gradient
 * with respect to each goes back through the pass it came from (Gao et al. 2021, <em>Scaling Deep Contrastive Learning
 * Batch Size under Memory Limited Setup</em>). The gradients are those of one pass over everything. Passes wait with all
 * they need as long as there is room; only those beyond it are computed twice. One thread at a time.
 */
public final class TrainableStudent implements AutoCloseable {
    private static final String CONTEXTS = "contexts";
    private static final String REPLIES = "replies";
    /** The id that stands for padding. It is never looked up, since padding is masked and its embeddings are zeros. */
    private static final int PADDING = 0;

    /**
     * Settings of a training run that concern how passes are computed.
     *
     * @param scale factor of the scores; 20 is usual for cosines, 1 for dot products
     * @param dropout probability that an element is dropped, in [0, 1)
     * @param tokensAtOnce most tokens of a pass, padding included
     * @param tokensHeld most tokens of passes that wait at once for their backward half, padding included
     */
    public record Settings(double scale, double dropout, int tokensAtOnce, long tokensHeld) {
    }

    private final ModelConfig config;
    private final Settings settings;
    private final TrainableTower contextTower;
    private final TrainableTower replyTower;
    private final Output contextOutput;
    private final GradientProgram loss; // scores and objective, with the parameters of both
    private final List<String> lossNames;

    /**
     * Prepares a student to be trained for an objective.
     *
     * @param weights of the model, which are copied
     * @param pool threads that share the work outside of the engine; they stay the caller's
     */
    public TrainableStudent(ModelConfig config, Map<String, Tensor> weights, Engine engine, WorkerPool pool,
            Settings settings, Objective objective) {
        this.config = config;
        this.settings = settings;
        this.contextOutput = Output.ofContexts(config);
        requireOwnNames(objective);
        EnumSet<Output> ofContexts = EnumSet.of(contextOutput);
        if (config.tied()) ofContexts.add(Output.POOLED);
        Graph graph = Graph.of(ElementType.F32);
        SequencedMap<String, Node> losses = objective.losses(graph, scores(graph));
        losses.forEach((name, node) -> node.named(name));
        this.lossNames = List.copyOf(losses.keySet());
        Map<String, Tensor> beyondEncoders = new LinkedHashMap<>(weights);
        beyondEncoders.putAll(objective.parameters());
        try (CloseOnFailure made = new CloseOnFailure()) {
            this.contextTower = made.with(new TrainableTower(config, config.contextPrefix(), ofContexts,
                    new Dropout(settings.dropout), weights, engine, pool), TrainableTower::close);
            this.replyTower = config.tied()
                    ? contextTower
                    : made.with(new TrainableTower(config, config.replyPrefix(), EnumSet.of(Output.POOLED),
                            new Dropout(settings.dropout), weights, engine, pool), TrainableTower::close);
            this.loss = engine.differentiate(graph, beyondEncoders, losses.firstEntry().getValue(), lossNames,
                    List.of(CONTEXTS, REPLIES));
            made.finish();
        }
    }

    private static void requireOwnNames(Objective objective) {
        for (String name : objective.parameters().keySet()) {
            if (!name.startsWith(Objective.PARAMETER)) {
                throw new IllegalArgumentException(
                        "objective: its parameter " + name + " does not begin with " + Objective.PARAMETER);
            }
        }
    }

    /** Writes the scores R of every context with every reply, {@code [contexts, replies]}. */
    private Node scores(Graph graph) {
        int dim = config.dim();
        Node contexts = graph.input(CONTEXTS, contextOutput.shape(Graph.ANY, config));
        Node replies = graph.input(REPLIES, Graph.ANY, dim);
        Node scores = config.form().scores(graph, contexts, replies, dim);
        return settings.scale == 1 ? scores : graph.multiply(scores, settings.scale);
    }

    public ModelConfig config() {
        return config;
    }

    /**
     * What a pass computed besides the gradients.
     *
     * @param losses by name, the one that is minimised first
     * @param tokens of the texts
     * @param flop of the matrix products, forward and backward, without what was computed twice
     */
    public record Pass(SequencedMap<String, Double> losses, long tokens, double flop) {
    }

    /**
     * Runs forward and backward for one batch. Afterwards the gradients of {@link #buffers()} are those of this batch
     * alone.
     *
     * @param contexts token ids
     * @param replies token ids; the columns of the scores
     * @param fed a value for each input that the objective declares
     * @param seed seed of dropout's random masks
     */
    public Pass pass(List<int[]> contexts, List<int[]> replies, Map<String, Tensor> fed, long seed) {
        TowerPass.EncodedTexts ofContexts = new TowerPass.EncodedTexts(contexts, contextOutput,
                contextOutput.shape(1, config), 0);
        TowerPass.EncodedTexts ofReplies = new TowerPass.EncodedTexts(replies, Output.POOLED,
                Output.POOLED.shape(1, config),
                contexts.size());
        List<TowerPass> passes = config.tied()
                ? List.of(new TowerPass(contextTower, List.of(ofContexts, ofReplies), seed))
                : List.of(new TowerPass(contextTower, List.of(ofContexts), seed),
                        new TowerPass(replyTower, List.of(ofReplies), seed));
        LengthBuckets buckets = new LengthBuckets(settings.tokensAtOnce, config.encoder().maxTokens());
        long room = settings.tokensHeld;
        for (TowerPass pass : passes) room = pass.forward(buckets, PADDING, room);
        Map<String, Tensor> inputs = new LinkedHashMap<>(fed);
        inputs.put(CONTEXTS, ofContexts.tensor(contextOutput.shape(contexts.size(), config)));
        inputs.put(REPLIES, ofReplies.tensor(Output.POOLED.shape(replies.size(), config)));
        GradientProgram.Result result = loss.run(inputs);
        ofContexts.setGradient(result.inputGradients().get(CONTEXTS));
        ofReplies.setGradient(result.inputGradients().get(REPLIES));
        passes.forEach(TowerPass::backward);
        SequencedMap<String, Double> losses = new LinkedHashMap<>();
        for (String name : lossNames) losses.put(name, result.scalar(name));
        long tokens = Stream.of(contexts, replies).flatMap(List::stream).mapToLong(ids -> ids.length).sum();
        double flop = 3 * Stream.of(contexts, replies).flatMap(List::stream)
                .mapToDouble(ids -> config.encoder().flop(ids.length)).sum();
        return new Pass(losses, tokens, flop);
    }

    /**
     * Returns everything that is trained, for an optimiser: the encoders, and the parameters of scores and objective.
     * The buffers live until {@link #close()}.
     */
    public List<TrainableBuffer> buffers() {
        List<TrainableBuffer> buffers = new ArrayList<>(contextTower.buffers());
        if (replyTower != contextTower) buffers.addAll(replyTower.buffers());
        if (loss.layout().size() > 0) {
            buffers.add(new TrainableBuffer(loss.layout(), loss.parameters(), loss.gradients()));
        }
        return List.copyOf(buffers);
    }

    /**
     * Returns a copy of the model's present weights by name, as its folder holds them, without the objective's
     * parameters.
     */
    public SequencedMap<String, Tensor> weights() {
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        for (TrainableBuffer buffer : buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                if (entry.name().startsWith(Objective.PARAMETER)) continue;
                float[] values = buffer.layout().slice(buffer.values(), entry).toArray(ValueLayout.JAVA_FLOAT);
                weights.put(entry.name(), new Tensor(ElementType.F32, entry.shape(), MemorySegment.ofArray(values)));
            }
        }
        return weights;
    }

    @Override
    public void close() {
        loss.close();
        contextTower.close();
        if (replyTower != contextTower) replyTower.close();
    }
}
