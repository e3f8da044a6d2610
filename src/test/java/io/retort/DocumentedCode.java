package io.retort;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Blocks of Java in documents: taken out, compiled as a stranger would, and run in a JVM of their own. */
final class DocumentedCode {
    private static final Pattern BLOCK = Pattern.compile("^```java\\n(.*?)^```$",
            Pattern.DOTALL | Pattern.MULTILINE);
    private static final int MINUTES = 60;

    private DocumentedCode() {}

    /**
     * A block.
     *
     * @param line of the document, for messages
     */
    record Block(String code, long line) {}

    static List<Block> blocks(Path document) throws IOException {
        String text = Files.readString(document);
        List<Block> blocks = new ArrayList<>();
        for (Matcher found = BLOCK.matcher(text); found.find();) {
            long line = text.substring(0, found.start(1)).lines().count();
            blocks.add(new Block(found.group(1), line));
        }
        return blocks;
    }

    /** Compiles sources; what the compiler says, empty if it is content. */
    static String compile(List<Path> sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options = List.of("-cp", classPath(), "-d", classes.toString(), "-proc:none");
            boolean content = compiler
                    .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            return content ? "" : said.toString();
        }
    }

    /** That of the tests, wherever a process is started. */
    private static String classPath() {
        String own = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(own.split(File.pathSeparator)).map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * Runs a class in a JVM of its own.
     *
     * @param flags of the JVM
     * @param home  where Retort keeps what it unpacks
     * @return what it printed
     * @throws AssertionError with all that it said, if it fails
     */
    static String run(String main, List<String> flags, Path classes, Path folder, Path home)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-Dretort.home=" + home.toAbsolutePath(), "-Dstdout.encoding=UTF-8", "-cp",
                classes.toAbsolutePath() + File.pathSeparator + classPath(), main));
        Path out = Files.createTempFile(classes, "out", ".txt"), err = Files.createTempFile(classes, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Process process = builder.start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) throw new AssertionError(main + " does not end");
            if (process.exitValue() != 0) {
                throw new AssertionError(main + " ended with " + process.exitValue() + "\n" + Files.readString(out)
                        + Files.readString(err));
            }
            return Files.readString(out);
        } finally {
            process.destroyForcibly();
        }
    }
}
