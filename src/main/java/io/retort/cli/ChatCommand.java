package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "chat", mixinStandardHelpOptions = true,
        description = "Talks on the terminal: keeps the last turns as context, says nothing twice. /why shows the "
                + "candidates for the last reply, /history what counts as context, /reset forgets it all, /quit ends.")
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private AnswerOptions answers;

    @Option(names = "--history", paramLabel = "N",
            description = "Turns of both sides that count as context. Default: as many as the index is keyed by, or 3.")
    private Integer history;

    @Override
    public Integer call() throws IOException {
        if (history != null && history < 1) throw BadInput.of("--history " + history, "keep at least 1 turn");
        try (Responder responder = answers.open(Searches.MANY)) {
            new Conversation(history == null ? responder.session() : responder.session(history)).run();
        }
        return 0;
    }
}
