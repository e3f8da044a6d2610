package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.DocumentedCode.Block;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Turn;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.model.TinyModel;
import io.retort.reply.TinyIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final List<String> FLAGS = List.of("--add-modules", "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    /** What the document says is imported. */
    private static final String IMPORTS = """
            import io.retort.reply.ResponderSettings.SearchChoice;
            import io.retort.reply.ResponderSettings.Searches;
            import io.retort.runtime.RuntimeSettings.EngineChoice;
            import java.nio.file.*;
            import java.util.*;
            import java.util.function.*;
            """;

    @TempDir
    Path folder;

    @Test
    void everyBlockCompilesAndRuns() throws Exception {
        List<Block> blocks = DocumentedCode.blocks(DOCUMENT);
        assertTrue(blocks.size() >= 14, blocks.size() + " blocks");
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

    private static String unit(String name, String code) throws IOException {
        String own = code.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String rest = code.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        String head = own + "\n" + IMPORTS + rooms();
        if (isClass(code)) return head + "class " + name + " {}\n" + rest;
        return head + "class " + name + " {\n    static void run() throws Exception {\n" + rest + "\n    }\n}\n";
    }

    /** The facade and every room but those that are no part of the API. */
    private static String rooms() throws IOException {
        try (Stream<Path> rooms = Files.list(Path.of("src/main/java/io/retort"))) {
            return rooms.filter(Files::isDirectory).map(room -> room.getFileName().toString())
                    .filter(room -> !List.of("cli", "graph", "simd").contains(room)).sorted()
                    .map(room -> "import io.retort." + room + ".*;\n")
                    .collect(Collectors.joining("", "import io.retort.*;\n", ""));
        }
    }

    /** The folder that the document describes. */
    private static void furnish(Path work) throws IOException {
        ModelFolder student = TinyModel.biEncoder(work.resolve("my-student"), 1);
        try (Retort retort = Retort.open(); RetrievalModel model = retort.student(student.path()).load()) {
            TinyIndex.write(work.resolve("my.index"), student, model, TinyIndex.replies(200));
        }
        List<Dialogue> talks = new ArrayList<>();
        List<RankingCase> cases = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String word = TinyModel.WORDS.get(i), other = TinyModel.WORDS.get(i + 20);
            Turn asked = new Turn("A", word + " and " + other), answered = new Turn("B", other + " is good");
            talks.add(new Dialogue("talk-" + i, "test", List.of(asked, answered)));
            cases.add(new RankingCase("case-" + i, Context.of(asked.text()), List.of(answered.text()), List.of(),
                    List.of("hello hi", "run home now")));
        }
        DialogueFile.FORMAT.write(work.resolve("talks.jsonl"), talks);
        RankingFile.FORMAT.write(work.resolve("ranking.jsonl"), cases);
    }
}
