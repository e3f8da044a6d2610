package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendedLinesTest {
    @TempDir
    Path folder;

    @Test
    void whatWasAddedIsThereAndComesBehindWhatWasKept() throws IOException {
        Path file = Files.writeString(folder.resolve("lines"), "one\ntwo\nthr");
        try (AppendedLines lines = AppendedLines.open(file).orElseThrow()) {
            assertArrayEquals(bytes("two\nthr"), lines.from(4));
            assertEquals(0, lines.from(100).length, "behind the end");
            lines.keep(8);
            lines.append(bytes("three\nfour\n"));
            assertEquals("one\ntwo\nthree\nfour\n", Files.readString(file));
            lines.append(bytes("five\n"));
        }
        assertEquals("one\ntwo\nthree\nfour\nfive\n", Files.readString(file));
    }

    @Test
    void whatSomebodyElseLeftBehindTheLinesIsCutOffByTheNext() throws IOException {
        Path file = folder.resolve("lines");
        try (AppendedLines lines = AppendedLines.open(file).orElseThrow()) {
            lines.append(bytes("one\n"));
            Files.writeString(file, "one\nthe start of a line that is lo");
            lines.append(bytes("two\n"));
        }
        assertEquals("one\ntwo\n", Files.readString(file));
    }

    @Test
    void onlyOneAtATimeAddsLines() throws IOException {
        Path file = folder.resolve("lines");
        try (AppendedLines _ = AppendedLines.open(file).orElseThrow()) {
            assertTrue(AppendedLines.open(file).isEmpty());
        }
        AppendedLines.open(file).orElseThrow().close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
