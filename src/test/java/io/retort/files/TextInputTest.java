package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextInputTest {
    private static final String TEXT = "Grüße aus Köln – \"schön\" hier!\r\nÀ bientôt €\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void aTextWithAByteOrderMarkIsReadWithoutIt(String encoding) throws IOException {
        byte[] bytes = ("\ufeff" + TEXT + "😀").getBytes(Charset.forName(encoding));
        assertEquals(TEXT + "😀", read(bytes, TextEncoding.AUTO));
        assertEquals(TEXT + "😀", read(bytes, TextEncoding.of(encoding)));
        assertEquals(TEXT + "😀", read(gzip(bytes), TextEncoding.AUTO));
        assertEquals(TEXT + "😀", read(Zstd.compress(bytes), TextEncoding.AUTO));
    }

    @Test
    void lettersAreWholeWhereverABlockEnds() throws IOException {
        for (String encoding : List.of("UTF-8", "UTF-16LE")) {
            for (int shift = 0; shift < 5; shift++) {
                String text = "x".repeat(shift) + "é😀→".repeat(30_000);
                byte[] bytes = ("\ufeff" + text).getBytes(Charset.forName(encoding));
                assertEquals(text, read(bytes, TextEncoding.AUTO));
            }
        }
    }

    @Test
    void windows1252IsConvertedAndTold() throws IOException {
        for (int ascii : new int[]{0, 1, (1 << 16) - 1, 1 << 16, 200_000}) {
            String text = "a".repeat(ascii) + TEXT.repeat(3000);
            Path file = Files.write(folder.resolve("old.txt"), text.getBytes(Charset.forName("windows-1252")));
            try (TextInput in = TextInput.open(file)) {
                assertEquals(text, new String(in.readAllBytes(), StandardCharsets.UTF_8));
                assertTrue(in.note().orElseThrow().contains("read as Windows-1252"));
            }
        }
        assertEquals("é", read(new byte[]{(byte) 0xe9}, TextEncoding.AUTO));
    }

    @Test
    void plainUtf8HasNoNote() throws IOException {
        Path file = Files.writeString(folder.resolve("plain.txt"), TEXT);
        try (TextInput in = TextInput.open(file)) {
            assertEquals(TEXT, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertEquals("", in.note().orElse(""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1251", "Shift_JIS", "GBK", "KOI8-R"})
    void anotherEncodingIsRefusedWithTheSettingThatNamesIt(String encoding) throws IOException {
        String text = encoding.contains("S") || encoding.equals("GBK")
                ? "日本語中文和平".repeat(9)
                : "Привет, как дела? Хорошо.";
        if (encoding.startsWith("KOI")) text = "Привет, как дела? Хорошо.";
        byte[] bytes = text.getBytes(Charset.forName(encoding));
        BadInput refused = assertThrows(BadInput.class, () -> read(bytes, TextEncoding.AUTO));
        assertTrue(refused.getMessage().contains("`encoding`"), refused.getMessage());
        assertEquals(text, read(bytes, TextEncoding.of(encoding)));
    }

    @Test
    void anUnknownEncodingIsRefused() {
        assertTrue(assertThrows(BadInput.class, () -> TextEncoding.of("utf-9")).getMessage().contains("utf-9"));
        assertTrue(assertThrows(BadInput.class, () -> TextEncoding.of("a b")).getMessage().contains("windows-1252"));
    }

    @Test
    void oneDamagedLineOfUtf8DoesNotMakeTheFileAnother() throws IOException {
        byte[] bytes = join("größer\n".getBytes(StandardCharsets.UTF_8), new byte[]{'a', (byte) 0xe9, '\n'},
                "ö\n".getBytes(StandardCharsets.UTF_8));
        try (TextLines lines = TextLines.open(file(bytes), TextEncoding.AUTO)) {
            assertEquals("größer", lines.next());
            assertTrue(assertThrows(BadInput.class, lines::next).getMessage().contains(":2: not UTF-8 near byte 2"));
            assertEquals("ö", lines.next());
        }
    }

    @Test
    void jsonLinesOfOtherToolsMayHaveMarks() throws IOException {
        Path file = file("\ufeff{\"a\":\"é\"}\r\n\ufeff{\"a\":\"b\"}\n".getBytes(StandardCharsets.UTF_8));
        try (JsonLines lines = JsonLines.open(file, TextEncoding.AUTO)) {
            assertEquals("é", lines.next().text("a"));
            assertEquals("b", lines.next().text("a"));
            assertFalse(lines.hasNext());
        }
    }

    @ParameterizedTest
    @CsvSource({"255044462d312e37, PDF", "504b030414000600, zip", "89504e470d0a1a0a0000, PNG", "ffd8ffe000104a46, JPEG",
        "7b5c72746631, Rich Text", "53514c69746520666f726d6174203300, SQLite", "d0cf11e0a1b11ae1, Office",
        "377abcaf271c, 7z", "7f454c460201, program", "48656c6c6f0a48656c6c6f0a48656c6c6f0a00ff, zero bytes",
        "800495000102, binary", "80049501020304050607ff, Windows-1252"})
    void whatIsNoTextIsRefusedByItsName(String bytes, String name) {
        BadInput refused = assertThrows(BadInput.class,
                () -> read(HexFormat.of().parseHex(bytes), TextEncoding.AUTO));
        assertTrue(refused.getMessage().contains(name), refused.getMessage());
        assertTrue(refused.getMessage().contains("; "), refused.getMessage());
    }

    @Test
    void everyFrameOfAZstandardFileIsRead() throws IOException {
        byte[] frames = join(Zstd.compress("{\"a\":1}\n{\"a\":".getBytes(StandardCharsets.UTF_8)),
                Zstd.compress(new byte[0]), Zstd.compress("2}\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals("{\"a\":1}\n{\"a\":2}\n", read(frames, TextEncoding.AUTO));
        try (JsonLines strict = JsonLines.open(file(frames))) {
            assertEquals(2, strict.stream().count());
        }
    }

    @Test
    void aCutOrAlteredZstandardFileIsRefusedByItsName() throws IOException {
        byte[] whole = checked("the quick brown fox jumps over thirteen lazy dogs\n".repeat(40));
        for (int length = 5; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            BadInput refused = assertThrows(BadInput.class, () -> read(cut, TextEncoding.AUTO), "cut at " + length);
            assertTrue(refused.getMessage().startsWith(folder.resolve("text").toString()), refused.getMessage());
            assertTrue(refused.getMessage().contains("Zstandard"), refused.getMessage());
        }
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] altered = whole.clone();
            altered[5 + random.nextInt(whole.length - 5)] ^= (byte) (1 << random.nextInt(8));
            try {
                read(altered, TextEncoding.AUTO);
            } catch (BadInput e) {
                refused++;
            }
        }
        assertTrue(refused > 250, "refused " + refused);
    }

    @Test
    void aZstandardFileThatAsksForAnEnormousWindowIsRefused() throws IOException {
        // A frame of one byte that says it needs the last 2^26 or 2^30 bytes to be kept.
        assertEquals("x", read(HexFormat.of().parseHex("28b52ffd008009000078"), TextEncoding.AUTO));
        byte[] bytes = HexFormat.of().parseHex("28b52ffd00a009000078");
        BadInput refused = assertThrows(BadInput.class, () -> read(bytes, TextEncoding.AUTO));
        assertTrue(refused.getMessage().contains("Zstandard"), refused.getMessage());
    }

    @Test
    void compressionWithinCompressionIsTold() {
        assertTrue(assertThrows(BadInput.class, () -> read(gzip(Zstd.compress(new byte[9])), TextEncoding.AUTO))
                .getMessage().contains("compressed twice"));
    }

    @Test
    void aCutGzipFileIsRefusedByItsName() throws IOException {
        byte[] whole = gzip(TEXT.getBytes(StandardCharsets.UTF_8));
        for (int length = 2; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            BadInput refused = assertThrows(BadInput.class, () -> read(cut, TextEncoding.AUTO), "cut at " + length);
            assertTrue(refused.getMessage().contains("gzip data ends early"), refused.getMessage());
        }
    }

    @Test
    void anyBytesAreReadOrRefusedAndWhatIsReadIsTheTextOfTheEncoding() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) for (int j = 0; j < bytes.length; j++) if (j % 3 > 0) bytes[j] &= 0x7f;
            try {
                String text = read(bytes, TextEncoding.AUTO);
                if (text.indexOf('\ufffd') < 0 && text.isEmpty()) assertTrue(bytes.length < 5, Arrays.toString(bytes));
            } catch (BadInput e) {
                assertTrue(e.getMessage().contains("; "), e.getMessage());
            }
        }
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder("a");
            for (int j = random.nextInt(50); j > 0; j--) text.appendCodePoint(1 + random.nextInt(0xd7f0));
            List<Byte> once = new ArrayList<>();
            try (TextInput in = TextInput.open(file(text.toString().getBytes(StandardCharsets.UTF_8)))) {
                for (int b = in.read(); b >= 0; b = in.read()) once.add((byte) b);
            }
            byte[] bytes = new byte[once.size()];
            for (int j = 0; j < bytes.length; j++) bytes[j] = once.get(j);
            assertArrayEquals(text.toString().getBytes(StandardCharsets.UTF_8), bytes);
        }
    }

    private String read(byte[] bytes, TextEncoding encoding) throws IOException {
        try (TextInput in = TextInput.open(file(bytes), encoding)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("text"), bytes);
    }

    private static byte[] checked(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream out = new ZstdOutputStream(bytes)) {
            out.setChecksum(true);
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text);
        }
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }
}
