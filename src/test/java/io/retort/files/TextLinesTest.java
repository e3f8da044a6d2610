package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextLinesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void everyKindOfLineEndEndsALineAndTheLastNeedsNone(String end) throws IOException {
        assertEquals(List.of("a", "", "b"), lines(String.join(end, "a", "", "b")));
        assertEquals(List.of("a", "b"), lines("a" + end + "b" + end));
    }

    @Test
    void aByteOrderMarkIsNoPartOfATextNeitherAtTheHeadNorWhereFilesWereJoined() throws IOException {
        assertEquals(List.of("hello", "there"), lines("\ufeffhello\n\ufeffthere\n"));
        assertEquals(List.of("x"), lines(gzip("\ufeffx\n")));
    }

    @Test
    void aLongLineOverManyBuffersIsOneLineWhateverStandsAtTheirEdges() throws IOException {
        for (int length : new int[]{(1 << 16) - 1, 1 << 16, (1 << 16) + 1, 200_000}) {
            String text = "é".repeat(length / 2) + "x".repeat(length % 2);
            assertEquals(List.of(text, "y"), lines(text + "\r\ny"));
        }
    }

    @ParameterizedTest
    @CsvSource({"UTF-16, UTF-16", "UTF-32, 'UTF-16, UTF-32 or binary'", "UTF-16LE, looks like UTF-16",
        "UTF-16BE, looks like UTF-16",
        "windows-1252, not UTF-8"})
    void anotherEncodingIsRefusedByItsName(String encoding, String told) {
        BadInput refused = assertThrows(BadInput.class, () -> lines("é hello\n".getBytes(Charset.forName(encoding))));
        assertTrue(refused.getMessage().contains("UTF-8"), refused.getMessage());
        assertTrue(refused.getMessage().contains(told), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"28b52ffd0000, Zstandard", "fd377a585a00, xz", "425a6839, bzip2", "504b03041400, zip",
        "50415231, Parquet",
        "fffe0000, UTF-32", "0000feff, UTF-32"})
    void anotherCompressionIsRefusedByItsName(String bytes, String name) {
        BadInput refused = assertThrows(BadInput.class, () -> lines(HexFormat.of().parseHex(bytes)));
        assertTrue(refused.getMessage().contains(name), refused.getMessage());
    }

    @Test
    void gzipWithinGzipIsTold() {
        assertTrue(assertThrows(BadInput.class, () -> lines(gzip(gzip("x\n")))).getMessage().contains("gzipped twice"));
    }

    @Test
    void aZeroIsACharacterLikeOthersWhereTextsAreTakenVerbatim() throws IOException {
        Path file = Files.writeString(folder.resolve("verbatim.txt"), "hello\nx\0y\n");
        try (TextLines lines = TextLines.openVerbatim(file)) {
            assertEquals("hello", lines.next());
            assertEquals("x\0y", lines.next());
        }
    }

    @Test
    void aZeroByteIsRefusedWithItsLine() {
        assertTrue(
                assertThrows(BadInput.class, () -> lines("hello\nx\0y\n")).getMessage().contains(":2: holds a zero"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\u00a0", "\u0085", "\u2007\u202f", "\u200b"})
    void aBlankLineIsRefusedWithItsNumberWhereTextsAreWanted(String blank) throws IOException {
        try (TextLines lines = TextLines.open(file(("a\n" + blank + "\nb\n").getBytes(StandardCharsets.UTF_8)))) {
            assertEquals("a", lines.nextFilled());
            assertTrue(assertThrows(BadInput.class, lines::nextFilled).getMessage().contains(":2: is empty or blank"));
        }
    }

    @Test
    void aWholeTextLosesItsMarkAndIsRefusedWithTheLineThatIsNotUtf8() throws IOException {
        assertEquals("a\nb", TextFile.read(file("\ufeffa\nb".getBytes(StandardCharsets.UTF_8)), 100));
        Path broken = file(new byte[]{'a', '\n', 'b', (byte) 0xe9, '\n'});
        assertTrue(
                assertThrows(BadInput.class, () -> TextFile.read(broken, 100)).getMessage().contains(":2: not UTF-8"));
    }

    private List<String> lines(String text) throws IOException {
        return lines(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> lines(byte[] bytes) throws IOException {
        List<String> all = new ArrayList<>();
        try (TextLines lines = TextLines.open(file(bytes))) {
            lines.forEachRemaining(all::add);
        }
        return all;
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("texts.txt"), bytes);
    }

    private static byte[] gzip(String text) {
        return gzip(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }
}
