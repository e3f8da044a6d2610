package io.retort.cli;

import io.retort.files.WhiteSpace;
import io.retort.files.BadInput;
import io.retort.reply.ChatSession;
import io.retort.reply.RankedReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Holds a chat on the terminal: each line that a person types is answered by a reply, or is a command if it begins with
 * a slash.
 */
final class Conversation {
    private static final String HELP = "/why  candidates for the last reply    /history  what counts as context   "
            + " /reset  forget it all    /quit";

    private final ChatSession session;
    private final BufferedReader in;
    private final PrintStream out;
    private final boolean prompt;

    Conversation(ChatSession session) {
        this(session, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), System.out,
                System.console() != null && System.console().isTerminal());
    }

    /**
     * @param prompt whether a person looks on, who needs a prompt
     */
    Conversation(ChatSession session, BufferedReader in, PrintStream out, boolean prompt) {
        this.session = session;
        this.in = in;
        this.out = out;
        this.prompt = prompt;
    }

    /** Talks until the input ends or says {@code /quit}. */
    void run() throws IOException {
        if (prompt) out.println(HELP);
        while (true) {
            if (prompt) out.print("> ");
            if (out.checkError()) return; // nobody reads any more
            String line = in.readLine();
            if (line == null || WhiteSpace.strip(line).equals("/quit")) return;
            if (WhiteSpace.isBlank(line)) continue;
            if (line.startsWith("/")) command(WhiteSpace.strip(line));
            else answer(WhiteSpace.strip(line));
        }
    }

    private void answer(String turn) {
        try {
            out.println(session.answer(turn).text());
        } catch (BadInput e) {
            out.println("(" + e.getMessage() + ")");
        }
    }

    private void command(String command) {
        switch (command) {
            case "/why" -> why();
            case "/history" -> session.context().forEach(turn -> out.println("  " + turn));
            case "/reset" -> session.reset();
            case "/help" -> out.println(HELP);
            default -> out.println("(there is no " + command.split("\\s", 2)[0] + ")\n" + HELP);
        }
    }

    private void why() {
        if (session.candidates().isEmpty()) {
            out.println("(nothing was said yet)");
            return;
        }
        for (RankedReply reply : session.candidates()) {
            out.println(String.format(Locale.ROOT, "%3d  %.4f  %s", reply.rank(), reply.score(), reply.text()));
        }
        for (RankedReply echo : session.echoes()) {
            out.println(String.format(Locale.ROOT, "  -  %.4f  %s  (was said already)", echo.score(), echo.text()));
        }
        var times = session.times();
        out.println(String.format(Locale.ROOT, "     tokenise %.1f, encode %.1f, search %.1f ms",
                times.tokenise() / 1e6, times.encode() / 1e6,
                times.search() / 1e6));
    }
}
