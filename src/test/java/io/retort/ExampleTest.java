package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.DistilledFile;
import io.retort.fetch.BundledFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's first block of Java is what it claims to be. */
class ExampleTest {
    private static final Path README = Path.of("README.md");
    private static final int MOST_LINES = 20;

    @TempDir
    Path folder;

    @Test
    void theExampleOfTheReadmeIsAWholeClassThatCompiles() throws Exception {
        compile();
    }

    private void compile() throws Exception {
        String code = DocumentedCode.blocks(README).getFirst().code();
        assertTrue(code.contains("public class Example") && code.lines().count() < MOST_LINES, code);
        Path source = Files.writeString(folder.resolve("Example.java"), code);
        assertEquals("", DocumentedCode.compile(List.of(source), folder));
    }

    /** Its own compiled class, in a JVM of its own. */
    @Test
    @Tag("slow")
    void theExampleOfTheReadmeAnswersWithTheFlagsOfTheReadme() throws Exception {
        compile();
        Path home = Files.createDirectories(Path.of("target/retort-home")); // the index is made once
        String said = DocumentedCode.run("Example", flags(), folder, folder, home).strip();
        assertTrue(replies().contains(said), said);
    }

    private static List<String> flags() throws IOException {
        String line = Files.readAllLines(README).stream().filter(each -> each.startsWith("java --")).findFirst()
                .orElseThrow();
        return List.of(line.substring("java ".length(), line.indexOf(" -cp")).split(" "));
    }

    private static Set<String> replies() throws IOException {
        Path file = Path.of("weights", BundledFiles.STUDENT, BundledFiles.RESPONSES);
        return DistilledFile.FORMAT.readAll(file).stream().flatMap(line -> line.candidates().stream())
                .map(Candidate::text).collect(Collectors.toSet());
    }
}
