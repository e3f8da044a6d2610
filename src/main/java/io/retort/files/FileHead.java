package io.retort.files;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The first bytes of a file, which tell what its name may not: its compression, and the encoding of its text.
 *
 * @param bytes at most {@link #LENGTH}, fewer only where the file is shorter
 * @param fault what went wrong at the byte after these, for whoever comes to read it; null if nothing did
 */
record FileHead(byte[] bytes, IOException fault) {
    /** Number of bytes that is read: enough for every mark that is known here. */
    static final int LENGTH = 16;
    /** First bytes in which a zero tells another encoding; further on it may be a slip in one line. */
    private static final int ZERO_FREE = 6;
    private static final String CONVERT = "convert the file to UTF-8 (iconv -f %s -t UTF-8)";
    /** First bytes, in hexadecimal, of files that are no text: what they are, and what to do. */
    private static final Map<String, String[]> FOREIGN = foreign();

    private static Map<String, String[]> foreign() {
        Map<String, String[]> marks = new LinkedHashMap<>();
        marks.put("0000feff", new String[]{"is UTF-32 (big-endian), not UTF-8", CONVERT.formatted("UTF-32")});
        marks.put("fffe0000", new String[]{"is UTF-32 (little-endian), not UTF-8", CONVERT.formatted("UTF-32")});
        marks.put("feff", new String[]{"is UTF-16 (big-endian), not UTF-8", CONVERT.formatted("UTF-16")});
        marks.put("fffe", new String[]{"is UTF-16 (little-endian), not UTF-8", CONVERT.formatted("UTF-16")});
        marks.put("fd377a585a00", new String[]{"is compressed by xz", "decompress it (xz -d), or use gzip"});
        marks.put("425a68", new String[]{"is compressed by bzip2", "decompress it (bzip2 -d), or use gzip"});
        marks.put("504b0304", new String[]{"is a zip archive, as documents of Office are, too",
            "unpack it (unzip), or save the document as plain text or CSV"});
        marks.put("377abcaf271c", new String[]{"is a 7z archive", "unpack it (7z x)"});
        marks.put("526172211a07", new String[]{"is a RAR archive", "unpack it (unrar x)"});
        marks.put("50415231", new String[]{"is a Parquet file", "convert it to JSONL"});
        marks.put("255044462d", new String[]{"is a PDF document", "save its text as plain text (pdftotext)"});
        marks.put("7b5c727466", new String[]{"is a document in Rich Text Format", "save it as plain text"});
        marks.put("d0cf11e0a1b11ae1", new String[]{"is a document of an old Office", "save it as plain text or CSV"});
        marks.put("53514c69746520666f726d6174203300",
                new String[]{"is an SQLite database", "export its messages as CSV (sqlite3 -csv -header)"});
        marks.put("89504e470d0a1a0a", new String[]{"is a picture (PNG)", "give the text itself"});
        marks.put("ffd8ff", new String[]{"is a picture (JPEG)", "give the text itself"});
        marks.put("47494638", new String[]{"is a picture (GIF)", "give the text itself"});
        marks.put("7f454c46", new String[]{"is a program, not text", "check the path"});
        return marks;
    }

    FileHead(byte[] bytes) {
        this(bytes, null);
    }

    /** Reads what a stream begins with: what is wrong with the bytes after it is for whoever reads them to find. */
    static FileHead of(InputStream in) throws IOException {
        byte[] bytes = new byte[LENGTH];
        int length = 0;
        IOException fault = null;
        while (length < LENGTH && fault == null) {
            try {
                int count = in.read(bytes, length, LENGTH - length);
                if (count < 0) break;
                length += count;
            } catch (IOException e) {
                if (length == 0) throw e;
                fault = e;
            }
        }
        return new FileHead(Arrays.copyOf(bytes, length), fault);
    }

    /** The whole stream again, this head of it included. */
    InputStream before(InputStream rest) {
        InputStream after = fault == null ? rest : new FilterInputStream(rest) {
            @Override
            public int read() throws IOException {
                throw fault;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw fault;
            }
        };
        return new SequenceInputStream(new ByteArrayInputStream(bytes), after);
    }

    boolean isGzip() {
        return startsWith("1f8b");
    }

    boolean isZstandard() {
        return startsWith("28b52ffd");
    }

    /** The encoding that a byte order mark names, other than UTF-8. */
    Optional<Charset> markedEncoding() {
        if (startsWith("0000feff")) return Optional.of(Charset.forName("UTF-32BE"));
        if (startsWith("fffe0000")) return Optional.of(Charset.forName("UTF-32LE"));
        if (startsWith("feff")) return Optional.of(StandardCharsets.UTF_16BE);
        if (startsWith("fffe")) return Optional.of(StandardCharsets.UTF_16LE);
        return Optional.empty();
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
        for (int i = 0; i < Math.min(bytes.length, ZERO_FREE); i++) {
            if (bytes[i] != 0) continue;
            throw BadInput.in(file, "is not UTF-8 text: it looks like UTF-16, UTF-32 or binary data",
                    CONVERT.formatted("UTF-16LE"));
        }
    }
}
