package io.retort.cli;

import io.retort.curate.LanguageGuess;
import io.retort.files.BadInput;
import io.retort.reply.ModelResponder;
import io.retort.reply.ReplyLanguages;
import io.retort.reply.Responder;
import io.retort.reply.ResponsePolicy;
import io.retort.reply.StudentTurnClassifier;
import io.retort.safety.SafetyLevel;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyScreen.TurnClassifier;
import io.retort.safety.SafetySettings;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Option;

/** Options that say what is stopped of what people say and of what would be answered. */
final class SafetyOptions {
    @Option(names = "--safety", paramLabel = "LEVEL",
            description = "What is stopped of what is said and of what would be answered: off, standard (cries for help "
                    + "get a fixed reply; abuse, explicit text and other languages are not answered; coarse words are not "
                    + "given) or strict (nor are coarse words answered, or grave topics given). Default: standard.")
    private SafetyLevel level;

    @Option(names = "--safety-config", paramLabel = "FILE",
            description = "Settings of the safety screen in JSON: what is said instead, languages, patterns that are "
                    + "added, allowed or removed (docs/safety.md).")
    private Path config;

    private CompletableFuture<SafetyScreen> prepared;

    /**
     * Begins to make the screen in a thread of its own, beside whatever is opened before it is applied: its patterns and
     * the tables of languages take a good part of a second in a JVM that has just started.
     */
    void prepare() throws IOException {
        SafetySettings settings = settings();
        if (settings.level() == SafetyLevel.OFF) return;
        prepared = CompletableFuture.supplyAsync(() -> {
            LanguageGuess.languages();
            return SafetyScreen.of(settings);
        }, task -> Thread.ofPlatform().daemon().name("retort-safety").start(task));
    }

    private SafetyScreen screen(SafetySettings settings) {
        if (prepared == null) return SafetyScreen.of(settings);
        try {
            return prepared.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BadInput refusal) throw refusal;
            throw e;
        }
    }

    /** What the options say. */
    SafetySettings settings() throws IOException {
        return SafetySettings.of(Optional.ofNullable(level), Optional.ofNullable(config));
    }

    /** A policy with the screen that the options ask for. */
    ResponsePolicy applied(ResponsePolicy policy, Responder responder, ModelFolder student) throws IOException {
        SafetySettings settings = settings();
        if (settings.level() == SafetyLevel.OFF) return policy;
        SafetyScreen screen = screen(settings).withLanguagesOfReplies(ReplyLanguages.of(responder));
        Optional<TurnClassifier> classifier = responder instanceof ModelResponder its
                ? StudentTurnClassifier.of(student, its.model())
                : Optional.empty();
        if (classifier.isEmpty()) {
            System.err.println("retort: the safety screen goes by words alone: " + student.name()
                    + " has no classifier of its own (retort safety fit)");
        }
        return policy.withSafety(classifier.map(screen::withClassifier).orElse(screen));
    }
}
