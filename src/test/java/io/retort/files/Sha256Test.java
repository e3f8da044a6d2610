package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
    /** FIPS 180-2, appendix B. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void theStandardsExampleHasTheStandardsDigest() {
        assertEquals(ABC, new Sha256().update("abc".getBytes(StandardCharsets.US_ASCII)).hex());
    }

    @Test
    void aFileASegmentAndPiecesOfTheSameBytesHaveTheSameDigest(@TempDir Path folder) throws IOException {
        byte[] bytes = new byte[200_001];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("bytes"), bytes);
        String whole = new Sha256().update(bytes).hex();
        assertEquals(whole, Sha256.of(file));
        assertEquals(whole, new Sha256().update(MemorySegment.ofArray(bytes)).hex());
        assertEquals(whole, new Sha256().update(bytes, 0, 7).update(bytes, 7, bytes.length - 7).hex());
    }

    @Test
    void askingForTheDigestStartsOver() {
        Sha256 hash = new Sha256().update(new byte[]{1});
        hash.hex();
        assertEquals(ABC, hash.update("abc".getBytes(StandardCharsets.US_ASCII)).hex());
    }
}
