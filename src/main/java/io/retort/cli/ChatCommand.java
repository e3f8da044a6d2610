package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponsePolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "chat", mixinStandardHelpOptions = true,
        description = {
            "Talks on the terminal: keeps the last turns as context, says nothing twice. /help lists what else can be "
                    + "typed: /why shows why the last reply was given, with the candidates for it, /history what counts "
                    + "as context, /reset forgets it all, /quit ends.",
            "Where the best reply scores too low, it says so; hello, thanks, who are you and the like have fixed "
                    + "answers. What a safety screen stops is not answered out of the index, and not given (--safety)."})
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private final AnswerOptions answers;

    @Mixin
    private final PolicyOptions policy = new PolicyOptions();

    @Mixin
    private final SafetyOptions safety = new SafetyOptions();

    @Option(names = "--history", paramLabel = "N",
            description = "Turns of both sides that count as context. Default: as many as the index is keyed by, or 3.")
    private Integer history;

    /** The command before its options are read. */
    ChatCommand() {
        this(new AnswerOptions());
    }

    /** The command with options that say what answers, and no others. */
    ChatCommand(AnswerOptions answers) {
        this.answers = answers;
    }

    @Override
    public Integer call() throws IOException {
        talk(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                System.console() != null && System.console().isTerminal());
        return 0;
    }

    /**
     * Talks until the input ends.
     *
     * @param prompt whether a person looks on, who needs a prompt
     */
    void talk(BufferedReader in, boolean prompt) throws IOException {
        if (history != null && history < 1) throw BadInput.of("--history " + history, "keep at least 1 turn");
        safety.prepare();
        try (Responder responder = answers.open(Searches.TALK)) {
            ResponsePolicy chosen = safety.applied(answers.policy(policy), responder, answers.student());
            new Conversation(responder.session(history == null ? responder.usualHistory() : history, chosen),
                    answers.name() + " answers out of " + String.format(Locale.ROOT, "%,d", responder.size())
                            + " replies.",
                    in, System.out, prompt).run();
        }
    }
}
