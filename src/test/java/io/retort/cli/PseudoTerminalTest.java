package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs progress in a pseudo-terminal, made by {@code script} of util-linux; skipped where there is none. */
class PseudoTerminalTest {
    private static final String LABEL = "a long name of what is being done, 猫 and all";

    @TempDir
    Path folder;

    /** Work in a process of its own; the screen that shows it is told of the change of the size by a mark. */
    static final class Work {
        public static void main(String[] arguments) throws IOException, InterruptedException {
            StatusLine status = new StatusLine();
            status.say("before");
            status.stage(3, 6);
            try (ProgressLine progress = new ProgressLine(LABEL, "contexts", status)) {
                for (int done = 0; done <= 6; done++) {
                    if (done == 3 && arguments.length > 0) {
                        status.say("resized");
                        progress.update(done, 100);
                        Thread.sleep(300);
                        progress.update(done, 100);
                        new ProcessBuilder("stty", "cols", arguments[0]).inheritIO().start().waitFor();
                        System.err.print("\u001b]resize " + arguments[0] + "\u0007");
                        System.err.flush();
                    }
                    progress.update(done, 100);
                    Thread.sleep(250);
                }
            }
            status.say("after");
        }
    }

    /** Asks whether a file may be replaced. */
    static final class Replacing {
        public static void main(String[] arguments) throws IOException {
            System.out.println("replaced: " + IndexCommand.mayReplace(Path.of("talks.index"), "is there already"));
        }
    }

    @Test
    void aPersonAtTheTerminalIsAskedBeforeAFileIsReplaced() throws IOException, InterruptedException {
        for (String answer : List.of("y", "n", "")) {
            Path typed = Files.writeString(folder.resolve("typed"), answer + "\n");
            String screen = sent(80, Replacing.class.getName(), true, typed);
            assertTrue(screen.contains("talks.index is there already. Replace it? [y/N]"), screen);
            assertTrue(screen.contains("replaced: " + answer.equals("y")), screen);
        }
    }

    private static boolean isHere() throws IOException, InterruptedException {
        try {
            Process script = new ProcessBuilder("script", "-qefc", "stty cols 80", "/dev/null")
                    .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .start();
            script.getInputStream().readAllBytes();
            return script.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private String sent(int columns, String main, boolean terminal, String... arguments)
            throws IOException, InterruptedException {
        return sent(columns, main, terminal, Path.of("/dev/null"), arguments);
    }

    private String sent(int columns, String main, boolean terminal, Path typed, String... arguments)
            throws IOException, InterruptedException {
        assumeTrue(isHere(), "there is no `script` of util-linux here, which makes pseudo-terminals, or no `stty`");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command = String.join(" ", java, "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-Dretort.terminal=" + terminal, "-Dstderr.encoding=UTF-8", "-Dfile.encoding=UTF-8", "-cp",
                "\"$RETORT_TEST_PATH\"", "'" + main + "'", String.join(" ", arguments));
        ProcessBuilder builder = new ProcessBuilder("script", "-qefc", "stty cols " + columns + "; " + command,
                folder.resolve("typescript").toString());
        builder.environment().put("RETORT_TEST_PATH", System.getProperty("java.class.path"));
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().remove("XTERM_VERSION");
        builder.environment().remove("COLUMNS");
        Process process = builder.redirectInput(ProcessBuilder.Redirect.from(typed.toFile()))
                .redirectErrorStream(true).start();
        String sent = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), sent);
        return sent.replaceFirst("WARNING: Using incubator modules[^\n]*\n", "");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 200})
    void progressFitsTheTerminalAndLeavesNothing(int columns) throws IOException, InterruptedException {
        String sent = sent(columns, Work.class.getName(), true);
        Screen screen = new Screen(columns);
        for (String piece : sent.split("(?=\r)")) {
            screen.write(piece);
            assertFalse(screen.hasBroken(), sent);
            assertTrue(screen.widest() < columns, sent);
        }
        assertEquals(List.of("before", "after"), screen.lines());
        List<String> shown = Arrays.asList(sent.split("[\r\n]"));
        assertTrue(shown.stream().anyMatch(line -> line.contains(columns == 40 ? "3/6 a long" : "stage 3 of 6, ")),
                sent);
        if (columns == 200) assertTrue(sent.contains("6 of 100 contexts (6 %)"), sent);
    }

    /**
     * Whoever is slower between the change of the size and the mark that tells of it than the line is with its next
     * second has another picture, which is no fault: of some attempts one is enough.
     */
    @Test
    void aNarrowedWindowIsNoticedAndLeavesNoFragments() throws IOException, InterruptedException {
        for (int attempts = 3;; attempts--) {
            try {
                narrowed();
                return;
            } catch (AssertionError e) {
                if (attempts == 1) throw e;
            }
        }
    }

    private void narrowed() throws IOException, InterruptedException {
        String sent = sent(100, Work.class.getName(), true, "40");
        Screen screen = new Screen(100);
        int resize = sent.indexOf("\u001b]resize");
        screen.write(sent.substring(0, sent.indexOf('\u0007') + 1));
        assertTrue(screen.hasBroken(), "the line was wider than the window became: " + sent);
        screen.write(sent.substring(sent.indexOf('\u0007') + 1));
        assertTrue(resize > 0 && screen.widest() < 40 && !screen.hasBroken(), sent);
        assertEquals(List.of("before", "resized", "after"), screen.lines());
    }

    @Test
    void whereStandardErrorIsNoTerminalNoProgressIsWritten() throws IOException, InterruptedException {
        assertEquals("before\r\nafter\r\n", sent(80, Work.class.getName(), false));
    }
}
