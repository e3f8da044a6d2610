package io.retort;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command in a console block of docs/tutorial.md, run after those before it in a folder with the tutorial's files,
 * prints what the document shows; {@code …} stands for anything there. Blocks marked {@code slow} train a model:
 * {@code mvn verify -Pslow -Dtest=TutorialTest}.
 */
class TutorialTest {
    private static final Path DOCUMENT = Path.of("docs/tutorial.md");
    private static final Path FILES = Path.of("docs/tutorial");
    private static final Pattern RAN = Pattern.compile("(\\d+) commands as the document shows them");

    @TempDir
    Path folder;

    @Test
    void everyCommandPrintsWhatTheTutorialShows() throws Exception {
        assertTrue(commandsRun(false) >= 8);
    }

    @Test
    @Tag("slow")
    void soDoThoseThatTrain() throws Exception {
        assertTrue(commandsRun(true) >= 12);
    }

    /** Runs the commands in a JVM of their own, whose folder is that of the files; how many there were. */
    private int commandsRun(boolean slow) throws IOException, InterruptedException {
        Path work = Files.createDirectory(folder.resolve("work"));
        try (Stream<Path> files = Files.list(FILES)) {
            for (Path file : files.toList()) Files.copy(file, work.resolve(file.getFileName()));
        }
        List<String> flags = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC",
                "-Ddocument=" + DOCUMENT.toAbsolutePath(), "-Dslow=" + slow));
        Path home = Files.createDirectories(Path.of("target/retort-home"));
        String said = DocumentedCode.run("io.retort.cli.TutorialSession", flags, folder, work, home);
        Matcher ran = RAN.matcher(said);
        assertTrue(ran.find(), said);
        return Integer.parseInt(ran.group(1));
    }
}
