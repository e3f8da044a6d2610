package io.retort.cli;

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

    /** What the options say. */
    SafetySettings settings() throws IOException {
        return SafetySettings.of(Optional.ofNullable(level), Optional.ofNullable(config));
    }

    /** A policy with the screen that the options ask for. */
    ResponsePolicy applied(ResponsePolicy policy, Responder responder, ModelFolder student) throws IOException {
        SafetySettings settings = settings();
        if (settings.level() == SafetyLevel.OFF) return policy;
        SafetyScreen screen = SafetyScreen.of(settings).withLanguagesOfReplies(ReplyLanguages.of(responder));
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
