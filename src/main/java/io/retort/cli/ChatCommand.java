package io.retort.cli;

import io.retort.chat.ChatSession;
import io.retort.search.IndexBuilder;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "chat", mixinStandardHelpOptions = true,
        description = "Talks on the terminal: keeps the last turns as context, says nothing twice. /why shows the "
                + "candidates for the last reply, /history what counts as context, /reset forgets it all, /quit ends.")
final class ChatCommand implements Callable<Integer> {
    /** Candidates that /why shows. */
    static final int SHOWN = 5;
    private static final int HISTORY = 3;

    @Mixin
    private AnswerOptions answers;

    @Option(names = "--history", paramLabel = "N",
            description = "Turns of both sides that count as context. Default: as many as the index is keyed by, or 3.")
    private Integer history;

    @Override
    public Integer call() throws IOException {
        try (OpenIndex open = answers.open()) {
            new Conversation(session(open, history)).run();
        }
        return 0;
    }

    /**
     * A chat over an index.
     *
     * @param history null for what fits the index
     */
    static ChatSession session(OpenIndex open, Integer history) {
        int keyed = IndexBuilder.historyOf(open.index());
        int turns = history != null ? history : keyed > 0 ? keyed : HISTORY;
        return new ChatSession(open.replier(), open.index().count(), turns, SHOWN);
    }
}
