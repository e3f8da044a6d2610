package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.DocumentedCode.Block;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every block of Java in docs/library.md compiles, and runs after those before it in a folder as the document describes
 * it. A block is a few statements, or classes for the blocks that follow; imports may stand at its beginning.
 */
class LibraryDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/library.md");
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/golden-0.1");
    private static final List<String> FLAGS = List.of("--add-modules", "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC");
    /** What the document says is imported. */
    private static final String IMPORTS = """
            import io.retort.reply.ResponderSettings.SearchChoice;
            import io.retort.reply.ResponderSettings.Searches;
            import io.retort.runtime.RuntimeSettings.EngineChoice;
            import java.nio.file.*;
            import java.util.*;
            import java.util.function.Consumer;
            """;

    @TempDir
    Path folder;

    @Test
    void everyBlockCompilesAndRuns() throws Exception {
        List<Block> blocks = DocumentedCode.blocks(DOCUMENT);
        assertTrue(blocks.size() >= 15, blocks.size() + " blocks");
        List<Path> sources = new ArrayList<>();
        StringBuilder calls = new StringBuilder();
        for (Block block : blocks) {
            String name = "Line" + block.line();
            sources.add(Files.writeString(folder.resolve(name + ".java"), unit(name, block.code())));
            if (!isClass(block.code())) calls.append("        ").append(name).append(".run();\n");
        }
        String all = "public class All {\n    public static void main(String[] none) throws Exception {\n" + calls
                + "    }\n}\n";
        sources.add(Files.writeString(folder.resolve("All.java"), all));
        assertEquals("", DocumentedCode.compile(sources, folder), "the names of classes are lines of " + DOCUMENT);
        Path work = Files.createDirectory(folder.resolve("work"));
        furnish(work);
        String said = DocumentedCode.run("All", FLAGS, folder, work, work);
        assertTrue(said.contains("no-such.index"), said);
    }

    private static boolean isClass(String code) {
        return code.lines().anyMatch(line -> line.matches("(public |final )*(class|record|interface|enum) .*"));
    }

    private static String unit(String name, String code) {
        String own = code.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String rest = code.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        String head = own + "\n" + IMPORTS + api();
        if (isClass(code)) return head + "class " + name + " {}\n" + rest;
        return head + "class " + name + " {\n    static void run() throws Exception {\n" + rest + "\n    }\n}\n";
    }

    /** What pom.xml names as the API, and nothing else. */
    private static String api() {
        return ApiTest.NAMED.stream().filter(path -> !path.endsWith("package-info.java"))
                .map(path -> path.replace(".java", "").replace('/', '.'))
                .map(name -> "import " + name + ";\n").collect(Collectors.joining());
    }

    /** The folder that the document describes. */
    private static void furnish(Path work) throws IOException {
        ModelFolder student = TinyModel.biEncoder(work.resolve("my-student"), 1);
        try (Retort retort = Retort.open(); RetrievalModel model = retort.student(student.path()).load()) {
            TinyIndex.write(work.resolve("my.index"), student, model, TinyIndex.replies(200));
        }
        copy("talks.jsonl", work.resolve("talks.jsonl"));
        copy("ranking.jsonl", work.resolve("test.jsonl"));
        Files.writeString(work.resolve("more.jsonl"), """
                {"text": "i love you today", "metadata": {"mood": "good"}}
                {"text": "rain rain rain"}
                """);
        Path teacher = Files.createDirectory(work.resolve("my-teacher"));
        try (Stream<Path> files = Files.list(GOLDEN.resolve("teacher"))) {
            for (Path file : files.toList()) copy("teacher/" + file.getFileName(), teacher.resolve(file.getFileName()));
        }
    }

    private static void copy(String golden, Path to) throws IOException {
        Files.copy(GOLDEN.resolve(golden), to, StandardCopyOption.REPLACE_EXISTING);
    }
}
