package io.retort.cli;

import io.retort.files.WhiteSpace;
import io.retort.files.BadInput;
import io.retort.reply.ChatReply;
import io.retort.reply.ChatSession;
import io.retort.reply.RankedReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Holds a chat on the terminal: each line that a person types is answered by a reply, or is a command if it begins with
 * a slash.
 */
final class Conversation {
    private static final String COMMANDS = """
            /why      why the last reply was given, and what else might have been
            /history  what counts as context
            /reset    forget the conversation
            /help     this list
            /quit     end it, as does Ctrl-D""";

    private static final List<String> NAMES = List.of("/why", "/history", "/reset", "/help", "/quit");

    private final ChatSession session;
    private final String greeting;
    private final BufferedReader in;
    private final PrintStream out;
    private final boolean prompt;

    /**
     * A conversation on standard input and output.
     *
     * @param greeting said to a person at the beginning
     */
    Conversation(ChatSession session, String greeting) {
        this(session, greeting, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                System.out, System.console() != null && System.console().isTerminal());
    }

    /**
     * @param prompt whether a person looks on, who needs a prompt
     */
    Conversation(ChatSession session, String greeting, BufferedReader in, PrintStream out, boolean prompt) {
        this.session = session;
        this.greeting = greeting;
        this.in = in;
        this.out = out;
        this.prompt = prompt;
    }

    /** Talks until the input ends or says {@code /quit}. */
    void run() throws IOException {
        if (prompt) out.println(greeting + "\nHello! Say something; /help lists what else can be typed.");
        while (true) {
            if (prompt) out.print("> ");
            if (out.checkError()) return; // nobody reads any more
            String line = in.readLine();
            if (line == null && prompt) out.println(); // the shell's prompt comes on a line of its own
            if (line == null || isEnd(WhiteSpace.strip(line))) return;
            if (WhiteSpace.isBlank(line)) continue;
            if (line.startsWith("/")) command(WhiteSpace.strip(line));
            else answer(WhiteSpace.strip(line));
        }
    }

    private static boolean isEnd(String line) {
        return line.equals("/quit") || line.equals("/exit") || line.equals("/bye");
    }

    private void answer(String turn) {
        try {
            out.println(session.reply(turn).text());
        } catch (BadInput e) {
            out.println("(" + e.getMessage() + ")");
        }
    }

    private void command(String command) {
        String name = command.split("\\s", 2)[0];
        switch (name) {
            case "/why" -> why();
            case "/history" -> session.context().forEach(turn -> out.println("  " + turn));
            case "/reset" -> session.reset();
            case "/help", "/?" -> out.println(COMMANDS);
            default -> out.println("(there is no " + name + Suggestions.question(Suggestions.of(name, NAMES)) + ")\n"
                    + String.join("  ", NAMES));
        }
    }

    /** What was said last, why, and how sure that is. */
    private void because(ChatReply said) {
        switch (said) {
            case ChatReply.Fixed fixed -> out.println("     a fixed answer, \"" + fixed.name() + "\", to \""
                    + fixed.phrasing() + "\"");
            case ChatReply.Guarded guarded -> out.println("     what you said was stopped: "
                    + guarded.verdict().category().orElseThrow().description() + ", since "
                    + guarded.verdict().reason());
            case ChatReply.Fallback fallback -> out.println(String.format(Locale.ROOT,
                    "     a fallback: the best reply scores %.4f, less than %.4f%s", fallback.instead().score(),
                    fallback.floor(), sure(fallback.instead())));
            case ChatReply.Found found -> {
                if (found.confidence().isPresent()) {
                    out.println(String.format(Locale.ROOT, "     the best reply, score %.4f%s", found.score(),
                            sure(found)));
                }
            }
        }
    }

    private static String sure(ChatReply.Found found) {
        return found.confidence().isEmpty()
                ? ""
                : String.format(Locale.ROOT, "; confidence %.0f %%", 100 * found.confidence().getAsDouble());
    }

    private void why() {
        if (session.said().isEmpty()) {
            out.println("(nothing was said yet)");
            return;
        }
        because(session.said().get());
        if (session.candidates().isEmpty()) return;
        for (RankedReply reply : session.candidates()) {
            out.println(String.format(Locale.ROOT, "%3d  %.4f  %s", reply.rank(), reply.score(), reply.text()));
        }
        for (RankedReply echo : session.echoes()) {
            out.println(String.format(Locale.ROOT, "  -  %.4f  %s  (was said already)", echo.score(), echo.text()));
        }
        session.withheld().forEach(each -> out.println(String.format(Locale.ROOT, "  -  %.4f  %s  (withheld: %s)",
                each.reply().score(), each.reply().text(), each.reason())));
        session.passedOver().forEach(each -> out.println(String.format(Locale.ROOT, "  -  %.4f  %s  (passed over: %s)",
                each.reply().score(), each.reply().text(), each.reason())));
        var times = session.times();
        out.println(String.format(Locale.ROOT, "     tokenise %.1f, encode %.1f, search %.1f ms",
                times.tokenise() / 1e6, times.encode() / 1e6,
                times.search() / 1e6));
    }
}
