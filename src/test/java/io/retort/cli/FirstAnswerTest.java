package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that only answers does nothing but that: it starts no ND4J, and encodes no replies first. */
class FirstAnswerTest {
    @TempDir
    Path folder;

    @Test
    void theFirstReplyOfAllIsFoundWithoutNd4jAndWithoutEncodingTheBundledReplies() throws Exception {
        Path classes = folder.resolve("classes.txt"), out = folder.resolve("out.txt"), err = folder.resolve("err.txt");
        List<String> command = new ArrayList<>(List.of(java(), "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-Xmx1g", "-XX:+UseSerialGC",
                "-Xlog:class+init=info:file=" + classes, "-Dretort.home=" + folder.resolve("home"), "-cp",
                System.getProperty("java.class.path"), "io.retort.cli.Main", "reply", "--context",
                "I lost my keys again."));
        Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "an answer within five minutes");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> read(err));
        assertEquals(1, read(out).lines().count(), () -> read(out));
        assertFalse(read(err).contains("encoding"), () -> read(err));
        assertTrue(read(classes).contains("io/retort/graph/Notation"), "classes are listed as they are initialised");
        assertFalse(read(classes).contains("org/nd4j/linalg/factory/Nd4j"), "ND4J was started");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
