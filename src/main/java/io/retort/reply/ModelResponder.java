package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.RankedReplies.StageTimes;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.search.IndexBuilder;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.ExactSearch;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model and an index that belong together: tokenise, encode, search. With a bi-encoder the search is one of vectors;
 * with a poly-encoder every reply of the index is scored. Opening it checks every byte of the index and that this very
 * model made it; the runtime stays the caller's.
 */
public final class ModelResponder implements Responder {
    /** Turns of a chat that count as context where the index is not keyed by contexts. */
    private static final int USUAL_HISTORY = 3;
    /** Number of contexts that are encoded and searched together: enough for every core, few enough for memory. */
    private static final int TOGETHER = 256;
    /** A pool of no threads but the caller's, which has nothing to end. */
    private static final WorkerPool ALONE = new WorkerPool(1);

    private final RetrievalModel model;
    private final ResponseIndex index;
    private final GrowingScan<?> scan;
    private final ReplySelection selection;
    private final List<AutoCloseable> owned;
    private final Users users;
    /** The context that was answered last: its reply may be asked the score of. */
    private volatile ReplyQuery.Encoded latest;

    private ModelResponder(RetrievalModel model, ResponseIndex index, ResponseSearch search, boolean echoes,
            Reranking reranking, List<AutoCloseable> owned, Users users) {
        if (model.dim() != index.dims()) {
            throw BadInput.in(index.file(),
                    "holds vectors of " + index.dims() + ", the model makes vectors of " + model.dim(),
                    "build the index with this model");
        }
        this.model = model;
        this.index = index;
        this.owned = List.copyOf(owned);
        this.users = users;
        boolean reranks = index.hasContexts() && reranking.depth() > 0;
        float turnShare = reranks ? (float) reranking.turnShare() : 0;
        this.scan = model.isSearchable()
                ? new GrowingScan<>(new VectorScan(model, search, turnShare), index,
                        rows -> new VectorScan(model, added(rows, index), turnShare))
                : new GrowingScan<>(new FullScan(model, index.vectors()), index, rows -> new FullScan(model, rows));
        this.selection = new ReplySelection(this::size, this::textOf, echoes,
                reranks ? Optional.of(new Reranker(index, reranking)) : Optional.empty());
    }

    /**
     * Opens a model and an index made with it, for many searches.
     *
     * @throws BadInput if the index is damaged, or made with another model
     */
    public static ModelResponder open(RetortRuntime runtime, ModelFolder model, Path index) throws IOException {
        return open(runtime, model, index, ResponderSettings.defaults());
    }

    /**
     * Opens a model and an index made with it.
     *
     * @throws BadInput if the index is damaged, or made with another model
     */
    public static ModelResponder open(RetortRuntime runtime, ModelFolder model, Path index, ResponderSettings settings)
            throws IOException {
        if (model == null) throw new IllegalArgumentException("model is null");
        if (index == null) throw new IllegalArgumentException("index is null");
        if (settings == null) throw new IllegalArgumentException("settings is null");
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        try (Opening opening = new Opening()) {
            ResponseIndex open = opening.add(settings.searches() == ResponderSettings.Searches.SERVED
                    ? ResponseIndex.openCopied(index, compute.pool())
                    : ResponseIndex.open(index, ResponseIndex.Verification.ALL, compute.pool()));
            open.requireModel(new ModelFingerprint(model.fingerprint()), model.path().toString());
            SearchSetup setup = SearchSetup.of(settings, open.count(), open.dims(), open.format());
            opening.add(setup.warmUp(open.dims())); // while the model loads
            boolean isServed = settings.searches() == ResponderSettings.Searches.SERVED;
            boolean isAwaited = !isServed && settings.searches() != ResponderSettings.Searches.MANY;
            RetrievalModel loaded = opening
                    .add(model.load(isAwaited ? compute.engine().answering() : compute.engine()));
            Users users = new Users();
            if (setup.warms() && !isServed) opening.add(WarmUp.of(loaded, users::areInside));
            ResponseSearch search = opening.add(setup.over(loaded, open, compute.pool()));
            ModelResponder responder = new ModelResponder(loaded, open, search, settings.echoes(),
                    settings.reranking(), opening.opened, users);
            opening.done = true;
            return responder;
        }
    }

    /**
     * Answers with a model and an index that are open already, by a search over the index; all three stay the caller's,
     * who also knows that they belong together. It measures what the search finds: turns of the context are given back
     * where they are found, and nothing is put in another order.
     *
     * @param search used with bi-encoders
     * @throws BadInput if the index holds vectors of another length than the model's
     */
    public static ModelResponder over(RetrievalModel model, ResponseIndex index, ResponseSearch search) {
        return new ModelResponder(model, index, search, true, Reranking.none(), List.of(), new Users());
    }

    /** The resources opened so far, which are closed again unless all of them could be opened. */
    private static final class Opening implements AutoCloseable {
        private final List<AutoCloseable> opened = new ArrayList<>();
        private boolean done;

        <C extends AutoCloseable> C add(C resource) {
            opened.add(resource);
            return resource;
        }

        @Override
        public void close() {
            if (!done) closeAll(opened);
        }
    }

    /** Closes resources in the reverse of the order in which they were opened. */
    private static void closeAll(List<AutoCloseable> resources) {
        RuntimeException failure = null;
        for (AutoCloseable resource : resources.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                if (failure == null) failure = new IllegalStateException("cannot close " + resource, e);
                else failure.addSuppressed(e);
            }
        }
        if (failure != null) throw failure;
    }

    /** A search of replies that were added, which are few: the caller's thread does it by itself. */
    private static ResponseSearch added(Rows rows, ResponseIndex index) {
        return new ExactSearch(rows, index.metric(), Kernels.best(), ALONE);
    }

    @Override
    public int size() {
        return index.count() + scan.added();
    }

    private String textOf(int row) {
        return row < index.count() ? index.reply(row) : scan.text(row - index.count());
    }

    /** The model that encodes contexts, which stays open as long as the responder. */
    public RetrievalModel model() {
        return model;
    }

    @Override
    public String text(int row) {
        try (var _ = users.enter()) {
            return textOf(row);
        }
    }

    @Override
    public Optional<Map<String, Object>> metadata(int row) {
        try (var _ = users.enter()) {
            return row < index.count() ? index.metadata(row) : scan.metadata(row - index.count());
        }
    }

    @Override
    public RankedReplies reply(Context context, int k, BitSet allowed) {
        if (context == null) throw new IllegalArgumentException("context is null");
        requireK(k);
        try (var _ = users.enter()) {
            return answer(scan, context, k, allowed);
        }
    }

    private <Q> RankedReplies answer(GrowingScan<Q> scan, Context context, int k, BitSet allowed) {
        long started = System.nanoTime();
        int[] tokens = model.inputs().context(context);
        long tokenised = System.nanoTime();
        ReplyQuery asked = new ReplyQuery(context, tokens, k, allowed, Set.of());
        if (model.isSearchable() && !isOfReplies()) {
            latest = new ReplyQuery.Encoded(tokens, model.encodeContext(tokens));
            asked = asked.withKnown(latest);
        }
        Q query = scan.encode(asked);
        long encoded = System.nanoTime();
        return selection.of(scan, List.of(query), List.of(asked)).getFirst().with(tokens.length,
                new StageTimes(tokenised - started, encoded - tokenised, System.nanoTime() - encoded));
    }

    @Override
    public List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed) {
        if (contexts == null) throw new IllegalArgumentException("contexts is null");
        requireK(k);
        List<RankedReplies> all = new ArrayList<>(contexts.size());
        for (int from = 0; from < contexts.size(); from += TOGETHER) {
            List<Context> part = contexts.subList(from, Math.min(contexts.size(), from + TOGETHER));
            try (var _ = users.enter()) {
                long started = System.nanoTime();
                List<ReplyQuery> queries = part.stream().map(context -> new ReplyQuery(context,
                        model.inputs().context(context), k, allowed, Set.of())).toList();
                all.addAll(together(scan, queries, System.nanoTime() - started));
            }
        }
        return all;
    }

    /**
     * Reads a context, to answer it together with others by {@link #replyToEach}.
     *
     * @param k       1 to {@link #size}
     * @param allowed rows that may be given; null allows all. It must not change before the answer
     * @param without few rows that are passed over nevertheless
     * @throws BadInput if nothing is left of the context once it is tokenised
     */
    public ReplyQuery query(Context context, int k, BitSet allowed, Set<Integer> without) {
        if (context == null) throw new IllegalArgumentException("context is null");
        requireK(k);
        try (var _ = users.enter()) {
            return new ReplyQuery(context, model.inputs().context(context), k, allowed, without);
        }
    }

    /**
     * Answers contexts together, each as it was asked for; the times are shares of what encoding and searching took.
     * Scores differ from those of a context that is answered alone as {@link #replyToAll} says.
     *
     * @param queries of this responder; those with the same filter object are searched for together
     */
    public List<RankedReplies> replyToEach(List<ReplyQuery> queries) {
        if (queries == null) throw new IllegalArgumentException("queries is null");
        if (queries.isEmpty()) return List.of();
        try (var _ = users.enter()) {
            return together(scan, queries, 0);
        }
    }

    private <Q> List<RankedReplies> together(GrowingScan<Q> scan, List<ReplyQuery> asked, long tokenising) {
        long started = System.nanoTime();
        List<Q> queries = scan.encode(asked);
        long encoded = System.nanoTime();
        List<ReplySelection.Found> found = selection.of(scan, queries, asked);
        int n = asked.size();
        StageTimes share = new StageTimes(tokenising / n, (encoded - started) / n, (System.nanoTime() - encoded) / n);
        return IntStream.range(0, n).mapToObj(i -> found.get(i).with(asked.get(i).tokens().length, share)).toList();
    }

    /**
     * The vector that replies are searched by, of the reply in a row; empty where rows stand for something else than
     * replies, or vectors are scaled.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public Optional<float[]> vector(int row) {
        if (!isOfReplies()) return Optional.empty();
        try (var _ = users.enter()) {
            boolean isIndexed = row < index.count();
            Rows rows = isIndexed ? index.vectors() : scan.vectors();
            int place = Objects.checkIndex(isIndexed ? row : row - index.count(), rows == null ? 0 : rows.count());
            return Optional.of(rows.read(place));
        }
    }

    private boolean isOfReplies() {
        return IndexBuilder.keyOf(index) == KeyedBy.REPLY && index.metric() == Metric.INNER_PRODUCT;
    }

    /**
     * Adds replies in rows after all others, for as long as this responder is open: they are encoded, and what is asked
     * from then on may find them.
     *
     * @param metadata of each, empty for none
     * @return the row of the first
     * @throws BadInput if the index is not keyed by replies
     */
    public int add(List<String> texts, List<Optional<Map<String, Object>>> metadata) {
        if (texts.size() != metadata.size()) {
            throw new IllegalArgumentException(metadata.size() + " metadata of " + texts.size() + " texts");
        }
        requireGrowth();
        try (var _ = users.enter()) {
            return index.count() + scan.add(texts, metadata, model.encodeReplies(texts, Progress.NONE));
        }
    }

    /**
     * Refuses to add to an index whose rows are no replies' vectors.
     *
     * @throws BadInput if it is keyed by contexts
     */
    public void requireGrowth() {
        if (IndexBuilder.keyOf(index) == KeyedBy.REPLY) return;
        throw BadInput.in(index.file(), "is keyed by contexts, which a reply by itself has none of",
                "make an index keyed by replies, or append dialogues to this one");
    }

    /** The index, which stays open as long as the responder. */
    public ResponseIndex index() {
        return index;
    }

    private void requireK(int k) {
        if (k < 1 || k > size()) throw new IllegalArgumentException("k is " + k + ", not 1 to " + size());
    }

    @Override
    public ChatSession session() {
        return session(usualHistory());
    }

    @Override
    public int usualHistory() {
        int keyed = IndexBuilder.historyOf(index);
        return keyed > 0 ? keyed : USUAL_HISTORY;
    }

    @Override
    public double score(Context context, RankedReply reply) {
        if (isOfReplies()) return reply.score();
        try (var _ = users.enter()) {
            int[] tokens = model.inputs().context(context);
            ReplyQuery.Encoded last = latest;
            boolean isKnown = last != null && Arrays.equals(last.tokens(), tokens);
            RetrievalModel.Scorer scorer = model.scorer(isKnown ? last.vector() : model.encodeContext(tokens));
            double own = scorer.score(model.encodeReplies(List.of(reply.text()), Progress.NONE))[0];
            if (IndexBuilder.keyOf(index) != KeyedBy.BOTH || !model.isSearchable()) return own;
            return Math.max(own, scorer.score(new float[][]{index.vectors().read(reply.row())})[0]);
        }
    }

    @Override
    public void close() {
        if (users.shut()) closeAll(owned);
    }
}
