package io.retort.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Opens what a user names as input: a file, or something that can be read only once, such as a pipe, {@code /dev/stdin}
 * or a shell's {@code <(…)}. The latter is read to its end when it is first opened and {@linkplain Spool kept} for as
 * long as the process lives, so that it may be opened any number of times and always holds the same bytes. Any thread.
 */
public final class InputFile {
    private InputFile() {}

    /**
     * Opens a file at its start.
     *
     * @throws BadInput if there is none of that name, if it is a folder, or a pipe into which nobody writes
     */
    public static InputStream open(Path file) throws IOException {
        try {
            if (Files.isDirectory(file)) throw BadInput.in(file, "is a folder", "name a file");
            return BytesRead.counted(Spool.isNeededFor(file) ? Spool.of(file).open() : Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            throw BadInput.in(file, "no such file", "check the path").causedBy(e);
        }
    }

    /**
     * Opens a file at the start of its content: one that is compressed, as its first bytes tell, is decompressed.
     *
     * @throws BadInput as of {@link #open}
     */
    public static InputStream decompressed(Path file) throws IOException {
        InputStream raw = open(file);
        try {
            FileHead head = FileHead.of(raw);
            InputStream whole = head.before(raw);
            return head.isGzip() ? new GzipInput(whole) : whole;
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * Reads all bytes of a file.
     *
     * @param most bytes that it may have
     * @throws BadInput as of {@link #open}, or if it is larger
     */
    public static byte[] bytes(Path file, int most) throws IOException {
        try (InputStream in = open(file)) {
            byte[] bytes = in.readNBytes(most);
            if (in.read() < 0) return bytes;
            throw BadInput.in(file, String.format(java.util.Locale.ROOT, "has more than %,d bytes", most),
                    "check whether it is the file you mean");
        }
    }
}
