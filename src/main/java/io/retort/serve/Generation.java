package io.retort.serve;

import io.retort.fetch.BundledFiles;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.reply.BundledReplies;
import io.retort.reply.FixedAnswers;
import io.retort.reply.ModelOfIndex;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReplies;
import io.retort.reply.ReplyQuery;
import io.retort.reply.ResponderSettings;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponsePolicy;
import io.retort.runtime.RetortRuntime;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model and an index that serve, until others take their place. Requests hold a lease on it; it is closed when it has
 * been retired and the last of them has ended. Any thread.
 */
final class Generation {
    private static final Logger LOG = LoggerFactory.getLogger(Generation.class);
    private static final Duration WARM_UP = Duration.ofSeconds(5);

    private final Source source;
    private final ModelResponder responder;
    private final ManagedResponses responses;
    private final Batcher<ReplyQuery, RankedReplies> batcher;
    private final SafetyGuard guard;
    private final Admission admission;
    private final ResponsePolicy policy;
    private final String modelFingerprint;
    private final String indexFingerprint;
    private final AtomicInteger leases = new AtomicInteger(1);

    /**
     * Where a generation comes from.
     *
     * @param name how clients call it
     */
    record Source(ModelFolder model, Path index, String name) {
        /**
         * Finds model and index by what settings name.
         *
         * @param model a folder, a bot's folder, a name, or empty
         */
        static Source of(RetortRuntime runtime, String model, Optional<Path> index) throws IOException {
            if (!model.isEmpty() && BotFolder.is(Path.of(model))) {
                BotFolder bot = BotFolder.open(Path.of(model));
                return new Source(bot.model(), index.orElse(bot.index()),
                        bot.path().toAbsolutePath().normalize().getFileName().toString());
            }
            ModelFolder folder = !model.isEmpty()
                    ? ModelLookup.find(model, LOG::info)
                    : index.isPresent()
                            ? ModelOfIndex.find(index.get(), LOG::info)
                            : ModelLookup.find(BundledFiles.STUDENT, LOG::info);
            return new Source(folder,
                    index.isPresent() ? index.get() : BundledReplies.index(runtime, folder, Progress.NONE),
                    folder.name());
        }
    }

    private Generation(Source source, ModelResponder responder, ManagedResponses responses,
            Batcher<ReplyQuery, RankedReplies> batcher, SafetyGuard guard, ResponsePolicy policy,
            Admission admission) throws IOException {
        this.source = source;
        this.responder = responder;
        this.responses = responses;
        this.batcher = batcher;
        this.guard = guard;
        this.policy = policy;
        this.admission = admission;
        this.modelFingerprint = source.model.fingerprint();
        this.indexFingerprint = responder.index().fingerprint();
    }

    /**
     * Opens model and index, makes the changes of the journal, and answers until answers are quick.
     *
     * @throws BadInput if either is damaged, or they do not belong together
     */
    static Generation open(RetortRuntime runtime, Source source, ResponseJournal journal, ServeSettings settings,
            ServerMetrics metrics) throws IOException {
        ModelResponder responder = ModelResponder.open(runtime, source.model, source.index,
                new ResponderSettings(settings.search(), Searches.SERVED));
        Batcher<ReplyQuery, RankedReplies> batcher = null;
        SafetyGuard guard = null;
        try {
            ManagedResponses responses = new ManagedResponses(responder, journal);
            batcher = new Batcher<>("retort-batches", responder::replyToEach,
                    settings.queue() + settings.batch(), settings.batch(), metrics::queued, metrics::batch);
            guard = SafetyGuard.open(source.model, responder, batcher, settings, metrics);
            Generation made = new Generation(source, responder, responses, batcher, guard, policy(source, settings),
                    new Admission(settings.queue() + settings.batch()));
            ServerWarmUp.run(responder, settings.batch(), WARM_UP, guard::rehearse);
            return made;
        } catch (Throwable e) {
            if (guard != null) guard.close();
            if (batcher != null) batcher.close();
            responder.close();
            if (!(e instanceof InternalError)) throw e; // else the JVM tells that bytes of a mapped file are gone
            throw BadInput.in(source.index, "was cut while it was read, or the model was",
                    "write another file and rename it").causedBy(e);
        }
    }

    private static ResponsePolicy policy(Source source, ServeSettings settings) throws IOException {
        ResponsePolicy policy = ResponsePolicy.of(source.model.path());
        Optional<Path> beside = FixedAnswers.beside(source.index);
        if (beside.isPresent()) policy = policy.withFixed(FixedAnswers.standard().with(beside.get()));
        return settings.minScore().isPresent()
                ? policy.withMinScore(OptionalDouble.of(settings.minScore().get()))
                : policy;
    }

    /** Begins a use; false if the generation is closed. */
    boolean acquire() {
        for (int now = leases.get(); now > 0; now = leases.get()) {
            if (leases.compareAndSet(now, now + 1)) return true;
        }
        return false;
    }

    /** Ends a use, and with the last one everything. */
    void release() {
        if (leases.decrementAndGet() > 0) return;
        guard.close();
        batcher.close();
        responder.close();
    }

    Source source() {
        return source;
    }

    ModelResponder responder() {
        return responder;
    }

    ManagedResponses responses() {
        return responses;
    }

    /** Has contexts wait for their turn, or refuses them at once. */
    Admission admission() {
        return admission;
    }

    /** By which replies are found, and what is said is looked at before. */
    SafetyGuard guard() {
        return guard;
    }

    ResponsePolicy policy() {
        return policy;
    }

    String name() {
        return source.name;
    }

    String modelFingerprint() {
        return modelFingerprint;
    }

    String indexFingerprint() {
        return indexFingerprint;
    }
}
