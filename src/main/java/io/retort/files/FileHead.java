package io.retort.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The first bytes of a file, which tell what its name may not: its compression, and the encoding of its text.
 *
 * @param bytes at most {@link #LENGTH}, fewer only where the file is shorter
 */
record FileHead(byte[] bytes) {
    /** Number of bytes that is read: enough for every mark that is known here. */
    static final int LENGTH = 6;
    private static final String CONVERT = "convert the file to UTF-8 (iconv -f %s -t UTF-8)";
    /** First bytes, in hexadecimal, of files that are no text: what they are, and what to do. */
    private static final Map<String, String[]> FOREIGN = foreign();

    private static Map<String, String[]> foreign() {
        Map<String, String[]> marks = new LinkedHashMap<>();
        marks.put("0000feff", new String[]{"is UTF-32 (big-endian), not UTF-8", CONVERT.formatted("UTF-32")});
        marks.put("fffe0000", new String[]{"is UTF-32 (little-endian), not UTF-8", CONVERT.formatted("UTF-32")});
        marks.put("feff", new String[]{"is UTF-16 (big-endian), not UTF-8", CONVERT.formatted("UTF-16")});
        marks.put("fffe", new String[]{"is UTF-16 (little-endian), not UTF-8", CONVERT.formatted("UTF-16")});
        marks.put("28b52ffd", new String[]{"is compressed by Zstandard", "decompress it (zstd -d), or use gzip"});
        marks.put("fd377a585a00", new String[]{"is compressed by xz", "decompress it (xz -d), or use gzip"});
        marks.put("425a68", new String[]{"is compressed by bzip2", "decompress it (bzip2 -d), or use gzip"});
        marks.put("504b0304", new String[]{"is a zip archive", "unpack it"});
        marks.put("50415231", new String[]{"is a Parquet file", "convert it to JSONL"});
        return marks;
    }

    /**
     * Reads what a stream begins with, in one go: what is wrong with the bytes after it is for whoever reads them to
     * find.
     */
    static FileHead of(InputStream in) throws IOException {
        byte[] bytes = new byte[LENGTH];
        return new FileHead(Arrays.copyOf(bytes, Math.max(0, in.read(bytes))));
    }

    /** The whole stream again, this head of it included. */
    InputStream before(InputStream rest) {
        return new SequenceInputStream(new ByteArrayInputStream(bytes), rest);
    }

    boolean isGzip() {
        return startsWith("1f8b");
    }

    /** Whether it begins with the mark that some editors put before UTF-8. */
    boolean hasUtf8Mark() {
        return startsWith("efbbbf");
    }

    private boolean startsWith(String hexadecimal) {
        byte[] mark = HexFormat.of().parseHex(hexadecimal);
        return bytes.length >= mark.length && Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length);
    }

    /**
     * Refuses what is no UTF-8 text, so far as the first bytes tell.
     *
     * @throws BadInput that names what it is, and what to do
     */
    void requireText(Path file) {
        FOREIGN.forEach((mark, told) -> {
            if (startsWith(mark)) throw BadInput.in(file, told[0], told[1]);
        });
        // No text in UTF-8 has a zero byte, and every letter of ASCII has one in UTF-16 and UTF-32.
        for (byte value : bytes) {
            if (value != 0) continue;
            throw BadInput.in(file, "is not UTF-8 text: it looks like UTF-16, UTF-32 or binary data",
                    CONVERT.formatted("UTF-16LE"));
        }
    }
}
