package io.retort.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * A person who types what the console blocks of a document show, and compares the screen with the document. Runs in a
 * JVM of its own, since commands name files of the working directory.
 */
final class TutorialSession {
    private static final Pattern BLOCK = Pattern.compile("^```console( slow)?\\n(.*?)^```$",
            Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final String COMMAND = "$ ", TYPED = "> ", ANYTHING = "…";

    /**
     * A command with what the screen shows after it.
     *
     * @param line of the document, for messages
     */
    private record Step(int line, String command, List<String> screen) {
        List<String> words() {
            List<String> words = new ArrayList<>();
            for (Matcher word = WORD.matcher(command); word.find();) {
                words.add(word.group(1) != null ? word.group(1) : word.group(2));
            }
            return words;
        }

        /** What a person types while the command runs. */
        String typed() {
            return screen.stream().filter(line -> line.startsWith(TYPED))
                    .map(line -> line.substring(TYPED.length()) + "\n").collect(Collectors.joining());
        }

        /** Matches the screen: a line of the wildcard alone stands for any lines, one within a line for any text. */
        Pattern expected() {
            return Pattern.compile(screen.stream().map(line -> line.equals(ANYTHING)
                    ? "(?:.*\\n)*"
                    : Arrays.stream(line.split(ANYTHING, -1)).map(Pattern::quote).collect(Collectors.joining(".*"))
                            + "\\n")
                    .collect(Collectors.joining()));
        }
    }

    private TutorialSession() {}

    /** Runs the steps of {@code -Ddocument}; those of slow blocks only with {@code -Dslow=true}. */
    public static void main(String[] none) throws IOException {
        PrintStream screen = System.out;
        Path document = Path.of(System.getProperty("document"));
        int ran = 0, wrong = 0;
        for (Step step : steps(Files.readString(document), Boolean.getBoolean("slow"))) {
            String shown = shown(step);
            ran++;
            if (step.expected().matcher(shown).matches()) continue;
            wrong++;
            screen.println(document.getFileName() + ":" + step.line() + ": " + step.command() + "\nshould print\n"
                    + String.join("\n", step.screen()) + "\nand prints\n" + shown);
        }
        if (wrong > 0) System.exit(1);
        screen.println(ran + " commands as the document shows them");
        System.exit(0);
    }

    private static List<Step> steps(String text, boolean slow) {
        List<Step> steps = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find();) {
            if (block.group(1) != null && !slow) continue;
            int line = (int) text.substring(0, block.start(2)).lines().count();
            for (String shown : block.group(2).lines().map(String::stripTrailing).toList()) {
                line++;
                if (shown.startsWith(COMMAND)) {
                    steps.add(new Step(line, shown.substring(COMMAND.length()), new ArrayList<>()));
                } else {
                    steps.getLast().screen().add(shown);
                }
            }
        }
        return steps;
    }

    /** Runs a command; all that a terminal would show of it, but for progress. */
    private static String shown(Step step) throws IOException {
        List<String> words = step.words();
        if (!words.getFirst().equals("retort")) throw new IllegalArgumentException("no command of ours: " + step);
        List<String> arguments = words.subList(1, words.size());
        PrintStream out = System.out, err = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            int code = arguments.getFirst().equals("chat")
                    ? chat(arguments.subList(1, arguments.size()), step.typed(), both)
                    : Main.run(arguments.toArray(String[]::new));
            if (code != 0) both.println("exit code " + code);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().map(line -> line.stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    /** Talks as on a terminal, which echoes what is typed. */
    private static int chat(List<String> arguments, String typed, PrintStream screen) throws IOException {
        ChatCommand command = new ChatCommand();
        Main.withManners(new CommandLine(command)).parseArgs(arguments.toArray(String[]::new));
        BufferedReader keyboard = new BufferedReader(new StringReader(typed)) {
            @Override
            public String readLine() throws IOException {
                String line = super.readLine();
                if (line != null) screen.println(line);
                return line;
            }
        };
        return CommandRuntime.around(() -> {
            try {
                command.talk(keyboard, true);
                return 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
