package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.ElementType;
import io.retort.tensor.HalfMatrix;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A decoder in training: texts in, the mean loss of their targets and the gradients of every weight out, those of the
 * embedding tables included. A tied embedding has both gradients, of the look-up and of the head, in one buffer.
 *
 * <p>The layers' graph ends in {@code Σ hidden · upstream}: its gradient is that of any loss whose gradient at the
 * hidden states is {@code upstream}, which the head makes between the layers' forward and backward pass. One thread at a
 * time.
 */
public final class TrainableDecoder implements AutoCloseable {
    private static final String LOSS = "loss";
    private static final String UPSTREAM = "upstream";

    private final DecoderConfig config;
    private final LowRank adapters; // null where the whole model is trained
    private final Map<String, ? extends ParameterValue> frozen;
    private final Arena arena = Arena.ofShared();
    private final GradientProgram trunk;
    private final TrainableHead head;
    private final TrainableBuffer tables; // null where there is none but the head's
    private final TrainableTable tokens; // null where they are not trained
    private final TrainableTable positions; // null where they are rotary
    private final TrainableTable sourcePositions; // null where there is no source

    /**
     * Prepares a model of which all weights are trained.
     *
     * @param weights the weights, by the names of Retort's graphs; copied
     */
    TrainableDecoder(DecoderConfig config, Map<String, ? extends ParameterValue> weights, Engine engine) {
        this(config, weights, engine, null, 0);
    }

    /**
     * Prepares a model of which the low-rank adapters of every layer are trained.
     *
     * @param weights  the weights, by the names of Retort's graphs; they stay as they are, and must live as long
     * @param adapters of a family that takes them; null to train the whole model
     * @param seed     seed of the adapters' random first values
     */
    TrainableDecoder(DecoderConfig config, Map<String, ? extends ParameterValue> weights, Engine engine,
            LowRank adapters, long seed) {
        this.config = config;
        this.adapters = adapters;
        this.frozen = adapters == null ? Map.of() : weights;
        Graph graph = Graph.of(ElementType.F32);
        Node hidden = new TransformerDecoder(graph, config, false, adapters).hidden();
        Node upstream = graph.input(UPSTREAM, Graph.ANY, config.dim());
        Node loss = graph.sum(graph.sum(graph.multiply(hidden, upstream), 1, false), 0, false).named(LOSS);
        Map<String, ParameterValue> all = new HashMap<>(weights);
        if (adapters != null) {
            all.putAll(adapters.begin(graph.parameters(), seed));
            graph.trainOnly(LowRank::isAdapter);
        }
        try (CloseOnFailure made = new CloseOnFailure()) {
            made.with(arena, Arena::close);
            this.trunk = made.with(engine.differentiate(graph, all, loss, List.of(hidden.name()),
                    adapters == null ? lookedUp(config.family()) : List.of()), GradientProgram::close);
            this.head = made.with(new TrainableHead(config, weights, engine, adapters == null), TrainableHead::close);
            DecoderFamily family = config.family();
            if (adapters != null) {
                this.tables = null;
                this.tokens = null;
                this.positions = family.positions().map(name -> new TrainableTable(weights.get(name).plain()))
                        .orElse(null);
                this.sourcePositions = null; // no family with a source takes adapters
            } else {
                SequencedMap<String, Shape> shapes = DecoderParameters.embeddings(config);
                if (config.tied()) shapes.remove(config.head());
                this.tables = shapes.isEmpty() ? null : buffer(shapes, weights);
                this.tokens = new TrainableTable(config.tied() ? head.buffer() : tables, family.tokens());
                this.positions = family.positions().map(name -> new TrainableTable(tables, name)).orElse(null);
                this.sourcePositions = family.source()
                        .map(source -> new TrainableTable(tables, source.sourcePositions())).orElse(null);
            }
            made.finish();
        }
    }

    /** Returns the inputs that are made of tables outside of the graph. */
    private static List<String> lookedUp(DecoderFamily family) {
        List<String> inputs = new ArrayList<>(List.of(TransformerDecoder.EMBEDDINGS));
        if (family.addsPositionsLast()) inputs.add(TransformerDecoder.POSITIONS);
        if (family.source().isPresent()) inputs.add(SourceGraph.EMBEDDINGS);
        return inputs;
    }

    private TrainableBuffer buffer(SequencedMap<String, Shape> shapes,
            Map<String, ? extends ParameterValue> weights) {
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, shapes);
        TrainableBuffer buffer = new TrainableBuffer(layout, arena.allocate(layout.bytes(), 64),
                arena.allocate(layout.bytes(), 64));
        for (ParameterLayout.Entry entry : layout.entries()) {
            layout.slice(buffer.values(), entry).copyFrom(weights.get(entry.name()).plain().to(ElementType.F32).data());
        }
        return buffer;
    }

    /**
     * What a pass computed besides the gradients.
     *
     * @param loss    mean of −log P over the targets, in nats
     * @param targets how many there are
     */
    public record Pass(double loss, int targets) {
    }

    public DecoderConfig config() {
        return config;
    }

    /**
     * Runs forward and backward for one batch. Afterwards the gradients of {@link #buffers()} are those of this batch's
     * mean loss alone.
     *
     * @param texts with at least one target among them, none longer than the model's context
     */
    public Pass pass(List<TrainingText> texts) {
        TrainingRows rows = TrainingRows.of(texts, config);
        SourceInputs source = sourcePositions == null ? null : source(texts);
        DecoderInputs inputs = new DecoderInputs(config, rows.count(), 0, source == null ? 0 : source.count());
        DecoderFamily family = config.family();
        for (int row = 0; row < rows.count(); row++) {
            int at = row * config.dim();
            if (tokens != null) {
                tokens.addTo(rows.tokens()[row], family.embeddingScale(config), inputs.embeddings(), at);
            } else {
                head.embed(family.tokens(), rows.tokens()[row], inputs.embeddings(), at);
            }
            if (positions != null) {
                positions.addTo(rows.positions()[row] + family.positionOffset(), 1, inputs.learnedPositions(), at);
            }
            inputs.place(row, rows.positions()[row]);
            inputs.see(row, row - rows.positions()[row], row + 1, 0);
            int text = rows.texts()[row];
            if (source != null) inputs.seeSource(row, source.start(text), source.start(text + 1));
        }
        Map<String, Tensor> fed = inputs.tensors();
        if (source != null) fed.putAll(source.tensors());
        float[] upstream = new float[rows.count() * config.dim()];
        Tensor later = Tensor.of(upstream, rows.count(), config.dim());
        GradientProgram.Waiting waiting = trunk.begin(fed, Map.of(UPSTREAM, later.shape()));
        double loss = head(rows, waiting.outputs().get(TransformerDecoder.HIDDEN).toFloats(), upstream);
        GradientProgram.Result result = waiting.finish(Map.of(UPSTREAM, later));
        if (adapters == null) scatter(rows, source, result.inputGradients());
        return new Pass(loss, rows.predicting().length);
    }

    private SourceInputs source(List<TrainingText> texts) {
        List<int[]> sources = texts.stream().map(TrainingText::source).toList();
        if (sources.stream().anyMatch(each -> each.length == 0)) {
            throw new IllegalArgumentException("a text without a source, for a model that reads one");
        }
        SourceInputs source = new SourceInputs(config, sources, SourceInputs.count(sources));
        float scale = config.family().source().orElseThrow().sourceScale(config);
        for (int row = 0; row < source.count(); row++) {
            int at = row * config.dim();
            tokens.addTo(source.token(row), scale, source.embeddings(), at);
            sourcePositions.addTo(source.position(row) + config.family().positionOffset(), 1, source.embeddings(), at);
        }
        return source;
    }

    /**
     * Returns the loss of the rows that predict a target, and writes its gradient with respect to their hidden states
     * to {@code upstream}.
     */
    private double head(TrainingRows rows, float[] hidden, float[] upstream) {
        int dim = config.dim(), n = rows.predicting().length;
        float[] chosen = new float[n * dim], gradient = new float[n * dim];
        for (int i = 0; i < n; i++) System.arraycopy(hidden, rows.predicting()[i] * dim, chosen, i * dim, dim);
        double loss = head.pass(chosen, rows.targets(), 1f / n, gradient);
        for (int i = 0; i < n; i++) System.arraycopy(gradient, i * dim, upstream, rows.predicting()[i] * dim, dim);
        return loss;
    }

    /** Adds the gradients of embeddings to those of the tables that they were looked up in. */
    private void scatter(TrainingRows rows, SourceInputs source, Map<String, Tensor> gradients) {
        if (tables != null) tables.gradients().fill((byte) 0);
        DecoderFamily family = config.family();
        float[] gradient = gradients.get(TransformerDecoder.EMBEDDINGS).toFloats();
        float[] later = family.addsPositionsLast()
                ? gradients.get(TransformerDecoder.POSITIONS).toFloats()
                : gradient;
        for (int row = 0; row < rows.count(); row++) {
            int at = row * config.dim();
            tokens.addGradient(rows.tokens()[row], family.embeddingScale(config), gradient, at);
            if (positions != null) {
                positions.addGradient(rows.positions()[row] + family.positionOffset(), 1, later, at);
            }
        }
        if (source == null) return;
        float[] ofSource = gradients.get(SourceGraph.EMBEDDINGS).toFloats();
        float scale = family.source().orElseThrow().sourceScale(config);
        for (int row = 0; row < source.count(); row++) {
            int at = row * config.dim();
            tokens.addGradient(source.token(row), scale, ofSource, at);
            sourcePositions.addGradient(source.position(row) + family.positionOffset(), 1, ofSource, at);
        }
    }

    /** Returns everything that is trained, for an optimiser; the buffers live until {@link #close()}. */
    public List<TrainableBuffer> buffers() {
        List<TrainableBuffer> buffers = new ArrayList<>();
        if (tables != null) buffers.add(tables);
        if (adapters == null) buffers.add(head.buffer());
        buffers.add(new TrainableBuffer(trunk.layout(), trunk.parameters(), trunk.gradients()));
        return buffers;
    }

    /**
     * Loads the model as it is at present, to generate and score with it. Adapters stay beside matrices that are kept
     * as their file has them, and are merged into others.
     */
    public LanguageModel model(Engine engine) {
        if (adapters == null || !engine.keepsBlocks() || frozen.values().stream().noneMatch(TrainableDecoder::isKept)) {
            return new CachedDecoder(config, merged(), engine);
        }
        Map<String, ParameterValue> all = new LinkedHashMap<>(frozen);
        all.putAll(trained());
        return new CachedDecoder(config, all, engine, adapters);
    }

    private static boolean isKept(ParameterValue value) {
        return value instanceof QuantizedTensor || value instanceof HalfMatrix;
    }

    /**
     * Returns the present weights by the names of Retort's graphs, adapters merged in. They are views or copies, which
     * the next step or {@link #close()} may spoil.
     */
    public SequencedMap<String, Tensor> present() {
        return DecoderWeights.plain(merged());
    }

    /** Returns the present weights, those with adapters merged in being made when they are asked for. */
    private SequencedMap<String, ParameterValue> merged() {
        SequencedMap<String, Tensor> trained = trained();
        if (adapters == null) return new LinkedHashMap<>(trained);
        SequencedMap<String, ParameterValue> merged = new LinkedHashMap<>();
        frozen.forEach((name, weight) -> merged.put(name, adapters.merged(name, weight, trained)));
        return merged;
    }

    /** Returns views of the parameters that are trained: all of the model, or its adapters. */
    public SequencedMap<String, Tensor> trained() {
        SequencedMap<String, Tensor> views = new LinkedHashMap<>();
        for (TrainableBuffer buffer : buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                MemorySegment values = buffer.layout().slice(buffer.values(), entry);
                views.put(entry.name(), new Tensor(ElementType.F32, entry.shape(), values));
            }
        }
        return views;
    }

    /**
     * Returns the present weights under the names and in the shapes that the Hugging Face Hub's models of the family
     * have. They last no longer than those of {@link #present}.
     */
    public SequencedMap<String, Tensor> weights() {
        return DecoderWeights.plain(published());
    }

    /**
     * Returns {@link #weights} to be written: those that are no views are made when they are asked for, one after the
     * other.
     */
    public SequencedMap<String, ParameterValue> published() {
        return DecoderWeights.published(config.family(), merged());
    }

    @Override
    public void close() {
        trunk.close();
        head.close();
        if (arena.scope().isAlive()) arena.close();
    }

    /**
     * A table of embeddings in a {@link TrainableBuffer}: its rows are looked up outside of graphs, and their gradients
     * are added up here.
     */
    private static final class TrainableTable {
        private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

        private final MemorySegment values;
        private final MemorySegment gradients;
        private final int rows;
        private final int dim;

        TrainableTable(TrainableBuffer buffer, String name) {
            ParameterLayout.Entry entry = buffer.layout().entries().stream().filter(each -> each.name().equals(name))
                    .findFirst().orElseThrow();
            this.values = buffer.layout().slice(buffer.values(), entry);
            this.gradients = buffer.layout().slice(buffer.gradients(), entry);
            this.rows = entry.shape().dim(0);
            this.dim = entry.shape().dim(1);
        }

        /**
         * Makes a table that is only looked up and not trained.
         *
         * @param values {@code [rows, dim]}
         */
        TrainableTable(Tensor values) {
            this.values = MemorySegment.ofArray(values.toFloats());
            this.gradients = null;
            this.rows = values.shape().dim(0);
            this.dim = values.shape().dim(1);
        }

        /** Adds a row of the table, multiplied by a factor, to {@code to} from {@code at} on. */
        void addTo(int row, float scale, float[] to, int at) {
            long from = offset(row);
            for (int j = 0; j < dim; j++) to[at + j] += scale * values.get(FLOAT, from + 4L * j);
        }

        /** Adds the gradient {@code from[at ...]} of the row times a factor to the gradient of the row. */
        void addGradient(int row, float scale, float[] from, int at) {
            long to = offset(row);
            for (int j = 0; j < dim; j++) {
                gradients.set(FLOAT, to + 4L * j, gradients.get(FLOAT, to + 4L * j) + scale * from[at + j]);
            }
        }

        private long offset(int row) {
            return 4L * dim * Objects.checkIndex(row, rows);
        }
    }

    /**
     * Texts of a batch as rows, one after the other; the last token of each is only predicted, and is no row.
     *
     * @param tokens     {@code [rows]}
     * @param texts      {@code [rows]}, the number of the text that each belongs to
     * @param positions  {@code [rows]}, from 0 in each text
     * @param predicting rows that are followed by a target
     * @param targets    for each of these the target
     */
    record TrainingRows(int[] tokens, int[] texts, int[] positions, int[] predicting, float[] targets) {
        static TrainingRows of(List<TrainingText> texts, DecoderConfig config) {
            int rows = texts.stream().mapToInt(text -> text.tokens().length - 1).sum();
            int count = texts.stream().mapToInt(TrainingText::count).sum();
            if (count == 0) throw new IllegalArgumentException("a batch without targets");
            TrainingRows all = new TrainingRows(new int[rows], new int[rows], new int[rows], new int[count],
                    new float[count]);
            int row = 0, target = 0, number = -1;
            for (TrainingText text : texts) {
                number++;
                int length = text.tokens().length;
                if (length > config.positions()) {
                    throw BadInput.of("a text of " + length + " tokens is longer than the model's context of "
                            + config.positions(), "shorten it");
                }
                for (int t = 0; t + 1 < length; t++, row++) {
                    all.tokens[row] = text.tokens()[t];
                    all.positions[row] = t;
                    all.texts[row] = number;
                    if (!text.targets()[t + 1]) continue;
                    all.predicting[target] = row;
                    all.targets[target++] = text.tokens()[t + 1];
                }
            }
            return all;
        }

        int count() {
            return tokens.length;
        }
    }
}
