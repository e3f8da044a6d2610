package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.retort.dialogue.Dialogue;
import io.retort.files.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever somebody did to a file of the corpus, it is read or refused: nothing crashes, hangs or fills the memory. */
class HostileFilesTest {
    private static final Path CORPUS = Path.of("src/test/resources/io/retort/ingest/corpus");
    private static final List<byte[]> PIECES = Stream.of("\n\n", "\"", ": ", "{", "]", "\ufeff", "\u200e", "<@U", "\t",
            "99999999999999999999", "\\u", "[31.12.20, 21:15:03] ", "12/31/20, 9:15 PM - ", "\u0000", "1 ", "text:")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 600, unit = TimeUnit.SECONDS)
    void alteredFilesAreReadOrRefused() throws IOException {
        alterAll(10, 1);
    }

    /** Each thirteenth byte, as quickly as a build should be: opening such a file costs tens of milliseconds. */
    @Test
    void anyByteOfAParquetFileMayBeAnother() throws IOException {
        alterBytesOfParquet(13);
    }

    @Test
    @Tag("slow")
    void everyByteOfAParquetFileMayBeAnother() throws IOException {
        alterBytesOfParquet(1);
    }

    private void alterBytesOfParquet(int step) throws IOException {
        byte[] bytes = Files.readAllBytes(CORPUS.resolve("messages.parquet"));
        Path altered = folder.resolve("messages.parquet");
        Random random = new Random(5);
        for (int at = 0; at < bytes.length; at += step) {
            byte[] other = bytes.clone();
            other[at] = (byte) random.nextInt();
            Files.write(altered, other);
            reads(altered, other);
        }
    }

    @Test
    void aPageOfParquetThatWouldFillTheMemoryIsRefusedBeforeItIsUnpacked() throws IOException {
        byte[] bytes = Files.readAllBytes(CORPUS.resolve("rows.parquet"));
        // The first page's header stands behind PAR1: its kind (15 00), its size as it is unpacked (15 and a number).
        assertTrue(bytes[4] == 0x15 && bytes[6] == 0x15 && bytes[7] >= 0);
        byte[] bomb = join(Arrays.copyOf(bytes, 7), HexFormat.of().parseHex("feffffff0f"),
                Arrays.copyOfRange(bytes, 8, bytes.length));
        Path file = Files.write(folder.resolve("bomb.parquet"), bomb);
        String told = assertThrows(BadInput.class, () -> SourceFile.recognise(file, ReadingSettings.defaults())
                .dialogues()).getMessage();
        assertTrue(told.contains("would have 2147483647 bytes"), told);
        assertTrue(told.contains("row group 1"), told);
    }

    @Test
    void snappyDataThatWouldWriteBeyondTheirPageAreRefusedBeforeTheyAreUnpacked() throws IOException {
        byte[] bytes = Files.readAllBytes(CORPUS.resolve("rows.parquet"));
        ByteBuffer page = ByteBuffer.wrap(bytes).position(4);
        ThriftFields header = ThriftFields.readPlain(page);
        assertEquals(header.number(2, -1), bytes[page.position()], "Snappy data begin with their length");
        bytes[page.position()] = 0x7f;
        Path file = Files.write(folder.resolve("overflow.parquet"), bytes);
        String told = assertThrows(BadInput.class, () -> SourceFile.recognise(file, ReadingSettings.defaults())
                .dialogues()).getMessage();
        assertTrue(told.contains("Snappy data would have 127 bytes"), told);
    }

    @Test
    @Tag("slow")
    void manyAlteredFilesAreReadOrRefused() throws IOException {
        alterAll(1600, 2);
    }

    private void alterAll(int times, long seed) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(CORPUS)) {
            files = all.filter(file -> !file.toString().endsWith(".expected")).sorted().toList();
        }
        Random random = new Random(seed);
        long read = 0;
        long refused = 0;
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            // The place must keep its name, by which some formats are told.
            Path altered = folder.resolve(file.getFileName());
            for (int i = 0; i < times; i++) {
                byte[] other = altered(bytes, random);
                Files.write(altered, other);
                long start = System.nanoTime();
                if (reads(altered, other)) read++;
                else refused++;
                long seconds = (System.nanoTime() - start) / 1_000_000_000;
                assertTrue(seconds < 60, () -> file + " takes " + seconds + " s as " + hex(other));
            }
        }
        assertTrue(read > files.size() && refused > files.size(), read + " read, " + refused + " refused");
    }

    private static byte[] altered(byte[] bytes, Random random) {
        byte[] other = bytes.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(other.length + 1);
            int length = Math.min(other.length - at, 1 + random.nextInt(40));
            other = switch (random.nextInt(6)) {
                case 0 -> Arrays.copyOf(other, at);
                case 1 -> join(Arrays.copyOf(other, at), Arrays.copyOfRange(other, at + length, other.length));
                case 2 -> join(Arrays.copyOf(other, at), PIECES.get(random.nextInt(PIECES.size())),
                        Arrays.copyOfRange(other, at, other.length));
                case 3 -> join(Arrays.copyOf(other, at), Arrays.copyOfRange(other, at, at + length),
                        Arrays.copyOfRange(other, at, other.length));
                default -> {
                    if (at < other.length)
                        other[at] = (byte) (random.nextBoolean()
                                ? random.nextInt()
                                : other[at] ^ 1 << random.nextInt(8));
                    yield other;
                }
            };
        }
        return other;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    private static boolean reads(Path file, byte[] bytes) {
        try {
            SourceFile source = SourceFile.recognise(file, ReadingSettings.defaults().withSkipBad(3));
            try (SourceReader<?> reader = source.open(source.form())) {
                while (reader.hasNext()) reader.next();
                reader.report().sentence();
            }
            return true;
        } catch (BadInput e) {
            return false;
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return fail(file.getFileName() + " as " + hex(bytes), e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void whatSomebodySaysIsOfBoundedLength() throws IOException {
        Path file = Files.writeString(folder.resolve("long.txt"),
                "Anna: a\nBen: b\nAnna: " + "x".repeat(3 << 20) + "\n" + "more and more of it\n".repeat(100_000));
        try (SourceReader<Dialogue> reader = SourceFile
                .recognise(file, ReadingSettings.defaults().withFormat("transcript")).dialogues()) {
            assertTrue(assertThrows(BadInput.class, reader::next).getMessage().contains(":3: what Anna says"));
        }
    }

    @Test
    void aTalkWithoutEndIsCutIntoSeveralDialogues() throws IOException {
        Path file = Files.writeString(folder.resolve("endless.txt"), "Anna: tick\nBen: tock\n".repeat(12_000));
        try (SourceReader<?> reader = SourceFile.recognise(file, ReadingSettings.defaults()).dialogues()) {
            int dialogues = 0;
            for (; reader.hasNext(); dialogues++) reader.next();
            assertTrue(dialogues == 3, dialogues + " dialogues");
        }
    }
}
