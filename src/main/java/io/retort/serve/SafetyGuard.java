package io.retort.serve;

import io.retort.files.Progress;
import io.retort.reply.ChatReply;
import io.retort.reply.ModelResponder;
import io.retort.reply.OwnWords;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReplies.StageTimes;
import io.retort.reply.ReplyLanguages;
import io.retort.reply.ReplyQuery;
import io.retort.reply.ReplyVerdicts;
import io.retort.reply.StudentTurnClassifier;
import io.retort.safety.SafetyLevel;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyScreen.TurnClassifier;
import io.retort.safety.SafetySettings;
import io.retort.safety.SafetyVerdict;
import io.retort.serve.Batcher.Answered;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The safety screen of a generation at work: looks at turns before they are answered, gives the next best in place of
 * replies that it stops, and counts both by category. At level off everything passes. Any thread.
 */
final class SafetyGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SafetyGuard.class);
    /** Turns whose vectors are kept, and the most tokens of one: greetings and short answers come again and again. */
    private static final int KEPT_TURNS = 4096, KEPT_TOKENS = 24;

    private final ModelResponder responder;
    private final Batcher<ReplyQuery, RankedReplies> searches;
    /** Encodes turns for the classifier, together with those of other requests; null if there is none. */
    private final Batcher<int[], float[]> turns;
    private final Map<List<Integer>, float[]> known = Collections.synchronizedMap(new LinkedHashMap<>(16, .75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, float[]> eldest) {
            return size() > KEPT_TURNS;
        }
    });
    private final SafetyScreen screen;
    private final ReplyVerdicts verdicts;
    private final ServerMetrics metrics;

    private SafetyGuard(ModelResponder responder, Batcher<ReplyQuery, RankedReplies> searches,
            Batcher<int[], float[]> turns, SafetyScreen screen, ServerMetrics metrics) {
        this.responder = responder;
        this.searches = searches;
        this.turns = turns;
        this.screen = screen;
        this.verdicts = new ReplyVerdicts(screen, responder);
        this.metrics = metrics;
    }

    /**
     * The screen that settings ask for, with the classifier that lies in the student's folder.
     *
     * @param searches how replies are found; whoever opened it closes it
     * @throws io.retort.files.BadInput if the configuration of the screen, or the classifier, is none
     */
    static SafetyGuard open(ModelFolder student, ModelResponder responder,
            Batcher<ReplyQuery, RankedReplies> searches, ServeSettings settings, ServerMetrics metrics)
            throws IOException {
        SafetySettings chosen = SafetySettings.of(settings.safety(), settings.safetyConfig());
        SafetyScreen words = SafetyScreen.of(chosen);
        if (chosen.level() == SafetyLevel.OFF) {
            return new SafetyGuard(responder, searches, null, words, metrics);
        }
        words = words.withLanguagesOfReplies(ReplyLanguages.of(responder));
        Batcher<int[], float[]> turns = new Batcher<>("retort-turns",
                asked -> Arrays.asList(responder.model().encodeContexts(asked, Progress.NONE)),
                settings.queue() + settings.maxContexts(), settings.batch(), _ -> {}, _ -> {});
        try {
            Optional<TurnClassifier> classifier = StudentTurnClassifier.of(student, responder.model(),
                    tokens -> turns.answer(tokens).found());
            if (classifier.isPresent()) {
                return new SafetyGuard(responder, searches, turns, words.withClassifier(classifier.get()), metrics);
            }
            LOG.warn("the safety screen goes by words alone: {} has no classifier of its own", student.name());
            turns.close();
            return new SafetyGuard(responder, searches, null, words, metrics);
        } catch (Throwable e) {
            turns.close();
            throw e;
        }
    }

    /** Whether anything may be stopped at all. */
    boolean isOn() {
        return screen.settings().level() != SafetyLevel.OFF;
    }

    /**
     * What is said to a turn that is stopped; empty if it passes.
     *
     * @param number how many things were said before, so that answers take turns
     */
    Optional<ChatReply.Guarded> stopped(String turn, int number) {
        return look(turn, number).stopped;
    }

    /**
     * What came of looking at a turn.
     *
     * @param stopped what is said to it where it is stopped
     * @param tokens  the turn as the classifier read it; null if it was not asked
     * @param vector  what the model makes of the tokens; null like them
     */
    record Look(Optional<ChatReply.Guarded> stopped, int[] tokens, float[] vector) {
        /** The same query, for which the turn that the classifier has read is not encoded once more. */
        ReplyQuery known(ReplyQuery query) {
            return vector == null ? query : query.withKnown(new ReplyQuery.Encoded(tokens, vector));
        }
    }

    /** Looks at a turn as {@link #stopped} does, and tells what else came of it. */
    Look look(String turn, int number) {
        int[][] tokens = new int[1][];
        float[][] vector = new float[1][];
        SafetyScreen asked = screen.classifier().orElse(null) instanceof StudentTurnClassifier its
                ? screen.withClassifier(its.by(read -> {
                    tokens[0] = read;
                    vector[0] = encoded(read);
                    return vector[0];
                }))
                : screen;
        SafetyVerdict verdict = asked.checkTurn(turn);
        if (verdict.passes()) return new Look(Optional.empty(), tokens[0], vector[0]);
        metrics.safety("turns", verdict);
        return new Look(Optional.of(new ChatReply.Guarded(screen.answer(verdict, number), verdict)), null, null);
    }

    /** What the model makes of a turn; vectors of short ones that came lately are known. */
    private float[] encoded(int[] tokens) {
        if (tokens.length > KEPT_TOKENS) return turns.answer(tokens).found();
        List<Integer> key = Arrays.stream(tokens).boxed().toList();
        float[] before = known.get(key);
        if (before != null) return before;
        float[] vector = turns.answer(tokens).found();
        known.put(key, vector);
        return vector;
    }

    /** What is said where a turn was stopped; several of them take turns by their numbers. */
    String answer(SafetyVerdict verdict, int number) {
        return screen.answer(verdict, number);
    }

    /**
     * Looks at the newest turns of several contexts, each in its place; they are looked at side by side, so that
     * the classifier reads them together.
     */
    List<Look> look(List<List<String>> contexts) {
        if (contexts.size() == 1 || turns == null) return contexts.stream().map(this::newest).toList();
        List<Callable<Look>> looks = new ArrayList<>();
        for (List<String> each : contexts) looks.add(() -> newest(each));
        List<Look> looked = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Look> each : threads.invokeAll(looks)) looked.add(each.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.unavailable("the server is closing; try another");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failed) throw failed;
            throw new IllegalStateException(e.getCause());
        }
        return looked;
    }

    private Look newest(List<String> context) {
        return look(context.getLast(), context.size() / 2);
    }

    /** Whether a text is one of those that are said where a turn is stopped. */
    boolean says(String text) {
        SafetySettings its = screen.settings();
        return isOn() && (its.crisis().contains(text) || its.refusals().contains(text) || its.foreign().contains(text));
    }

    /** Judges a response that somebody would add. */
    SafetyVerdict added(String text) {
        SafetyVerdict verdict = screen.checkReply(text);
        if (!verdict.passes()) metrics.safety("refused", verdict);
        return verdict;
    }

    /** Why a response is withheld; empty if it passes. */
    Optional<SafetyVerdict> withheld(int row) {
        SafetyVerdict verdict = verdicts.of(row, responder.text(row));
        return verdict.passes() ? Optional.empty() : Optional.of(verdict);
    }

    /** Whether a response was found, or looked at, and is withheld. */
    boolean isKnownWithheld(int row) {
        return verdicts.stopped(row).isPresent();
    }

    /** Number of responses of which that is known. */
    int knownWithheld() {
        return verdicts.withheld();
    }

    /**
     * Finds the best replies that pass, for each of several queries; where too many are stopped, more are looked for.
     */
    List<Answered<RankedReplies>> find(List<ReplyQuery> queries) {
        return counted(search(queries));
    }

    private List<Answered<RankedReplies>> counted(List<Answered<RankedReplies>> found) {
        found.forEach(each -> each.found().withheld().forEach(one -> metrics.safety("withheld", verdict(one))));
        return found;
    }

    private List<Answered<RankedReplies>> search(List<ReplyQuery> queries) {
        if (!isOn()) return searches.answer(queries);
        int size = responder.size();
        List<Answered<RankedReplies>> found = new ArrayList<>();
        queries.forEach(_ -> found.add(null));
        List<Integer> open = IntStream.range(0, queries.size()).boxed().toList();
        for (int round = 0; !open.isEmpty(); round++) {
            int wider = round;
            List<ReplyQuery> asked = open.stream().map(place -> wider(queries.get(place), wider, size)).toList();
            List<Answered<RankedReplies>> answers = searches.answer(asked);
            List<Integer> few = new ArrayList<>();
            for (int i = 0; i < answers.size(); i++) {
                int place = open.get(i);
                Answered<RankedReplies> all = sum(found.get(place), answers.get(i));
                Optional<RankedReplies> enough = verdicts.screened(all.found(), queries.get(place).k(),
                        asked.get(i).k(), size);
                if (enough.isEmpty()) few.add(place);
                found.set(place, new Answered<>(enough.orElse(all.found()), all.queued(), all.together()));
            }
            open = few;
        }
        return found;
    }

    /**
     * The same, where replies that contradict or nearly repeat what was said before in a conversation make way for
     * others.
     *
     * @param said of each query, what was said before its newest turn
     */
    List<Answered<RankedReplies>> find(List<ReplyQuery> queries, List<OwnWords> said) {
        int size = responder.size();
        List<ReplyQuery> spare = queries.stream()
                .map(each -> each.withK(Math.min(size, each.k() + OwnWords.SPARE))).toList();
        List<Answered<RankedReplies>> found = search(spare), fitting = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            ReplyQuery query = queries.get(i);
            Answered<RankedReplies> each = found.get(i);
            fitting.add(new Answered<>(
                    said.get(i).fitting(each.found(), query.k(), query.context().turns().getLast()), each.queued(),
                    each.together()));
        }
        return counted(fitting);
    }

    private static ReplyQuery wider(ReplyQuery query, int round, int size) {
        return query.withK(ReplyVerdicts.wanted(query.k(), round, size));
    }

    /** What was found last, with the time that all of it took. */
    private static Answered<RankedReplies> sum(Answered<RankedReplies> before, Answered<RankedReplies> last) {
        if (before == null) return last;
        StageTimes one = before.found().times(), other = last.found().times();
        RankedReplies found = new RankedReplies(last.found().ranked(), last.found().echoes(), last.found().tokens(),
                new StageTimes(one.tokenise() + other.tokenise(), one.encode() + other.encode(),
                        one.search() + other.search()));
        return new Answered<>(found, before.queued() + last.queued(), last.together());
    }

    /** Why a reply was withheld. */
    SafetyVerdict verdict(RankedReplies.Withheld withheld) {
        return verdicts.of(withheld.reply().row(), withheld.reply().text());
    }

    /** Looks at a text as if somebody said it, and as if it was answered, for nothing but that the JVM compiles that. */
    void rehearse(String text) {
        screen.checkTurn(text);
        screen.checkReply(text);
    }

    /** Answers what waits, and takes nothing more. */
    @Override
    public void close() {
        if (turns != null) turns.close();
    }
}
