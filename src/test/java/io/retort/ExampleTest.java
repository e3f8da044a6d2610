package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.fetch.BundledFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** Encodes the 15,000 replies that come with Retort, which takes a minute or two. */
    @Test
    @Tag("slow")
    void theExampleOfTheReadmeAnswersWithTheFlagsOfTheReadme() throws Exception {
        compile();
        Path home = Files.createDirectories(Path.of("target/retort-home")); // the replies are encoded once
        String said = DocumentedCode.run("Example", flags(), folder, folder, home).strip();
        assertTrue(replies().contains(said), said);
    }

    private static List<String> flags() throws IOException {
        String line = Files.readAllLines(README).stream().filter(each -> each.startsWith("java --")).findFirst()
                .orElseThrow();
        return List.of(line.substring("java ".length(), line.indexOf(" -cp")).split(" "));
    }

    private static List<String> replies() throws IOException {
        return Files.readAllLines(Path.of("weights", BundledFiles.STUDENT, BundledFiles.RESPONSES));
    }
}
