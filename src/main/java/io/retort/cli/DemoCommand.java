package io.retort.cli;

import io.retort.chat.Replies;
import io.retort.dialogue.Context;
import io.retort.model.ModelFolder;
import io.retort.search.IndexBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "demo", mixinStandardHelpOptions = true,
        description = "From nothing to a conversation: unpacks the default encoder, encodes the replies written "
                + "for this project, shows a few answers and opens a chat.")
final class DemoCommand implements Callable<Integer> {
    private static final List<List<String>> CONTEXTS = List.of(List.of("hey, how are you?"),
            List.of("I finally got the job!"), List.of("it's been raining all week"), List.of("I failed my exam"),
            List.of("what should I cook tonight?"), List.of("are you a robot?"));

    @Mixin
    private ModelOption model;
    @Mixin
    private SearchOptions search;

    @Option(names = "--no-chat", description = "Stop after the sample answers.")
    private boolean noChat;

    @Override
    public Integer call() throws IOException {
        ModelFolder folder = model.folder();
        Path file = DemoIndex.ready(model, folder);
        try (OpenIndex open = OpenIndex.open(model, folder, file, search)) {
            for (List<String> turns : CONTEXTS) {
                Replies replies = open.replier().reply(new Context(turns).latest(IndexBuilder.historyOf(open.index())),
                        1);
                for (String turn : turns) System.out.println("  - " + turn);
                System.out.println(String.format(Locale.ROOT, "  = %s   [%.0f ms]", replies.ranked().getFirst().text(),
                        replies.times().total() / 1e6));
            }
            System.out.println(
                    String.format(Locale.ROOT, "%,d replies, model %s, engine %s.", open.index().count(), folder.name(),
                            model.engine().name()));
            if (!noChat) {
                System.out.println("Your turn.");
                new Conversation(ChatCommand.session(open, null)).run();
            }
        }
        return 0;
    }
}
