package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.RankedReplies.StageTimes;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.IndexBuilder;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final RetrievalModel model;
    private final ResponseIndex index;
    private final Scan<?> scan;
    private final boolean echoes;
    private final List<AutoCloseable> owned;
    private final Users users;

    private ModelResponder(RetrievalModel model, ResponseIndex index, ResponseSearch search, boolean echoes,
            List<AutoCloseable> owned, Users users) {
        if (model.dim() != index.dims()) {
            throw BadInput.in(index.file(),
                    "holds vectors of " + index.dims() + ", the model makes vectors of " + model.dim(),
                    "build the index with this model");
        }
        this.model = model;
        this.index = index;
        this.echoes = echoes;
        this.owned = List.copyOf(owned);
        this.users = users;
        this.scan = model.isSearchable() ? new VectorScan(model, search) : new FullScan(model, index);
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
            ResponseIndex open = opening.add(
                    ResponseIndex.open(index, ResponseIndex.Verification.ALL, compute.pool()));
            open.requireModel(new ModelFingerprint(model.fingerprint()), model.path().toString());
            SearchSetup setup = SearchSetup.of(settings, open.count(), open.dims());
            opening.add(setup.warmUp(open.dims())); // while the model loads
            boolean isAwaited = settings.searches() != ResponderSettings.Searches.MANY;
            RetrievalModel loaded = opening
                    .add(model.load(isAwaited ? compute.engine().answering() : compute.engine()));
            Users users = new Users();
            if (setup.warms()) opening.add(WarmUp.of(loaded, users::areInside));
            ResponseSearch search = opening.add(setup.over(loaded, open, compute.pool()));
            ModelResponder responder = new ModelResponder(loaded, open, search, settings.echoes(),
                    opening.opened, users);
            opening.done = true;
            return responder;
        }
    }

    /**
     * Answers with a model and an index that are open already, by a search over the index; all three stay the caller's,
     * who also knows that they belong together. It measures what the search finds, so that turns of the context are
     * given back where they are found.
     *
     * @param search used with bi-encoders
     * @throws BadInput if the index holds vectors of another length than the model's
     */
    public static ModelResponder over(RetrievalModel model, ResponseIndex index, ResponseSearch search) {
        return new ModelResponder(model, index, search, true, List.of(), new Users());
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

    @Override
    public int size() {
        return index.count();
    }

    /** The model that encodes contexts, which stays open as long as the responder. */
    public RetrievalModel model() {
        return model;
    }

    @Override
    public String text(int row) {
        try (var _ = users.enter()) {
            return index.reply(row);
        }
    }

    @Override
    public Optional<Map<String, Object>> metadata(int row) {
        try (var _ = users.enter()) {
            return index.metadata(row);
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

    private <Q> RankedReplies answer(Scan<Q> scan, Context context, int k, BitSet allowed) {
        long started = System.nanoTime();
        int[] tokens = model.inputs().context(context);
        long tokenised = System.nanoTime();
        Q query = scan.encode(tokens);
        long encoded = System.nanoTime();
        Found found = found(scan, List.of(query), List.of(context), k, allowed).getFirst();
        return found.with(tokens.length,
                new StageTimes(tokenised - started, encoded - tokenised, System.nanoTime() - encoded));
    }

    @Override
    public List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed) {
        if (contexts == null) throw new IllegalArgumentException("contexts is null");
        requireK(k);
        List<RankedReplies> all = new ArrayList<>(contexts.size());
        for (int from = 0; from < contexts.size(); from += TOGETHER) {
            all.addAll(together(contexts.subList(from, Math.min(contexts.size(), from + TOGETHER)), k, allowed));
        }
        return all;
    }

    private List<RankedReplies> together(List<Context> contexts, int k, BitSet allowed) {
        try (var _ = users.enter()) {
            return together(scan, contexts, k, allowed);
        }
    }

    private <Q> List<RankedReplies> together(Scan<Q> scan, List<Context> contexts, int k, BitSet allowed) {
        long started = System.nanoTime();
        List<int[]> tokens = contexts.stream().map(model.inputs()::context).toList();
        long tokenised = System.nanoTime();
        List<Q> queries = scan.encode(tokens);
        long encoded = System.nanoTime();
        List<Found> found = found(scan, queries, contexts, k, allowed);
        int n = contexts.size();
        StageTimes share = new StageTimes((tokenised - started) / n, (encoded - tokenised) / n,
                (System.nanoTime() - encoded) / n);
        return IntStream.range(0, n).mapToObj(i -> found.get(i).with(tokens.get(i).length, share)).toList();
    }

    /** What was found for a context: the replies that are given, and those that would only repeat it. */
    private record Found(List<RankedReply> ranked, List<RankedReply> echoes) {
        RankedReplies with(int tokens, StageTimes times) {
            return new RankedReplies(ranked, echoes, tokens, times);
        }
    }

    /**
     * Finds the best replies that are no echoes. The search is asked for as many hits more as there are turns, and where
     * that was too few for twice as many, so that what is found is exactly the best of what may be given.
     */
    private <Q> List<Found> found(Scan<Q> scan, List<Q> queries, List<Context> contexts, int k, BitSet allowed) {
        List<Echoes> turns = contexts.stream().map(context -> echoes ? Echoes.NONE : Echoes.of(context)).toList();
        int most = turns.stream().mapToInt(Echoes::size).max().orElse(0);
        Found[] found = new Found[queries.size()];
        List<Integer> open = new ArrayList<>(IntStream.range(0, found.length).boxed().toList());
        for (int wanted = (int) Math.min(size(), (long) k + most);; wanted = (int) Math.min(size(), 2L * wanted)) {
            List<Hits> hits = scan.best(open.stream().map(queries::get).toList(), wanted, allowed);
            List<Integer> few = new ArrayList<>();
            for (int i = 0; i < hits.size(); i++) {
                int place = open.get(i);
                found[place] = without(turns.get(place), hits.get(i), k);
                boolean isAll = hits.get(i).size() < wanted || wanted == size();
                if (found[place].ranked.size() < k && !isAll) few.add(place);
            }
            if (few.isEmpty()) return List.of(found);
            open = few;
        }
    }

    /** The first {@code k} hits that are no echoes, and the echoes that were passed over. */
    private Found without(Echoes turns, Hits hits, int k) {
        List<RankedReply> ranked = new ArrayList<>(), echoed = new ArrayList<>();
        for (Hit hit : hits) {
            if (ranked.size() == k) break;
            String text = index.reply(hit.row());
            List<RankedReply> goes = turns.has(text) ? echoed : ranked;
            goes.add(new RankedReply(ranked.size() + 1, hit.row(), hit.score(), text));
        }
        return new Found(ranked, echoed);
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
        boolean isOwn = IndexBuilder.keyOf(index) == KeyedBy.REPLY && index.metric() == Metric.INNER_PRODUCT;
        if (isOwn) return reply.score();
        try (var _ = users.enter()) {
            return model.score(context, model.encodeReplies(List.of(reply.text()), Progress.NONE))[0];
        }
    }

    @Override
    public void close() {
        if (users.shut()) closeAll(owned);
    }

    /**
     * How the best rows for contexts are found.
     *
     * @param <Q> what is made of a context, by which replies are scored
     */
    interface Scan<Q> {
        /** Reads one context. */
        Q encode(int[] tokens);

        /** Reads several contexts, which is faster than one after the other. */
        List<Q> encode(List<int[]> tokens);

        /** Finds the best rows for each of several contexts. */
        List<Hits> best(List<Q> queries, int k, BitSet allowed);
    }

    /** Finds rows by encoding contexts and searching the vectors of the index. */
    private record VectorScan(RetrievalModel model, ResponseSearch search) implements Scan<float[]> {
        @Override
        public float[] encode(int[] tokens) {
            return model.encodeContext(tokens);
        }

        @Override
        public List<float[]> encode(List<int[]> tokens) {
            return List.of(model.encodeContexts(tokens, Progress.NONE));
        }

        @Override
        public List<Hits> best(List<float[]> queries, int k, BitSet allowed) {
            return queries.size() == 1
                    ? List.of(search.search(queries.getFirst(), k, allowed))
                    : search.search(queries.toArray(float[][]::new), k, allowed);
        }
    }

    /** Counts the threads that use the responder now, for which closing waits. */
    private static final class Users {
        private int inside;
        private boolean shut;

        /** Begins a use: the responder stays open until the returned object is closed. */
        synchronized Leave enter() {
            if (shut) throw new IllegalStateException("the responder is closed");
            inside++;
            return this::leave;
        }

        synchronized boolean areInside() {
            return inside > 0;
        }

        private synchronized void leave() {
            if (--inside == 0) notifyAll();
        }

        /** Lets no more users in and waits until all have left; true if this call was the first to do so. */
        synchronized boolean shut() {
            boolean first = !shut;
            shut = true;
            boolean interrupted = false;
            while (inside > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) Thread.currentThread().interrupt();
            return first;
        }

        /** Closed at the end of one use of the responder. */
        interface Leave extends AutoCloseable {
            @Override
            void close();
        }
    }
}
